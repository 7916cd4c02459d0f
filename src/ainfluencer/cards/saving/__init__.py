"""Puts a card's text back into its container: the card changes, every other byte of the file stays."""
