"""Words of a character: captions, poster words, replies, themes. Refuses: publishing them, and deciding alone."""
