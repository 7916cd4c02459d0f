"""Durable work behind a small door: jobs, schedules, events, workers. No domain word; only `durable.py` knows DBOS."""
