"""Reads a card out of any container, without a session or a picture library; every limit against hostile files is here."""
