"""When: weeks and their slots. Turns a character into a plan, and a plan into posts for review."""
