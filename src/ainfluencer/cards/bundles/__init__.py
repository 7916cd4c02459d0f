"""Bundles: several cards in one signed file, to be passed on. Makes, checks and lists them."""
