"""One file per step, in the order of their dates; never edited once released."""
