"""Two versions of a card side by side, and two edits of one card brought together."""
