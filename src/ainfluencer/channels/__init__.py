"""Owns connected accounts and the adapters of their platforms. Refuses to know posts, drafts and replies."""
