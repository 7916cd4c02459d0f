"""Owns who a character is: identity, persona, look, source material, consent. Refuses to know cards, posts or models."""
