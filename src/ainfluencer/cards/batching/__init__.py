"""Works through thousands of card files: which files, what is done with one, the ledger that a second run goes on from."""
