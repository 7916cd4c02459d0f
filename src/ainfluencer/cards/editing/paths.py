"""Paths into JSON: tuples of keys and places, written like extensions.depth_prompt.depth or alternate_greetings[1]."""

from __future__ import annotations

import re
from typing import Any

from ainfluencer.core.errors import InvalidInput, NotFound

Path = tuple[str | int, ...]
_STEP = re.compile(r"\[(?P<at>[^\]]*)\]|(?:^|\.)(?:\"(?P<quoted>[^\"]*)\"|(?P<name>[^.\[\"]+))")


class PathMissing(NotFound):
    """A path leads nowhere in this card."""

    code = "field_missing"
    default_next_step = "Check the name and the number; places are counted from 0."

    def __init__(self, path: Path) -> None:
        super().__init__(f"The card has no {shown(path)}.", field=shown(path))
        self.path = path


def stepped(value: Any, path: Path) -> Any:
    """The value at a path. `PathMissing` when it leads nowhere."""
    for step in path:
        if isinstance(value, list):
            if not isinstance(step, int) or not 0 <= step < len(value):
                raise PathMissing(path)
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            raise PathMissing(path)
    return value


def shown(path: Path) -> str:
    """A path as people write it."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.startswith("[") and step.endswith("]"):
            out += step
        else:
            out += f".{step}" if re.fullmatch(r"[^.\[\"]+", step) else f'."{step}"'
    return out.removeprefix(".")


def parsed(text: str) -> tuple[str | int, ...]:
    """Steps of a written path. In brackets: a place, + for a new last one, or id:NAME, which stay as text.

    `InvalidInput` when it cannot be meant.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if not found:
            raise InvalidInput(
                f"“{text[:80]}” is not the name of a field.", "Write it like extensions.depth_prompt.depth or tags[0]."
            )
        at = found["at"]
        if at is None:
            steps.append(found["quoted"] if found["quoted"] is not None else found["name"])
        else:
            steps.append(int(at) if at.isascii() and at.isdigit() and len(at) < 10 else f"[{at}]")
        position = found.end()
    if not steps:
        raise InvalidInput("A field needs a name.", "Write it like name or tags[0].")
    return tuple(steps)
