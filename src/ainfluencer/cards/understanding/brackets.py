"""What stands in brackets: PList, JED+, boostyle and W++ blocks, read by one small grammar.

block = item {(";" | newline) item}        item = [label (":" | "=")] value {("," | "+" | "|") value}
value = text | '"' text '"' | label "(" value {"/" value} ")"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = {'"': '"', "“": "”"}
_MARK = re.compile(r"[\[\]]")
_CALL = re.compile(r"^([A-Za-z][\w '’&-]{0,40}?)\s*\(\s*(.*)\)\s*$", re.DOTALL)
_TIGHT_CALL = re.compile(r"^([A-Za-z]\w{1,30})\((.*)\)\s*$", re.DOTALL)
_LABEL = re.compile(r"^\s*[-•*_]*\s*([^\W\d_][^:=;\[\]{}\n]{0,60}?)\s*[*_]*\s*[:=]\s*", re.DOTALL)
_CALLS = re.compile(r"[A-Za-z][\w /&'’-]{0,40}\s*\(\s*[\"“]")
_OWNER = re.compile(r"^.{1,60}?['’]s\s+(?=\w)")


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every balanced [block] of at least ten characters that no other holds."""
    opened: list[int] = []
    closes: dict[int, int] = {}
    for mark in _MARK.finditer(text):
        if mark.group() == "[":
            opened.append(mark.start())
        elif opened:
            closes[opened.pop()] = mark.start()
    at = 0
    for start in sorted(closes):
        end = closes[start]
        if start >= at and end - start > 10 and text[end + 1 : end + 2] != "(":
            yield start, end + 1
            at = end + 1


def read(inner: str, own: frozenset[str]) -> list[tuple[str, list[str]]]:
    """Labels with their values, in order; empty when the block is not a list of attributes but a remark."""
    found: list[tuple[str, list[str]]] = []
    for item in split(inner, ";\n"):
        found += _item(item, own)
    return found if len(found) >= 2 or (found and len(found[0][1]) >= 3) else []


def split(text: str, separators: str) -> list[str]:
    """The parts between separators that stand outside of brackets and quotation marks."""
    parts, depth, closing, begin = [], 0, "", 0
    for i, char in enumerate(text):
        if closing:
            closing = "" if char == closing else closing
        elif char in _QUOTES:
            closing = _QUOTES[char] if _QUOTES[char] in text[i + 1 :] else ""
        elif char in _PAIRS:
            depth += 1
        elif char in _PAIRS.values():
            depth = max(0, depth - 1)
        elif char in separators and not depth:
            parts.append(text[begin:i])
            begin = i + 1
    parts.append(text[begin:])
    return [part.strip() for part in parts if part.strip()]


def label_of(text: str) -> str:
    """A label folded: without its owner, case and underscores."""
    return re.sub(r"[\s_]+", " ", _OWNER.sub("", text)).strip(" *\"'“”").casefold()


def _item(item: str, own: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
    labelled = _LABEL.match(item)
    if not labelled:
        call = _CALL.match(item)
        if call and not split(call[2], "/")[1:]:
            yield label_of(call[1]), _values(call[2])
        elif len(_CALLS.findall(item)) > 1:
            yield from _calls(item)
        return
    raw = labelled[1].strip(" \"'“”")
    label = (
        "" if raw.casefold() in own or raw.casefold().removesuffix("'s").removesuffix("’s") in own else label_of(raw)
    )
    body = item[labelled.end() :].strip()
    if body.startswith(("[", "{", "(")) and _closing(body, 0) == len(body) - 1:
        body = body[1:-1]
    parts = split(body, ",+|")
    if len(parts) == 1 and parts[0].count("/") >= 2 and " / " not in parts[0]:
        parts = split(parts[0], "/")
    calls = [_TIGHT_CALL.match(part) for part in parts]
    if sum(map(bool, calls)) * 2 > len(parts):
        # “Persona: traits(kind/shy), fears(fog)”: each of them is an attribute, the label only heads them.
        for part in filter(None, calls):
            yield label_of(part[1]), _plain(split(part[2], "/|,+"))
        return
    if label in {"character", "char", "name"}:
        yield "name", _plain(parts[:1])
    else:
        yield label or "personality", _plain(parts)


def _calls(item: str) -> Iterator[tuple[str, list[str]]]:
    at = 0
    while opened := _CALLS.search(item, at):
        start = item.index("(", opened.start())
        end = _closing(item, start)
        if end < 0:
            return
        yield label_of(item[opened.start() : start]), _values(item[start + 1 : end])
        at = end + 1


def _values(text: str) -> list[str]:
    return _plain(split(text, ",+|;"))


def _plain(parts: list[str]) -> list[str]:
    spaced = [re.sub(r"\s+\)", ")", re.sub(r"\s*\(\s*", " (", re.sub(r"\s+", " ", part))) for part in parts]
    stripped = [part.strip(' \t"“”+,;*/') for part in spaced]
    return [part.rstrip(".") if part.count(".") == 1 else part for part in stripped if any(c.isalnum() for c in part)]


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, -1 when it never does. Quotation marks do not hide brackets here."""
    depth = 0
    for i in range(start, min(len(text), start + 20_000)):
        if text[i] == text[start]:
            depth += 1
        elif text[i] == _PAIRS[text[start]]:
            depth -= 1
            if not depth:
                return i
    return -1
