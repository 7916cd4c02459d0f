"""The library of cards: every card with its versions, fingerprints and measures, found by words and filters."""
