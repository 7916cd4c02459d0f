"""What is ready: search, tags, folders, collections and approval of media. Refuses to make or publish anything."""
