"""Dashboard, first run, search and status: the only pages that span modules."""
