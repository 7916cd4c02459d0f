"""Owns character cards and briefs: reads every container, understands what a card says, keeps the file as it came.

Refuses to know posts, channels or models.
"""
