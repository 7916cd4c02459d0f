"""Makers: connected generators of text and pictures. Refuses: deciding what to make (studio, writing)."""
