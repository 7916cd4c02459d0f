"""A JSON document that keeps its source: what is not touched leaves as it came, to the last byte.

Duplicate keys, the order of keys, 9007199254740993, 1.0, 1e3, -0.0, escapes and indentation all stay.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from ainfluencer.cards.editing import scanning
from ainfluencer.cards.editing.paths import Path, PathMissing, stepped
from ainfluencer.cards.editing.scanning import Member
from ainfluencer.cards.editing.styles import Style, detect, indent_at
from ainfluencer.cards.editing.tree import Tree
from ainfluencer.cards.reading import decoding, numbers
from ainfluencer.cards.reading.values import Notes


class Document(Tree):
    """A JSON text and its value. Paths are tuples of keys and places: ("data", "tags", 0).

    `text` is the present text; unchanged, it is the very text that came in. Raises `PathMissing` for a path that leads
    nowhere, `NotJson` when the text is not JSON.
    """

    def __init__(self, text: str, *, encoding: str = "utf-8", root: Any = None) -> None:
        """`root` is the parsed text, where the caller has it."""
        self._text = text
        self._encoding = encoding
        self._root: Any = root
        self._is_parsed = root is not None
        self._style: Style | None = None
        self.is_changed = False

    @property
    def root(self) -> Any:
        """The parsed document. Look at it; to change it, use `set`."""
        if not self._is_parsed:
            self._root, self._is_parsed = decoding.parse(self.text, Notes()), True
        return self._root

    @property
    def text(self) -> str:
        """The present text; unchanged, the very text that came in."""
        return self._text

    @property
    def style(self) -> Style:
        """How the document is written."""
        if self._style is None:
            self._style = detect(self.text, self._encoding)
        return self._style

    def source(self, path: Path) -> str:
        """The text of the value at a path, as it is written."""
        start, end = self._span(path)
        return self.text[start:end]

    def strict(self) -> str:
        """The document as JSON that every parser takes: its own text without what stands around it, mended where need be."""
        start, end = self._span(())
        text = self.text[start:end]
        return text if numbers.is_json(text) else self.style.value(self.root)

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path. A key that is not there is added as the last of its object; an equal value changes nothing.

        Inside objects and lists only what differs is written anew.
        """
        old = self.get(path, self)
        if old is not self:
            start, end = self._span(path)
            self._splice(start, end, self._rewritten(start, end, old, value, self._indent(path, start)))
            return
        parent = stepped(self.root, path[:-1])
        if isinstance(parent, dict) and isinstance(path[-1], str):
            self.set(path[:-1], {**parent, path[-1]: value})
        elif isinstance(parent, list) and path[-1] == len(parent):
            self.set(path[:-1], [*parent, value])
        else:
            raise PathMissing(path)

    def remove(self, path: Path) -> None:
        """Take a member out with its comma; of a duplicate key, all of them."""
        stepped(self.root, path)
        parent = stepped(self.root, path[:-1])
        if isinstance(parent, dict):
            self.set(path[:-1], {key: value for key, value in parent.items() if key != path[-1]})
        else:
            self.set(path[:-1], [value for number, value in enumerate(parent) if number != path[-1]])

    def insert(self, path: Path, value: Any) -> None:
        """Put a value into a list before the place that the path's last step names."""
        parent, at = stepped(self.root, path[:-1]), path[-1]
        if not isinstance(parent, list) or not isinstance(at, int):
            raise PathMissing(path)
        self.set(path[:-1], [*parent[:at], value, *parent[at:]])

    def append(self, path: Path, value: Any) -> None:
        """Put a value at the end of the list at this path."""
        self.insert((*path, len(stepped(self.root, path))), value)

    def rename(self, path: Path, key: str) -> None:
        """Give a member another key, in its place. `PathMissing` when it is not in an object or the new key is taken."""
        parent = stepped(self.root, path[:-1])
        stepped(self.root, path)
        if not isinstance(parent, dict) or (key in parent and key != path[-1]):
            raise PathMissing((*path[:-1], key))
        start, _ = self._span(path[:-1])
        for member in reversed([m for m in scanning.members(self.text, start) if m.key == path[-1]]):
            self._splice(member.key_start, member.key_end, self.style.string(key))

    def _splice(self, start: int, end: int, new: str) -> None:
        if self.text[start:end] == new:
            return
        style = self.style  # as the text was before anybody changed it
        self._text = self.text[:start] + new + self.text[end:]
        self._style, self._is_parsed, self.is_changed = style, False, True

    def _span(self, path: Path) -> tuple[int, int]:
        at = scanning.first(self.text)
        for step in path:
            found = [m for m in scanning.members(self.text, at) if m.key == step]
            if not found:
                raise PathMissing(path)
            at = found[-1].start  # of equal keys the last one counts, as every parser has it
        return at, scanning.value_end(self.text, at)

    def _indent(self, path: Path, start: int) -> str:
        return self._before(start) if path else ""

    def _before(self, at: int) -> str:
        """The white space before a line; a document without lines is not searched for its beginning."""
        return indent_at(self.text, at) if self.style.indent else ""

    def _rewritten(self, start: int, end: int, old: Any, new: Any, before: str) -> str:
        """The text of `new`, with every part that equals `old` as it stood from `start` to `end`."""
        if same(old, new):
            return self.text[start:end]
        if isinstance(old, dict) and isinstance(new, dict) and old:
            return self._rewritten_object(start, end, old, new)
        if isinstance(old, list) and isinstance(new, list) and old:
            return self._rewritten_list(start, end, old, new)
        return self.style.value(new, before)

    def _rewritten_object(self, start: int, end: int, old: dict[str, Any], new: dict[str, Any]) -> str:
        found = scanning.members(self.text, start)
        last = {m.key: m.start for m in found}
        parts: list[tuple[Member | None, str]] = []
        for member in found:
            key = str(member.key)
            if key not in new:
                continue
            body = self.text[member.start : member.end]
            if last[key] == member.start:
                before = self._before(member.key_start)
                body = self._rewritten(member.start, member.end, old[key], new[key], before)
            parts.append((member, self.text[member.key_start : member.start] + body))
        frame = _Frame(self.text, start, end, found, self.style)
        added = {key: value for key, value in new.items() if key not in old}
        parts += [(None, frame.pair_of(self.style, key, value)) for key, value in added.items()]
        return frame.around(parts)

    def _rewritten_list(self, start: int, end: int, old: list[Any], new: list[Any]) -> str:
        found = scanning.members(self.text, start)
        frame = _Frame(self.text, start, end, found, self.style)
        parts: list[tuple[Member | None, str]] = []
        for theirs, ours in _paired(old, new):
            if ours < 0:
                continue
            if theirs < 0:
                parts.append((None, self.style.value(new[ours], frame.inner)))
                continue
            member = found[theirs]
            before = self._before(member.start)
            parts.append((member, self._rewritten(member.start, member.end, old[theirs], new[ours], before)))
        return frame.around(parts)


class _Frame:
    """The brackets, blanks and commas of one container that has members, and members put between them anew."""

    def __init__(self, text: str, start: int, end: int, found: Sequence[Member], style: Style) -> None:
        self._text, self._start, self._end, self._found = text, start, end, found
        first, last = found[0], found[-1]
        self._first = text[first.lead : first.key_start]
        has_lines = "\n" in self._first
        self.inner = indent_at(text, first.key_start if has_lines else start) if style.indent else ""
        self.pair = text[last.key_end : last.start] or style.pair
        self._next = (
            text[last.lead : last.key_start] if len(found) > 1 else f",{self._first}" if has_lines else style.item
        )

    def pair_of(self, style: Style, key: str, value: Any) -> str:
        """A new key with its value."""
        return f"{style.string(key)}{self.pair}{style.value(value, self.inner)}"

    def around(self, parts: Sequence[tuple[Member | None, str]]) -> str:
        opening, closing = self._text[self._start], self._text[self._end - 1]
        if not parts:
            return opening + closing
        out = [opening]
        for number, (member, body) in enumerate(parts):
            if number == 0:
                out.append(self._first)
            elif member is None or member is self._found[0]:
                out.append(self._next)
            else:
                out.append(self._text[member.lead : member.key_start])
            out.append(body)
        return "".join([*out, self._text[self._found[-1].end : self._end - 1], closing])


def same(a: Any, b: Any) -> bool:
    """Whether two parsed values are equal in value and kind: 1, 1.0 and true differ, as do 0.0 and -0.0."""
    if a is b:
        return True
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(value, b[key]) for key, value in a.items())
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return isinstance(b, float) and repr(float(a)) == repr(float(b))
    return type(a) is type(b) and bool(a == b)


def _paired(old: list[Any], new: list[Any]) -> list[tuple[int, int]]:
    """Places of `old` and `new` that belong together, in the order of `new`; -1 where there is no partner."""
    head = 0
    while head < min(len(old), len(new)) and same(old[head], new[head]):
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
        tail += 1
    pairs = [(n, n) for n in range(head)]
    pairs += _matched(old, new, (head, len(old) - tail), (head, len(new) - tail))
    return pairs + [(len(old) - n, len(new) - n) for n in range(tail, 0, -1)]


def _matched(old: list[Any], new: list[Any], theirs: tuple[int, int], ours: tuple[int, int]) -> list[tuple[int, int]]:
    (a, b), (c, d) = theirs, ours
    if b - a == d - c:
        return list(zip(range(a, b), range(c, d), strict=True))
    before, after = ([json.dumps(v, sort_keys=True) for v in part] for part in (old[a:b], new[c:d]))
    if len(set(before)) * 8 < b - a:  # many equal items would make the comparison quadratic
        before, after = [""] * (b - a), ["-"] * (d - c)
    pairs: list[tuple[int, int]] = []
    for _, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        both = min(i2 - i1, j2 - j1)
        pairs += [(a + i1 + n, c + j1 + n) for n in range(both)]
        pairs += [(a + n, -1) for n in range(i1 + both, i2)] + [(-1, c + n) for n in range(j1 + both, j2)]
    return pairs
