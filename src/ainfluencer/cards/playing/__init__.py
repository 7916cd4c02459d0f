"""A card as a chat program plays it: macros, dialogue, which lore fires and why, and the prompt that is sent. Pure but for its routes."""
