"""Where the members of a JSON object or array lie in a text that has been parsed before; nothing is built here.

Works on the mended forms that the reader accepts too: raw control characters, commas before a closing bracket.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_SPACE = " \t\r\n"
_BLANK = re.compile(r"[ \t\r\n]*+")
_GAP = re.compile(r"[ \t\r\n,]*+")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(r'[^\s,:"\[\]{}]++')
# Strings are matched whole, so that brackets inside them do not count.
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_LEADING = re.compile("[\ufeff\0 \t\r\n]*+")
_decoder = json.JSONDecoder(strict=False)


class NotJson(ValueError):
    """The text at this place is not JSON, not even in the forms that are mended."""

    def __init__(self, at: int) -> None:
        super().__init__(f"not JSON at character {at}")
        self.at = at


@dataclass(frozen=True, slots=True)
class Member:
    """One member: `lead` is where the text before it begins (its comma, its blanks), `start` to `end` is its value.

    In an object the key stands from `key_start` to `key_end`, quotation marks included.
    """

    key: str | int
    lead: int
    key_start: int
    key_end: int
    start: int
    end: int


def first(text: str) -> int:
    """Where the document's value begins: after a byte-order mark, NULs and blanks."""
    found = _LEADING.match(text)
    return found.end() if found else 0


def value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends. The parser of the standard library does it where it can, being in C."""
    try:
        return _decoder.raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return _walked_end(text, at)


def _walked_end(text: str, at: int) -> int:
    head = text[at : at + 1]
    if head == '"':
        found = _STRING.match(text, at)
    elif head in {"{", "["}:
        return _container_end(text, at)
    else:
        found = _SCALAR.match(text, at)
    if not found:
        raise NotJson(at)
    return found.end()


def _container_end(text: str, at: int) -> int:
    depth = 0
    for found in _NESTING.finditer(text, at):
        mark = text[found.start()]
        depth += (mark in "{[") - (mark in "}]")
        if not depth:
            return found.end()
    raise NotJson(at)


def members(text: str, at: int) -> list[Member]:
    """The members of the object or array that begins at `at`, in their order; duplicate keys are all listed."""
    is_object = text[at] == "{"
    out: list[Member] = []
    position = at + 1
    while True:
        lead = position
        position = _skip(_GAP, text, position)
        if text[position : position + 1] in {"}", "]"}:
            return out
        key: str | int = len(out)
        key_start = key_end = position
        if is_object:
            key, key_end = _key(text, position)
            position = _skip(_BLANK, text, key_end)
            if text[position : position + 1] != ":":
                raise NotJson(position)
            position = _skip(_BLANK, text, position + 1)
        end = value_end(text, position)
        out.append(Member(key, lead, key_start, key_end, position, end))
        position = end


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _key(text: str, at: int) -> tuple[str, int]:
    if text[at : at + 1] != '"':
        raise NotJson(at)
    try:
        key, end = _decoder.raw_decode(text, at)
    except ValueError:
        raise NotJson(at) from None
    return str(key), end
