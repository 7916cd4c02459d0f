"""The files that a card carries beside its words (V3's assets): seen, added, exchanged, renamed, taken out and handed over.

Works on bytes; only the routes know a library. What is not named stays as it is, to the last byte.
"""
