"""A job's result as people read it: each field cut into passages, each passage with where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.library.files import SUFFIXES

TITLES = {
    "description": "Description",
    "personality": "Personality",
    "scenario": "Scenario",
    "first_mes": "First message",
    "alternate_greetings": "Other greetings",
    "mes_example": "Example dialogue",
    "system_prompt": "System prompt",
    "post_history_instructions": "Instructions after the chat",
    "creator_notes": "Notes for people",
}
ORIGINS = {
    "source": ("From the source", "success", "quote"),
    "model": ("Written by the model", "iris", "sparkles"),
    "frame": ("A plain frame", "warning", "frame"),
    "card": ("From the card", "info", "id-card"),
}


MOST_ENTRIES = 300  # of a lorebook, on one page


@dataclass(frozen=True, slots=True)
class Passage:
    """Some words of a field; `origin` is empty for what is between the passages that are known."""

    text: str
    origin: str = ""
    quote: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One field."""

    name: str
    title: str
    passages: tuple[Passage, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page of a finished job shows."""

    name: str
    parts: tuple[Part, ...]
    entries: tuple[Mapping[str, Any], ...]
    entry_quotes: Mapping[str, str]
    tags: tuple[str, ...]
    origins: Mapping[str, int]
    metadata: Mapping[str, Any]
    findings: tuple[Mapping[str, Any], ...]
    contradictions: tuple[Mapping[str, str], ...]
    verdicts: tuple[Mapping[str, str], ...]
    has_card: bool
    translation: tuple[Mapping[str, str], ...] = ()
    suffix: str = ""  # of the file that a translated card came in


def shown_of(result: Mapping[str, Any]) -> Shown:
    """The result of a job, ready to be drawn."""
    support = [one for one in result.get("evidence", []) if isinstance(one, dict)]
    parts = [
        Part(name, title, tuple(passages(text, [one for one in support if one["field"] == name])), len(text.split()))
        for name, title in TITLES.items()
        if (text := _text(result.get(name)))
    ]
    book = result.get("character_book") or {}
    known = Counter(one["origin"] for one in support if one["field"] != "character_book")
    return Shown(
        name=str(result.get("name", "")),
        parts=tuple(parts),
        entries=tuple(_entries(book)),
        entry_quotes={one["text"]: one["quote"] for one in support if one["field"] == "character_book"},
        tags=tuple(result.get("tags", [])),
        origins=dict(known),
        metadata=result.get("metadata", {}),
        findings=tuple(one for one in result.get("findings", []) if one.get("severity") != "info"),
        contradictions=tuple(result.get("contradictions", [])),
        verdicts=tuple(result.get("verdicts", [])),
        has_card=isinstance(result.get("card"), dict),
        translation=tuple(result.get("translation", [])),
        suffix=SUFFIXES.get(result.get("metadata", {}).get("container", ""), ".json"),
    )


def _entries(book: Any) -> Iterator[Mapping[str, Any]]:
    """What is shown of lorebook entries; a card from elsewhere may lack names, and hold its entries in an object."""
    entries = book.get("entries") if isinstance(book, dict) else book
    listed = list(entries.values()) if isinstance(entries, dict) else entries or []
    for number, one in enumerate(one for one in listed[:MOST_ENTRIES] if isinstance(one, dict)):
        keys = one.get("keys") if isinstance(one.get("keys"), list) else []
        comment = str(one.get("comment") or "")
        yield {
            "name": str(one.get("name") or comment or f"Entry {number + 1}"),
            "comment": comment if one.get("name") else "",
            "content": str(one.get("content") or ""),
            "keys": [str(key) for key in keys or []],
        }


def _text(value: Any) -> str:
    return "\n\n⁂\n\n".join(str(one) for one in value) if isinstance(value, list) else str(value or "")


def passages(text: str, support: list[dict[str, Any]]) -> list[Passage]:
    """The text in its order, cut where the words of known origin begin and end."""
    marks = []
    for one in support:
        at = text.find(one["text"])
        if at >= 0 and one["text"]:
            marks.append((at, at + len(one["text"]), one))
    made: list[Passage] = []
    position = 0
    for begin, end, one in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if begin < position:
            continue
        made += [Passage(text[position:begin])] if text[position:begin] else []
        made.append(Passage(text[begin:end], one["origin"], one.get("quote", ""), one.get("where", "")))
        position = end
    return [*made, *([Passage(text[position:])] if text[position:] else [])]
