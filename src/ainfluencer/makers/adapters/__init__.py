"""One folder for each maker; found by scanning, never named elsewhere."""
