"""JSON whose numbers remember how they were spelled, so that 1e3 is written as 1e3 wherever it goes."""

from __future__ import annotations

import json
import re
from typing import Any, Self

_MINUS_NOTHING = re.compile(r"-0(?![0-9.eE])")


class SourceFloat(float):
    """A number with a point or an exponent that remembers how it was spelled."""

    __slots__ = ("spelling",)
    spelling: str

    def __new__(cls, spelling: str) -> Self:
        """Read `spelling`; too large ones are infinite as a number and keep their digits as text."""
        made = super().__new__(cls, spelling)
        made.spelling = spelling
        return made

    def __str__(self) -> str:
        """As it was spelled: a version of 1.10 is not 1.1."""
        return self.spelling

    def __copy__(self) -> Self:
        """Itself: numbers do not change."""
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        """Itself: numbers do not change."""
        return self


def load(text: str) -> Any:
    """JSON with numbers that keep their spelling; control characters in strings are allowed."""
    return decoder(text).decode(text)


def decoder(text: str, odd: list[str] | None = None, *, is_strict: bool = False) -> json.JSONDecoder:
    """The decoder for a text. NaN and Infinity, which are no JSON, are read as null and go into `odd`.

    `is_strict` forbids raw line breaks in strings.
    """
    whole = (
        _whole if "-0" in text and _MINUS_NOTHING.search(text) else None
    )  # a call for each number: few texts need it
    words = [] if odd is None else odd
    return json.JSONDecoder(strict=is_strict, parse_float=SourceFloat, parse_int=whole, parse_constant=words.append)


def is_json(text: str) -> bool:
    """Whether every parser takes a text."""
    odd: list[str] = []
    try:
        decoder(text, odd, is_strict=True).decode(text)
    except (ValueError, RecursionError):
        return False
    return not odd


def _whole(digits: str) -> Any:
    return SourceFloat(digits) if digits == "-0" else int(digits)
