"""A job's result as people read it: each field cut into passages, each passage with where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TITLES = {
    "description": "Description",
    "personality": "Personality",
    "scenario": "Scenario",
    "first_mes": "First message",
    "alternate_greetings": "Other greetings",
    "mes_example": "Example dialogue",
    "system_prompt": "System prompt",
    "creator_notes": "Notes for people",
}
ORIGINS = {
    "source": ("From the source", "success", "quote"),
    "model": ("Written by the model", "iris", "sparkles"),
    "frame": ("A plain frame", "warning", "frame"),
    "card": ("From the card", "info", "id-card"),
}


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
        entries=tuple(book.get("entries", [])),
        entry_quotes={one["text"]: one["quote"] for one in support if one["field"] == "character_book"},
        tags=tuple(result.get("tags", [])),
        origins=dict(known),
        metadata=result.get("metadata", {}),
        findings=tuple(one for one in result.get("findings", []) if one.get("severity") != "info"),
        contradictions=tuple(result.get("contradictions", [])),
        verdicts=tuple(result.get("verdicts", [])),
        has_card=isinstance(result.get("card"), dict),
    )


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
