"""Changes a card's text where it is told to and nowhere else: a JSON document that keeps its source, and fields by meaning."""
