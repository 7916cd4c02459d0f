"""Brings a card or brief from the disk into the studio."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ainfluencer.cli.instance import Instance
from ainfluencer.core.errors import InvalidInput

MAX_SOURCE_BYTES = 100_000_000


def read_source(path: str) -> tuple[str, bytes]:
    """Name and bytes of a file, or of standard input for “-”. `InvalidInput` when it cannot be read."""
    if path == "-":
        return "stdin.md", sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
    file = Path(path)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES + 1)  # a device or a pipe does not say how long it is
    except (OSError, ValueError) as e:  # ValueError: a path with a null character
        said = e.strerror if isinstance(e, OSError) else e
        raise InvalidInput(f"“{path}” cannot be read: {said}.", "Check the path of the card or brief.") from None
    if len(data) > MAX_SOURCE_BYTES:
        raise InvalidInput(
            f"“{file.name}” is larger than the {MAX_SOURCE_BYTES // 1_000_000} MB that a card or brief may have.",
            "Check that it is the right file.",
        )
    return file.name, data


def bring(instance: Instance, path: str, *, reuse: bool) -> dict[str, Any]:
    """Import a character; with `reuse`, the one that this very file became before is taken again."""
    name, data = read_source(path)
    answer: dict[str, Any] = instance.call(
        "POST", "/characters/import", files={"file": (name, data)}, data={"reuse": str(reuse).lower()}
    )
    return answer
