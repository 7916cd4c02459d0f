"""What launch.py does once a fitting Python runs it. Standard library only: nothing is installed yet."""
