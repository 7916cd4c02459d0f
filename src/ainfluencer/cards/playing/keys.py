"""Finds the keys of lorebook entries in texts: plain, whole words, or patterns that may not take long."""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from ainfluencer.cards.linting import lore as rules

SECONDS_A_PATTERN = 0.1
SECONDS_IN_ALL = 2.0
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is searched: a message of the chat (`at` counts from the oldest) or an entry that fired before."""

    kind: str  # message | entry
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a key was found: characters of the text it names."""

    key: str
    kind: str
    at: int
    start: int
    end: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return asdict(self)


class Searcher:
    """Searches texts for keys. A pattern that runs too long counts as not found and is told in `slow`; an invalid one in
    `invalid`.
    """

    def __init__(self) -> None:
        self.slow: set[str] = set()
        self.invalid: set[str] = set()
        self._spent = 0.0

    def first(self, key: str, texts: list[Text], *, is_pattern: bool, is_cased: bool, is_whole: bool) -> Mark | None:
        """The place of a key in the newest text that has it. `is_pattern` also takes a key without slashes as a pattern."""
        key = key.strip()
        if not key:
            return None
        compiled = self._compiled(key, is_pattern=is_pattern, is_cased=is_cased, is_whole=is_whole)
        if compiled is None:
            return None
        for text in reversed(texts):
            if span := self._span(key, compiled, text.text):
                return Mark(key, text.kind, text.at, *span)
        return None

    def _compiled(self, key: str, *, is_pattern: bool, is_cased: bool, is_whole: bool) -> Any:
        found = rules.JS_PATTERN.match(key)
        if found or is_pattern:
            flags = found["flags"] if found else "" if is_cased else "i"
            made = _pattern(found["body"] if found else key, flags)
            if made is None:
                self.invalid.add(key)
            return made
        return _words(key, is_cased=is_cased, is_whole=is_whole)

    def _span(self, key: str, compiled: Any, text: str) -> tuple[int, int] | None:
        if isinstance(compiled, re.Pattern):
            found = compiled.search(text)
            return found.span(1) if found else None
        if key in self.slow or self._spent > SECONDS_IN_ALL:
            self.slow.add(key)
            return None
        began = time.monotonic()
        try:
            found = compiled.search(text, timeout=SECONDS_A_PATTERN)
        except TimeoutError:
            self.slow.add(key)
            found = None
        self._spent += time.monotonic() - began
        return found.span() if found else None


@lru_cache(maxsize=20_000)
def _words(key: str, *, is_cased: bool, is_whole: bool) -> re.Pattern[str]:
    """A plain key. As SillyTavern does it, the edges of words are asked only for keys of one word."""
    spelled = re.escape(key)
    edged = rf"(?<!\w)({spelled})(?!\w)" if is_whole and not re.search(r"\s", key) else f"({spelled})"
    return re.compile(edged, 0 if is_cased else re.IGNORECASE)


@lru_cache(maxsize=5_000)
def _pattern(body: str, flags: str) -> Any:
    if len(body) > rules.LONGEST_PATTERN:
        return None
    import regex  # noqa: PLC0415 - knows a time limit, and look-behinds as JavaScript has them

    try:
        return regex.compile(rules.respelled(body), sum(_FLAGS.get(flag, 0) for flag in set(flags)))
    except (regex.error, OverflowError, RecursionError, ValueError):
        return None
