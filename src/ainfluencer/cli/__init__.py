"""The same verbs from a terminal. Everything goes through the HTTP API of the running instance, or of one started for it."""

from ainfluencer.cli.app import app, main

__all__ = ["app", "main"]
