"""Alembic: the environment and the dated steps from one shape of the tables to the next."""
