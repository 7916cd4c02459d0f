"""Local programs, installers and model files. Refuses: anything that generates (makers) or is a job (engine)."""
