"""What the decorators of a lorebook entry order: the first that is understood of each chain, the first of equal names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ainfluencer.cards.converting import decorators
from ainfluencer.cards.linting.lore import CHOICES, NUMBERS

_FLAGS = frozenset(
    [
        *("activate", "dont_activate", "keep_activate_after_match", "dont_activate_after_match"),
        *("ignore_on_max_context", "match_full_word", "match_partial_word"),
        *("recursive", "unrecursive", "no_recursive_search"),
    ]
)
_LISTS = frozenset(["additional_keys", "exclude_keys", "exclude_keys_all"])


@dataclass(frozen=True, slots=True)
class Orders:
    """Decorators by name: whole numbers, words, lists of keys (one list a line), or True; and the text below them."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def number(self, name: str) -> int | None:
        """The whole number that a decorator gives."""
        found = self.values.get(name)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def lists(self, name: str) -> list[list[str]]:
        """The lists of keys that a repeatable decorator gives."""
        found: list[list[str]] = self.values.get(name, [])
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.values


def read(content: str) -> Orders:
    """The orders at the head of an entry's content. A line that is not understood falls back to the @@@ lines below it."""
    lines, text = decorators.split(content)
    values: dict[str, Any] = {}
    is_settled = False
    for line in lines:
        if not line.startswith("@@@"):
            is_settled = False
        if is_settled:
            continue
        name = decorators.name_of(line)
        value = _value(name, line.partition(" ")[2].strip())
        if value is not None:
            is_settled = True
            _keep(values, name, value)
    return Orders(text.strip() if lines else content, values)


def _keep(values: dict[str, Any], name: str, value: Any) -> None:
    if name in _LISTS:
        values.setdefault(name, []).append(value)
    else:
        values.setdefault(name, value)


def _value(name: str, given: str) -> Any:
    """The value of a decorator, or None when the name or the value is not understood."""
    if name in NUMBERS:
        return int(given) if re.fullmatch(r"-?\d{1,9}", given) else None
    if name in CHOICES:
        return given if given in CHOICES[name] else None
    if name in _LISTS:
        return [part.strip() for part in given.split(",") if part.strip()] or None
    if name in _FLAGS:
        return True
    return given if name in decorators.NAMES and given else None


Reader = Callable[[str], Orders]


def unread(content: str) -> Orders:
    """What programs without decorators make of a content: all of it is text, but for two orders that SillyTavern knows."""
    lines, text = decorators.split(content)
    known = [name for line in lines if (name := decorators.name_of(line)) in {"activate", "dont_activate"}]
    if not known or len(known) != len(lines):
        return Orders(content)
    return Orders(text, dict.fromkeys(known, True))
