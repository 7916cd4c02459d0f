"""One folder per platform; found by scanning, never listed anywhere."""
