"""Limits of time and memory for files that strangers made. Sizes in bytes."""

from __future__ import annotations

MAX_FILE = 200_000_000  # a CharX with many pictures
MAX_PAYLOAD = 64_000_000  # decoded card text; the largest honest ones are below 10 MB
MAX_CHUNKS = 200_000  # chunks of a PNG
MAX_TEXT_CHUNKS = 4_096  # card and text chunks that are looked at
MAX_DEPTH = 200  # nesting of JSON; the deepest honest card seen has 12
MAX_YAML_DEPTH = 50
MAX_PARTS = 3_000_000  # commas and opening brackets of a JSON text, which is what its objects take memory for
MAX_ZIP_ENTRIES = 10_000
MAX_ZIP_DIRECTORY = 4_000_000
MAX_ZIP_MEMBER = 50_000_000  # as Risu limits its own
MAX_UNPACKED = 400_000_000  # all members of an archive together
MAX_RATIO = 300  # deflate's ceiling is 1032; text reaches about 20
MAX_LAYERS = 4  # base64 in base64 in an envelope
MAX_YAML = 4_000_000
