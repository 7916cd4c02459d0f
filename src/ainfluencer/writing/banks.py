"""The curated banks: lines by topic, in TOML files by language, and which topic a theme belongs to."""

from __future__ import annotations

import re
import tomllib
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
    """Lines of one topic. `is_general` marks the one that fits any theme, and therefore none very well."""

    topic: str
    words: tuple[str, ...]
    tags: tuple[str, ...]
    hooks: tuple[str, ...]
    thoughts: tuple[str, ...]
    questions: tuple[str, ...]
    titles: tuple[str, ...]
    lists: tuple[WordList, ...]
    is_general: bool = False


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


async def bank_for(theme: str, angle: str = "", language: str = "en") -> Bank:
    """The topic that a theme belongs to: by its words, else by meaning, else the general one filled with the theme."""
    known = topics(language)
    scores = {name: 3 * _hits(theme, bank) + _hits(angle, bank) for name, bank in known.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] > 0:
        return known[best]
    names = list(known)
    near = await nearness(theme, [", ".join(known[n].words[:8]) for n in names])
    nearest = max(range(len(names)), key=near.__getitem__)
    return known[names[nearest]] if near[nearest] >= _NEAR_ENOUGH else filled(theme, language)


def filled(theme: str, language: str = "en") -> Bank:
    """The general lines with the theme put in."""
    lines = general(language)
    topic = theme.strip().rstrip(".!?")
    lower = topic  # as it was typed: nobody can tell “Earth proverbs” from “Slow mornings” by rule

    def fill(text: str) -> str:
        return text.replace("{topic}", lower).replace("{Topic}", topic[:1].upper() + topic[1:])

    return Bank(
        topic="",
        words=(),
        tags=(),
        hooks=tuple(map(fill, lines["hooks"])),
        thoughts=tuple(lines["thoughts"]),
        questions=tuple(lines["questions"]),
        titles=tuple(map(fill, lines["titles"])),
        lists=tuple(WordList(fill(row["title"]), tuple(row["items"])) for row in lines["lists"]),
        is_general=True,
    )


def _bank(topic: str, lines: dict[str, Any]) -> Bank:
    return Bank(
        topic=topic,
        words=tuple(lines["words"]),
        tags=tuple(lines["tags"]),
        hooks=tuple(lines["hooks"]),
        thoughts=tuple(lines["thoughts"]),
        questions=tuple(lines["questions"]),
        titles=tuple(lines["titles"]),
        lists=tuple(WordList(row["title"], tuple(row["items"])) for row in lines["lists"]),
    )


def is_known(theme: str, language: str = "en") -> bool:
    """Whether a topic of ours has a word of this theme."""
    return any(_hits(theme, bank) for bank in topics(language).values())


def _hits(text: str, bank: Bank) -> int:
    """How many of the topic's words are in the text; a phrase counts once for each of its words."""
    low = text.lower()
    return sum(len(word.split()) for word in bank.words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low))
