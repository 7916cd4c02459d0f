"""Brings a card or brief from the disk into the studio."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits
from ainfluencer.cli.instance import Instance
from ainfluencer.core.errors import InvalidInput


def read_source(path: str) -> tuple[str, bytes]:
    """Name and bytes of a file, or of standard input for “-”. `InvalidInput` when it cannot be read."""
    most = limits.MAX_FILE + 1  # a device or a pipe does not say how long it is
    name = "stdin.md" if path == "-" else Path(path).name
    try:
        if path == "-":
            data = sys.stdin.buffer.read(most)
        else:
            with Path(path).open("rb") as stream:
                data = stream.read(most)
    except (OSError, ValueError) as e:  # ValueError: a path with a null character
        said = e.strerror if isinstance(e, OSError) else e
        raise InvalidInput(f"“{path}” cannot be read: {said}.", "Check the path of the card or brief.") from None
    if len(data) == most:
        raise CardRefused(
            Reason.TOO_LARGE, f"“{name}” is larger than the {limits.MAX_FILE // 1_000_000} MB that a card may have."
        )
    return name, data


def bring(instance: Instance, path: str, *, reuse: bool) -> dict[str, Any]:
    """Import a character; with `reuse`, the one that this very file became before is taken again."""
    name, data = read_source(path)
    answer: dict[str, Any] = instance.call(
        "POST", "/characters/import", files={"file": (name, data)}, data={"reuse": str(reuse).lower()}
    )
    return answer
