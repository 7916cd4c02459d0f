"""Scores, gates and the safety rating. Says what it measured; a person decides."""
