"""Bundles: several cards in one signed file, to be passed on. Makes, checks and lists them."""

SUFFIX = ".cardbundle"
LIST = "bundles.json"  # what a folder or server offers
MOST_CARDS = 1000
