"""How a JSON document is written (indent, separators, escapes), and new values written in the same way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.reading.numbers import SourceFloat

_LINE = re.compile(r"\n([ \t]*)(?=[\"\[{\]}])")
_FIRST = re.compile(r"[{\[](\r?\n)([ \t]+)(?=[\"\[{])")
_PAIR = re.compile(r'"([ \t]*:[ \t]*)(?=["\[{tfn\d-])')
_ITEM = re.compile(r'["}\]el\d](,[ ]*)(?=["\[{])')
_BLANKS = re.compile(r"[ \t]*")
_ESCAPED = re.compile(r"\\u(?!00[0-7])[0-9a-fA-F]{4}")


@dataclass(frozen=True, slots=True)
class Style:
    """`indent` is one level ("" when everything stands on one line), `pair` and `item` are what separates."""

    indent: str = ""
    newline: str = "\n"
    pair: str = ": "
    item: str = ", "
    is_ascii: bool = False
    encoding: str = "utf-8"

    def scalar(self, value: Any) -> str:
        """One string, number, true, false or null."""
        if isinstance(value, SourceFloat):
            return value.spelling
        if isinstance(value, str):
            return self.string(value)
        return json.dumps(value)

    def string(self, value: str) -> str:
        """A string with its quotation marks; what the file's encoding cannot hold is escaped."""
        if self.is_ascii:
            return json.dumps(value)
        text = json.dumps(value, ensure_ascii=False)
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return "".join(c if _fits(c, self.encoding) else json.dumps(c)[1:-1] for c in text)
        return text

    def value(self, value: Any, before: str = "") -> str:
        """Any value. `before` is the white space that the line of its opening bracket begins with."""
        if isinstance(value, Mapping):
            pairs = [f"{self.string(str(k))}{self.pair}{self.value(v, before + self.indent)}" for k, v in value.items()]
            return self.joined(pairs, "{}", before)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return self.joined([self.value(v, before + self.indent) for v in value], "[]", before)
        return self.scalar(value)

    def joined(self, parts: Sequence[str], brackets: str, before: str) -> str:
        """Members between brackets, each on a line of its own where the document has lines."""
        if not parts:
            return brackets
        if not self.indent:
            return brackets[0] + self.item.join(parts) + brackets[1]
        inner = f"{self.newline}{before}{self.indent}"
        return f"{brackets[0]}{inner}{f',{inner}'.join(parts)}{self.newline}{before}{brackets[1]}"


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def detect(text: str, encoding: str = "utf-8") -> Style:
    """The style of a document, by its first lines, its first pair, its first comma and its escapes."""
    first = _FIRST.search(text) if "\n" in text else None
    pair = _PAIR.search(text)
    item = _ITEM.search(text)
    widths = {len(found) for found in _LINE.findall(text[:20_000])} - {0} if first else set[int]()
    return Style(
        indent=first.group(2)[: min(widths)] if first and widths else "",
        newline=first.group(1) if first else "\n",
        pair=pair.group(1) if pair else ": ",
        item=item.group(1) if item else ", " if not pair or pair.group(1) != ":" else ",",
        is_ascii=text.isascii() and "\\u" in text and bool(_ESCAPED.search(text)),
        encoding=encoding,
    )


def indent_at(text: str, at: int) -> str:
    """The white space that the line of this place begins with."""
    found = _BLANKS.match(text, text.rfind("\n", 0, at) + 1, at)
    return found.group() if found else ""
