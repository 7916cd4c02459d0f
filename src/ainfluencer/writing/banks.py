"""The curated banks: lines by topic, in TOML files by language, and which topic a theme belongs to."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ainfluencer.core.errors import InvalidInput
from ainfluencer.writing.embeddings import nearness

_HOME = Path(__file__).parent / "words"
_NEAR_ENOUGH = 0.38  # cosine between a theme and a topic's own words; below it a line of that topic would look odd


@dataclass(frozen=True, slots=True)
class WordList:
    """A short list for a poster."""

    title: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """Lines of one topic.

    `is_general` marks the one that fits any theme, and therefore none very well; `is_own` one around a list of the
    character's own, `is_voice` the one around their own words.
    """

    topic: str
    about: str  # the topic as a theme of its own: “the woods”
    words: tuple[str, ...]  # a theme with one of these belongs to the topic
    tags: tuple[str, ...]
    hooks: tuple[str, ...]
    thoughts: tuple[str, ...]
    questions: tuple[str, ...]
    titles: tuple[str, ...]
    lists: tuple[WordList, ...]
    beside: tuple[str, ...] = ()  # topics that somebody who lives in this one may also care about
    is_general: bool = False
    is_own: bool = False
    is_voice: bool = False


def languages() -> tuple[str, ...]:
    """The languages that have banks."""
    return tuple(sorted(p.name for p in _HOME.iterdir() if p.is_dir()))


def language_of(tag: str) -> str:
    """The bank's language for a BCP 47 tag (`en-GB` is `en`), or '' when there is none."""
    main = tag.lower().replace("_", "-").split("-")[0]
    return main if main in languages() else ""


@cache
def topics(language: str) -> dict[str, Bank]:
    """Every topic of a language."""
    found: dict[str, Bank] = {}
    for file in sorted((_HOME / language).glob("*.toml")):
        if file.stem != "general":
            found |= {topic: _bank(topic, lines) for topic, lines in tomllib.loads(file.read_text("utf-8")).items()}
    return found


@cache
def general(language: str) -> dict[str, Any]:
    """Lines for no topic in particular: hooks with {topic}, closers, kickers, look boards, replies."""
    return tomllib.loads((_HOME / language / "general.toml").read_text("utf-8"))


@cache
def budgets() -> dict[str, dict[str, int]]:
    """Text and hashtag budgets by platform."""
    return tomllib.loads((_HOME / "platforms.toml").read_text("utf-8"))


def budget(platform: str) -> dict[str, int]:
    """One platform's budget; `InvalidInput` with the known names."""
    try:
        return budgets()[platform.lower() or "any"]
    except KeyError:
        raise InvalidInput(
            f"There is no caption budget for “{platform[:40]}”.", f"Known: {', '.join(budgets())}.", field="platform"
        ) from None


async def bank_for(theme: str, angle: str = "", language: str = "en", home: Bank | None = None) -> Bank:
    """The topic that a theme belongs to: by its words, else by meaning, else `home`, else the general one."""
    known = topics(language)
    named = by_words(theme, angle, language)
    if named:
        return named
    names = list(known)
    near = await nearness(theme, [", ".join(known[n].words[:8]) for n in names])
    nearest = max(range(len(names)), key=near.__getitem__)
    return known[names[nearest]] if near[nearest] >= _NEAR_ENOUGH else home or filled(theme, language)


def by_words(theme: str, angle: str = "", language: str = "en") -> Bank | None:
    """The topic whose words a theme (or, counting less, its angle) has, if any."""
    known = topics(language)
    scores = {name: 3 * _hits(theme, bank) + _hits(angle, bank) for name, bank in known.items()}
    best = max(scores, key=lambda name: scores[name])
    return known[best] if scores[best] > 0 else None


def filled(theme: str, language: str = "en") -> Bank:
    """The general lines with the theme put in."""
    lines = general(language)
    topic = theme.strip().rstrip(".!?")
    lower = topic  # as it was typed: nobody can tell “Earth proverbs” from “Slow mornings” by rule

    def fill(text: str) -> str:
        return text.replace("{topic}", lower).replace("{Topic}", topic[:1].upper() + topic[1:])

    return Bank(
        topic="",
        about=topic,
        words=(),
        tags=(),
        hooks=tuple(map(fill, lines["hooks"])),
        thoughts=tuple(lines["thoughts"]),
        questions=tuple(lines["questions"]),
        titles=tuple(map(fill, lines["titles"])),
        lists=tuple(WordList(fill(row["title"]), tuple(row["items"])) for row in lines["lists"]),
        is_general=True,
    )


def voice(language: str = "en") -> Bank:
    """Lines around the character's own words, whatever these are about."""
    lines = general(language)["own_words"]
    return Bank(
        topic="own words",
        about=lines["theme"],
        words=(),
        tags=tuple(lines["tags"]),
        hooks=tuple(lines["hooks"]),
        thoughts=(),
        questions=tuple(lines["questions"]),
        titles=tuple(lines["titles"]),
        lists=(),
        is_voice=True,
    )


def _bank(topic: str, lines: dict[str, Any]) -> Bank:
    return Bank(
        topic=topic,
        about=lines["about"],
        words=tuple(lines["words"]),
        tags=tuple(lines["tags"]),
        hooks=tuple(lines["hooks"]),
        thoughts=tuple(lines["thoughts"]),
        questions=tuple(lines["questions"]),
        titles=tuple(lines["titles"]),
        lists=tuple(WordList(row["title"], tuple(row["items"])) for row in lines["lists"]),
        beside=tuple(lines["beside"]),
    )


def is_known(theme: str, language: str = "en") -> bool:
    """Whether a topic of ours has a word of this theme."""
    return any(_hits(theme, bank) for bank in topics(language).values())


# Words of a topic that stand in every second text, whatever it is about: alone they prove nothing.
_FAINT_WORDS = """
people love family nature friends community relationships kindness listening quiet home rest peace balance evening evenings morning mornings night
sleep habits routine hair skin beauty nails run running race strength training coach health exercise stage performance model design style
outfit outfits clothes clothing shoes guard fight battle honor honour case cases truth secret secrets star stars space wild trail tracks court
journey culture work business team money success creative creativity data tools machine words language death memory memories loss plan plans light colour color paint game games
film video photo photos market food cook wind salt season seasons growing king prince noble research education learning people healing
silence solitude loneliness virtual virtually police artist art craft rescue ship sail wave waves tech technology
"""
_FAINT = frozenset(_FAINT_WORDS.split())


def topics_in(texts: Sequence[str], language: str = "en") -> tuple[Bank, ...]:
    """The topics that texts speak of, strongest first: those with two of their words, or one word again and again."""
    counted = [_counted(text) for text in texts]
    known = topics(language)
    weights = {name: _weight(bank, counted) for name, bank in known.items()}
    return tuple(known[name] for name in sorted(weights, key=lambda name: -weights[name]) if weights[name])


def _counted(text: str) -> Counter[str]:
    """How often every word, and every pair of words, is in a text."""
    words = re.findall(r"\w+", text.lower())
    return Counter(words) + Counter(map(" ".join, itertools.pairwise(words)))


def _weight(bank: Bank, counted: list[Counter[str]]) -> float:
    """How strongly texts speak of a topic, 0 when a word or two may be chance."""
    strong: dict[str, list[int]] = {}
    faint = 0
    for word in bank.words:
        counts = [counts[" ".join(re.findall(r"\w+", word))] for counts in counted]
        if word in _FAINT:
            faint += min(sum(counts), 3)
        elif any(counts):
            # “mountain” and “mountains” are one word.
            before = strong.setdefault(word.rstrip("s"), [0] * len(counts))
            strong[word.rstrip("s")] = [a + b for a, b in zip(before, counts, strict=True)]
    totals = [sum(counts) for counts in strong.values()]
    places = sum(any(counts[i] for counts in strong.values()) for i in range(len(counted)))
    proven = len(strong) >= 2 or sum(totals) >= 3 or (sum(totals) >= 2 and places >= 2) or (strong and faint >= 3)
    return sum(1 + 0.5 * min(total, 5) for total in totals) + 0.2 * faint + 0.5 * places if proven else 0.0


def _hits(text: str, bank: Bank) -> int:
    """How many of the topic's words are in the text; a phrase counts once for each of its words."""
    low = text.lower()
    words = (*bank.words, bank.about)
    # Most are not there at all, and a pattern for each of a thousand words would cost far more than looking for them.
    there = (word for word in words if word in low)
    return sum(len(word.split()) for word in there if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low))
