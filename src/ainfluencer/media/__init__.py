"""Files: content-addressed storage, variants, probes, provenance. Refuses to know what a file is for."""
