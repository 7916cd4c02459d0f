"""Checks a card by named rules with safe fixes, counts its tokens, and says how good its state is."""
