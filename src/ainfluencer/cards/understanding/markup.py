"""Attribute lists that card writers use instead of prose: W++, boostyle, PList, JED+ and labelled lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ainfluencer.cards.understanding import brackets

_CALL = re.compile(r"([A-Za-z][A-Za-z /&'’_-]{0,40})\s*\(\s*((?:[\"“][^\"”\n]{0,600}[\"”]\s*[+,;&]?\s*)+)\)")
_BOOST = re.compile(
    r"([A-Za-z][A-Za-z '’_-]{0,40}?)\s*(?:=|:)\s*[\[{(]\s*((?:[\"“][^\"”\n]{0,600}[\"”]\s*[+,;]?\s*)+)[\]})]"
)
_OPENS = re.compile(r"[\[{(]\s*[\"“]")  # both begin so; where it is nowhere, a second is saved for a thousand cards
_BARE_BOOST = re.compile(r"^\s*([A-Za-z][\w '’-]{0,40}?)\s*=\s*[\[{(]([^\[\]{}()=]{4,2000})[\]})]\s*$", re.MULTILINE)
_QUOTED = re.compile(r"[\"“]([^\"”\n]{0,600})[\"”]")
_LINE = re.compile(
    r"^\s*(?:[-*•+]\s+)?(?:\*\*|__)?([A-Za-z][A-Za-z /&'’_-]{1,40}?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*(\S.{0,2000})$"
)
_HEAD = re.compile(r"^\s*(?:#{1,6}\s*|\*\*|__)?([A-Za-z][A-Za-z /&'’_-]{1,30}?)\s*(?:\*\*|__)?\s*:?\s*(?:\*\*|__)?\s*$")
_LONGEST_HEAD = 120  # characters of a line; its four runs of blanks may be shared out in many ways
_BULLET = re.compile(r"^\s*[-*•+]\s+(\S.{0,160})$")
_OWN_LINE = re.compile(r"^\s*\[?([^:\[\]\n]{1,60}?)\]?(?:['’]s\s+(?:personality|traits|persona))?\s*:\s*(\S.*)$")
_PLUSES = re.compile(r"^[^\n+.]{2,40}(?:\s\+\s[^\n+]{2,60}){2,}$", re.MULTILINE)
_HEADING = re.compile(
    r"^\s*(?:#{1,6}\s+.*|[\[{(<]*\s*(?:Character|Char)\s*\(?.{0,60}\)?\s*[\]})>]*|[\[\]{}()<>=\-*_~|]+|</?[\w ]+>)\s*$"
)
_PROSE_LABELS = frozenset(
    [
        "persona",
        "description",
        "personality",
        "background",
        "backstory",
        "story",
        "biography",
        "bio",
        "overview",
        "summary",
        "history",
        "character",
        "profile",
        "mind",
        "behavior",
        "behaviour",
        "about",
    ]
)


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
        self.values.setdefault(brackets.label_of(label), []).extend(p for p in kept if p)

    def get(self, *labels: str) -> list[str]:
        """The values of the first label that is there."""
        return next((self.values[label] for label in labels if self.values.get(label)), [])

    def text(self, *labels: str) -> str:
        """The same, as one phrase."""
        return ", ".join(self.get(*labels))


def parse(text: str, own: frozenset[str] = frozenset()) -> Attributes:
    """Attributes and remaining prose of a description; `own` holds the folded names of the character."""
    found = Attributes()
    text = _bracketed(text, found, own)
    if _OPENS.search(text):
        text = _take(_CALL, text, found, "w++")
        text = _take(_BOOST, text, found, "boostyle")
    text = _BARE_BOOST.sub(lambda m: _listed(m, found, own), text)
    text = _PLUSES.sub(lambda m: _added(m, found, own), text)
    text = _owned(text, found, own)
    text = _lines(_headed(text, found), found)
    found.prose = "\n".join(line for line in text.splitlines() if line.strip() and not _HEADING.match(line)).strip()
    return found


def _take(pattern: re.Pattern[str], text: str, found: Attributes, style: str) -> str:
    def keep(match: re.Match[str]) -> str:
        found.add(match.group(1), _QUOTED.findall(match.group(2)))
        found.style = found.style or style
        return ""

    return pattern.sub(keep, text)


def _bracketed(text: str, found: Attributes, own: frozenset[str]) -> str:
    kept, at = [], 0
    for start, end in brackets.blocks(text):
        inner = text[start + 1 : end - 1]
        is_calls = not re.search("[:;=]", inner) and _CALL.search(inner)  # W++, whose braces need no grammar
        read = [] if is_calls else brackets.read(inner, own)
        if read:
            found.style = found.style or (
                "boostyle" if "=" in text[start:end] and ":" not in text[start:end] else "plist"
            )
            for label, values in read:
                found.add(label, values)
            kept.append(text[at:start])
            at = end
    return "".join((*kept, text[at:]))


def _listed(match: re.Match[str], found: Attributes, own: frozenset[str]) -> str:
    """“Ada's = [kind, exact]”."""
    parts = brackets.split(match.group(2), ",+|\n")
    if len(parts) < 2:
        return match.group(0)
    label = match.group(1).strip()
    is_own = label.casefold().removesuffix("'s").removesuffix("’s") in own
    found.add("personality" if is_own else label, parts)
    found.style = found.style or "boostyle"
    return ""


def _added(match: re.Match[str], found: Attributes, own: frozenset[str]) -> str:
    """“Ada + shy + kind + lighthouse keeper”."""
    parts = [part.strip() for part in match.group(0).split(" + ")]
    found.add("personality", [part for part in parts if part.casefold() not in own])
    found.style = found.style or "boostyle"
    return ""


def _owned(text: str, found: Attributes, own: frozenset[str]) -> str:
    """“Ada: shy, kind” is a list of traits, and “[Ada]: Ada is shy.” is prose with a label."""
    rest: list[str] = []
    for line in text.splitlines():
        matched = _OWN_LINE.match(line)
        if not matched or matched.group(1).strip(" *_").casefold() not in own:
            rest.append(line)
        elif _is_prose(matched.group(2)):
            rest.append(matched.group(2))
        else:
            found.add("personality", brackets.split(matched.group(2), ",;"))
            found.style = found.style or "lines"
    return "\n".join(rest)


def _headed(text: str, found: Attributes) -> str:
    """A heading with bullets below it, such as “## Likes” and “- tea”."""
    rest: list[str] = []
    label = ""
    for line in text.splitlines():
        bullet, head = _BULLET.match(line), _HEAD.match(line) if len(line) <= _LONGEST_HEAD else None
        if head and (line.lstrip().startswith(("#", "*", "_")) or line.rstrip().endswith(":")):
            label = head.group(1)
            rest.append(line)
        elif label and bullet and ":" not in line and not bullet.group(1).rstrip().endswith((".", "!", "?")):
            found.add(label, [bullet.group(1)])
            found.style = found.style or "lines"
        else:
            label = label if not line.strip() else ""
            rest.append(line)
    return "\n".join(rest)


def _lines(text: str, found: Attributes) -> str:
    """Labelled lines, when there are at least three of them: a lone “Note: …” stays prose.

    A label before whole sentences, such as “Backstory: She grew up …”, only goes, and leaves its prose.
    """
    lines = text.splitlines()
    matched = [_LINE.match(line) for line in lines]
    good = [m for m in matched if m and len(m.group(1).split()) <= 4]
    rest: list[str] = []
    for line, match in zip(lines, matched, strict=True):
        if not match or len(match.group(1).split()) > 4:
            rest.append(line)
            continue
        label, value = match.group(1), match.group(2)
        if _is_prose(value) and (len(good) >= 3 or brackets.label_of(label) in _PROSE_LABELS):
            rest.append(value)
        elif len(good) >= 3:
            found.style = found.style or "lines"
            found.add(label, [value] if len(value) > 160 else brackets.split(value, ",;"))
        else:
            rest.append(line)
    return "\n".join(rest)


def _is_prose(value: str) -> bool:
    return len(value.split()) >= 6 and (". " in value or value.rstrip().endswith((".", "!", "?")))
