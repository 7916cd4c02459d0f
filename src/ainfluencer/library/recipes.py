"""A recipe as facts that a person can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = (
    ("format", "Format"),
    ("mood", "Mood"),
    ("title", "Title"),
    ("body", "Text"),
    ("items", "Lines"),
    ("kicker", "Small line above"),
    ("attribution", "Signed"),
    ("prompt", "Prompt"),
    ("negative_prompt", "Without"),
    ("model", "Model"),
    ("seed", "Seed"),
)
_DRAWN = (
    ("variant", "Layout"),
    ("palette", "Colours"),
    ("fonts", "Fonts"),
    ("renderer", "Drawn by"),
    ("notes", "Notes"),
)


def facts_of(made: Mapping[str, Any], asked: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What was asked for, then what the maker made of it; empty values are left out.

    `asked` is the run's recipe and may be empty (an asset without a run): then the maker's own copy of it is read.
    """
    request = asked or made.get("request") or made
    pairs = [(label, _text(request.get(key))) for key, label in _WORDS]
    pairs += [(label, _text(made.get(key))) for key, label in _DRAWN]
    size = (request.get("width"), request.get("height"))
    if all(size):
        pairs.append(("Size", f"{size[0]} × {size[1]}"))
    return tuple((label, text) for label, text in pairs if text)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return " · ".join(str(part) for part in value)
    if value is None or value == "":
        return ""
    return (
        str(value).replace("_", " ") if isinstance(value, str) and value.islower() and " " not in value else str(value)
    )
