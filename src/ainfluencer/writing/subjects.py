"""What a character has something to say about: their topics, with how much of the card stands behind each."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing import banks
from ainfluencer.writing.material import GOOD, Snippet
from ainfluencer.writing.schemas import PostFormat

WANTED, FIELDS = 5, 3  # with fewer subjects or fields than this a week goes round in circles: topics of ours are added
FEWEST = 2  # with fewer than these, what anybody could write about comes in
_ANYBODY = ("quiet hours", "mornings", "work in progress", "friends")


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject, how many pieces of the card touch it, and the topic of ours that has lines for it."""

    title: str
    own: int = 0
    bank: str = ""

    @property
    def is_known(self) -> bool:
        """Whether a topic of ours has lines for it."""
        return bool(self.bank)

    @property
    def field(self) -> str:
        """What it shares its lines with."""
        return self.bank or self.title

    @property
    def is_strong(self) -> bool:
        """Whether there is anything to say."""
        return self.is_known or self.own > 0

    def can_fill(self, design: PostFormat) -> bool:
        """Whether a design about this would not stay empty."""
        match design:
            case PostFormat.LIST:
                return self.is_known
            case PostFormat.CAROUSEL:
                return self.is_known or self.own >= 3
            case _:
                return self.is_strong


def subjects(sheet: CharacterSheet, own: tuple[Snippet, ...], rng: random.Random) -> list[Subject]:
    """The subjects of a sheet in an order by chance, those with nothing behind them last."""
    language = banks.language_of(sheet.persona.language)
    wanted = [*sheet.persona.topics, *sheet.interests]
    lore = [piece.keys[0] for piece in sheet.material if piece.kind is MaterialKind.LORE and piece.keys]
    wanted += [key for key in lore if 3 < len(key) <= 30 and key[:1].isupper()][:3] if len(wanted) < WANTED else []
    unique = {w.strip().lower(): w.strip() for w in wanted if 2 < len(w.strip()) <= 60}
    found = [_subject(title, own, language) for title in unique.values()]
    rng.shuffle(found)
    topics = {topic.strip().lower() for topic in sheet.persona.topics}
    found.sort(key=lambda one: one.title.lower() not in topics)  # what they are about comes before what they like
    for title in _more(sheet, own, language, list(found)):
        is_enough = sum(one.is_strong for one in found) >= WANTED and _fields(found) >= FIELDS
        if title.lower() not in unique and not is_enough:
            found.append(_subject(title, own, language))
    if _fields(found) < FEWEST:
        found += [_subject(title, own, language) for title in _ANYBODY]
    return sorted(found, key=lambda one: not one.is_strong)


def _fields(found: list[Subject]) -> int:
    """How many different fields the strong subjects are of: what shares a topic of ours shares its lines."""
    return len({one.field for one in found if one.is_strong})


def _subject(title: str, own: tuple[Snippet, ...], language: str) -> Subject:
    bank = banks.by_words(title, language=language) if language else None
    return Subject(title, sum(_touches(title, one) for one in own), bank.topic if bank else "")


def _touches(title: str, snippet: Snippet) -> bool:
    """Whether a piece has one of the longer words of a title, or all of a short one."""
    text = " ".join((*snippet.keys, snippet.text)).lower()
    words = [w for w in re.findall(r"[^\W\d_]{4,}", title.lower()) if w not in {"life", "with", "from", "about"}]
    return any(re.search(rf"\b{re.escape(w.rstrip('s'))}", text) for w in words) if words else title.lower() in text


def _more(sheet: CharacterSheet, own: tuple[Snippet, ...], language: str, stated: list[Subject]) -> list[str]:
    """What the card's own words are about besides, then what lies beside the topic that the character lives in."""
    if not language:
        return list(sheet.tags) or ["A quiet hour"]
    texts = [" ".join((*sheet.tags, *sheet.interests, *sheet.persona.topics))]
    texts.append("\n".join(s.text for s in own if s.standing >= GOOD))
    found = banks.topics_in(texts, language)
    known = banks.topics(language)
    home = found[0] if found else next((known[one.bank] for one in stated if one.bank), None)
    beside = [known[name].about for name in (home.beside if home else ())]
    return [*(bank.about for bank in found[:4]), *(t for t in sheet.tags if banks.is_known(t, language)), *beside]
