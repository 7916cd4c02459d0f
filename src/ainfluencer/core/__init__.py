"""Words without a domain: errors, settings, time, ids, secrets. Imports nothing of ours."""
