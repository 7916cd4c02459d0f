"""What the forge finds and writes by rules alone, without a model: names, statements, spoken lines, and fields made of them."""
