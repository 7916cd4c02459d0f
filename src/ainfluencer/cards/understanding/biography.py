"""One to three clean sentences that say who somebody is."""

from __future__ import annotations

import re
from collections.abc import Callable

from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.understanding import prose
from ainfluencer.cards.understanding.identity import work_of
from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.cards.understanding.material import Reading

MAX_LENGTH = 320
_ABOUT_CHAT = re.compile(
    r"\b(?:role-?play|card|bot|greetings?|lorebook|version|update|token|prompt|feedback|enjoy|download|character\.ai|tested|preset|system|commission)\b|\{\{|http",
    re.IGNORECASE,
)


def bio_of(card: Card, reading: Reading, age: int | None, place: str, unfit: Callable[[str], bool]) -> str:
    """From the description's prose, else the creator's notes, else the personality, else composed from attributes.

    `unfit` tells which sentences are too much for what everybody sees first.
    """
    candidates = (
        reading.description,
        prose.with_name(card.creator_notes, card.called),
        reading.personality,
        _composed(card, reading.attributes, age, place),
    )
    for text in candidates:
        chosen = _pick(text, unfit)
        if chosen:
            return chosen
    return ""


def _pick(text: str, unfit: Callable[[str], bool]) -> str:
    good: list[str] = []
    for sentence in prose.sentences(prose.plain(text))[:40]:
        line = prose.tidy(sentence).strip(' -•"“”')
        if not _is_good(line) or unfit(line):
            if good:
                break
            continue
        if good and sum(map(len, good)) + len(line) > MAX_LENGTH:
            break
        good.append(line if line.endswith((".", "!", "?", "…", "。", "”", ")")) else f"{line}.")
        if len(good) == 3:
            break
    bio = " ".join(good)
    return bio if len(bio) <= MAX_LENGTH + 80 else shorten(bio)


def _is_good(line: str) -> bool:
    words = len(line.split()) if line.isascii() else max(len(line.split()), len(line) // 4)
    return (
        words >= 4
        and len(line) <= MAX_LENGTH + 80
        and not prose.mentions_user(line)
        and not _ABOUT_CHAT.search(line)
        and not re.search(r"[\[\]{}<>|=+]", line)
    )


def shorten(text: str) -> str:
    """The beginning, cut at a word."""
    return text[:MAX_LENGTH].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


def _composed(card: Card, attributes: Attributes, age: int | None, place: str) -> str:
    work = work_of(attributes)
    species = attributes.text("species", "race")
    years = f"{age}-year-old " if age is not None and age < 1000 else ""
    what = work.split(",")[0].strip().lower() or (species.split(",")[0].strip().lower() if species else "")
    traits = attributes.get("personality", "traits", "mind")[:4]
    listed = ", ".join(t.lower() for t in traits[:-1])
    character = f"{card.called} is {f'{listed} and ' if listed else ''}{traits[-1].lower()}." if traits else ""
    if not (what or years or place):
        return character
    is_vowel = (years or what or "person")[:1] in "aeiou8"
    sentence = (
        f"{card.called} is a{'n' if is_vowel else ''} {years}{what or 'person'}{f' from {place}' if place else ''}."
    )
    return f"{sentence} {character}".strip()
