"""Attribute lists that card writers use instead of prose: W++, boostyle, PList and labelled lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_CALL = re.compile(r"([A-Za-z][A-Za-z /&'’_-]{0,40})\s*\(\s*((?:[\"“][^\"”\n]{0,600}[\"”]\s*[+,;&]?\s*)+)\)")
_BOOST = re.compile(
    r"([A-Za-z][A-Za-z '’_-]{0,40}?)\s*(?:=|:)\s*[\[{(]\s*((?:[\"“][^\"”\n]{0,600}[\"”]\s*[+,;]?\s*)+)[\]})]"
)
_QUOTED = re.compile(r"[\"“]([^\"”\n]{0,600})[\"”]")
_PLIST = re.compile(r"\[([^\[\]]{10,6000})\]", re.DOTALL)
_PLIST_PART = re.compile(r"^\s*(?:[^:;]{0,40}?['’]s\s+)?([A-Za-z][A-Za-z /_-]{1,30}?)\s*:\s*(.+)$", re.DOTALL)
_LINE = re.compile(
    r"^\s*(?:[-*•+]\s*)?(?:\*\*|__)?([A-Za-z][A-Za-z /&'’_-]{1,30}?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*(\S.{0,2000})$"
)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+.*|[\[{(<]*\s*(?:Character|Char)\s*\(?.{0,60}\)?\s*[\]})>]*|[\[\]{}()<>=\-*_~|]+)\s*$"
)
_OWNER = re.compile(r"^.{1,40}?['’]s\s+")


@dataclass(slots=True)
class Attributes:
    """Attributes by folded label, in their order, and the prose that remained."""

    values: dict[str, list[str]] = field(default_factory=dict)
    prose: str = ""
    style: str = ""  # w++ | boostyle | plist | lines | empty

    def add(self, label: str, parts: list[str]) -> None:
        """Append values under a label."""
        kept = [p.strip(' \t\n"“”,;+') for p in parts]
        kept = [p.rstrip(".") if p.count(".") == 1 else p for p in kept]
        self.values.setdefault(_fold(label), []).extend(p for p in kept if p)

    def get(self, *labels: str) -> list[str]:
        """The values of the first label that is there."""
        return next((self.values[label] for label in labels if self.values.get(label)), [])

    def text(self, *labels: str) -> str:
        """The same, as one phrase."""
        return ", ".join(self.get(*labels))


def _fold(label: str) -> str:
    return re.sub(r"[\s_]+", " ", _OWNER.sub("", label)).strip().casefold()


def parse(text: str) -> Attributes:
    """Attributes and remaining prose of a description."""
    found = Attributes()
    text = _take(_CALL, text, found, "w++")
    text = _take(_BOOST, text, found, "boostyle")
    text = _PLIST.sub(lambda m: _plist(m, found), text)
    text = _lines(text, found)
    found.prose = "\n".join(line for line in text.splitlines() if line.strip() and not _HEADING.match(line)).strip()
    return found


def _take(pattern: re.Pattern[str], text: str, found: Attributes, style: str) -> str:
    def keep(match: re.Match[str]) -> str:
        found.add(match.group(1), _QUOTED.findall(match.group(2)))
        found.style = found.style or style
        return ""

    return pattern.sub(keep, text)


def _plist(match: re.Match[str], found: Attributes) -> str:
    parts = [_PLIST_PART.match(part) for part in match.group(1).split(";")]
    good = [part for part in parts if part]
    if len(good) < 2 and not (good and match.group(1).count(",") >= 2):
        return match.group(0)
    for part in good:
        found.add(part.group(1), re.split(r",(?![^()]*\))", part.group(2)))
    found.style = found.style or "plist"
    return ""


def _lines(text: str, found: Attributes) -> str:
    """Labelled lines, when there are at least three of them: a lone “Note: …” stays prose."""
    lines = text.splitlines()
    matched = [_LINE.match(line) for line in lines]
    good = [m for m in matched if m and len(m.group(1).split()) <= 4]
    if len(good) < 3:
        return text
    found.style = found.style or "lines"
    rest: list[str] = []
    for line, match in zip(lines, matched, strict=True):
        if match and len(match.group(1).split()) <= 4:
            value = match.group(2)
            found.add(
                match.group(1), [value] if len(value) > 160 or ". " in value else re.split(r"[,;](?![^()]*\))", value)
            )
        else:
            rest.append(line)
    return "\n".join(rest)
