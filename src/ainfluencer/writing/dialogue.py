"""Turns of a dialogue wherever card writers put them: in examples, but also in descriptions and lorebook entries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks in a turn."""

    OWN = "own"
    USER = "user"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says and does, markup and all."""

    speaker: Speaker
    text: str


_BOUNDARY = re.compile(r"^[ \t]*(?:<\s*/?\s*(?:START|END|EXAMPLES?)\s*>|\*\*\*+|-{3,}|={3,})[ \t]*$", re.IGNORECASE)
_INLINE_START = re.compile(r"<\s*START\s*>", re.IGNORECASE)
# The blanks are counted: with as many as there are, a line of nothing else is tried in every way to share them out.
_LABEL = re.compile(
    r"^(?:[-•>][ \t]{1,8})?[#\[*_]{0,4}[ \t]{0,8}"
    r"(?P<who>\{\{[\w ]{1,30}\}\}|<user>|[^\W\d_][^:*_\[\]\n\"“”(){}<>]{0,58}?)"
    r"[ \t]{0,8}[\]*_]{0,4}[ \t]{0,8}(?:\([^()\n]{0,200}\))?[ \t]{0,8}:[*_]{0,3}(?P<rest>.*)$"
)
_PARTNER = re.compile(r"\{\{\s*(?:random_)?user(?:_\d+)?\s*\}\}|<user>|\b(?:user|you|anon)\b", re.IGNORECASE)
_STRANGER = re.compile(r"[A-ZÀ-Þ][\w'’.-]+(?: [A-ZÀ-Þ][\w'’.-]+)?")
_NO_STRANGER_WORDS = """
note warning rule rules reminder example hint context setting scenario personality appearance likes dislikes name age tags
genre persona background backstory summary thought thoughts mood location time date status
"""
_NO_STRANGER = frozenset(_NO_STRANGER_WORDS.split())
_SPOKEN = re.compile(r"^[ \t]*(?:[*_]*[\"“«„「*]|\\?>)")
_ASIDE_LINE = re.compile(r"^[ \t]*\[.*\][ \t]*$")


_TITLES = """
captain professor doctor dr mr mrs ms miss sir lady lord queen king prince princess master mistress agent general sergeant officer inspector
detective sister brother father mother saint the of von van de da di la el black white grey gray red blue green golden silver little big old young
"""
_NOT_OWN = frozenset(_TITLES.split())


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name that nobody else bears: “Zara” and “Voss” of “Captain Zara Voss”, “Elara” of “Elara the Witch”."""
    proper = re.split(r"\s+(?:the|of|from)\s+|[,(|/–—]|\s-\s", name, maxsplit=1)[0]
    words = [word.strip("'\"‘’“”") for word in proper.split()]
    own = [w for w in words if len(w) > 2 and w[:1].isupper() and w.casefold() not in _NOT_OWN]
    return tuple(own or [w for w in words if w] or ([name] if name else []))


def names_of(name: str, called: str) -> frozenset[str]:
    """The folded names that a speaker's label may have: the whole, the first, the nickname, each without quotes."""
    found = {name, called, name.partition(" ")[0], called.partition(" ")[0]}
    found |= set(re.findall(r"['\"‘’“”]([\w-]{2,20})['\"‘’“”]", name))
    found |= set(name_words(name))
    return frozenset(n.casefold().strip() for n in found if n.strip())


def split(text: str, own: frozenset[str], *, is_dialogue: bool = False) -> tuple[list[Turn], str]:
    """The turns of a text and what is left of it. A text without a labelled turn comes back whole.

    Outside of example fields (`is_dialogue`) a label of the own name counts only before speech or an action: a line
    such as “Ada: shy, kind” is a list of traits.
    """
    turns: list[Turn] = []
    rest: list[str] = []
    for block in _INLINE_START.split(text):
        current: tuple[Speaker, list[str]] | None = None
        for line in block.splitlines():
            if _BOUNDARY.match(line) or (not is_dialogue and _ASIDE_LINE.match(line)):
                _close(turns, current)
                current = None
                if not _BOUNDARY.match(line):
                    rest.append(line)
                continue
            labelled = _labelled(line, own, is_dialogue=is_dialogue or current is not None)
            if labelled:
                _close(turns, current)
                current = (labelled[0], [labelled[1]])
            elif current:
                current[1].append(line)
            else:
                rest.append(line)
        _close(turns, current)
    return turns, "\n".join(rest).strip()


def _close(turns: list[Turn], current: tuple[Speaker, list[str]] | None) -> None:
    if current:
        text = "\n".join(current[1]).strip()
        if text:
            turns.append(Turn(current[0], text))


def _labelled(line: str, own: frozenset[str], *, is_dialogue: bool) -> tuple[Speaker, str] | None:
    matched = _LABEL.match(line.strip())
    if not matched:
        return None
    who, rest = matched["who"].strip(), matched["rest"].strip()
    if _PARTNER.fullmatch(who) or "{{user}}" in who.casefold():
        return Speaker.USER, rest
    if who.casefold() in own:
        return (Speaker.OWN, rest) if is_dialogue or _SPOKEN.match(rest) else None
    if is_dialogue and _STRANGER.fullmatch(who) and who.casefold() not in _NO_STRANGER and (not rest or rest[0] != "/"):
        return Speaker.OTHER, rest
    return None
