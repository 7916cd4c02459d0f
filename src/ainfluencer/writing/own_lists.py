"""Lists that the card itself states (likes, skills, goals …), as lines for a poster under a title of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing import roleplay, safety
from ainfluencer.writing.banks import Bank, WordList, general, language_of

LEAST, MOST = 3, 5
_LONGEST = 60
_KINDS = {
    "likes": "likes loves hobbies interests favourites favorites hobby enjoys",
    "dislikes": "dislikes hates dislike",
    "skills": "abilities skills talents strengths powers",
    "goals": "goals motivations dreams aspirations goal motivation",
    "habits": "habits quirks mannerisms work habits",
    "traits": "personality traits mind",
}
_LABELS = {label: kind for kind, labels in _KINDS.items() for label in labels.split()} | {"work habits": "habits"}
_STATED = re.compile(r"^([^\W\d_][\w /&'’-]{1,30}): (.+)$", re.DOTALL)
_SPLIT = re.compile(r",\s+(?![^()]*\))")
_SOMEBODY = re.compile(
    r"\b(?:he|she|they|him|her|his|their|them|you|your|user|self|himself|herself|none|unknown|various)\b|\{\{",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"^\w+[^s\W]s (?!(?:of|in|on|at|from|with|by|for|and|to|under|over|about)\b)\w+|^(?:is|are|was|has|have|can|does|will|not|being|loves?|hates?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class OwnList:
    """One list: its kind (a key of `own_lists` in the general words), its lines, and where they stand in the card."""

    kind: str
    items: tuple[str, ...]
    source: str


def own_lists(sheet: CharacterSheet) -> tuple[OwnList, ...]:
    """The lists of a sheet with at least three lines that can be posted, one of each kind."""
    found: dict[str, OwnList] = {}
    stated = [(piece.text, piece.source) for piece in sheet.material if piece.kind is MaterialKind.FACT]
    for text, source in (*stated, (f"Interests: {', '.join(sheet.interests)}", "interests")):
        matched = _STATED.match(text)
        kind = _LABELS.get(matched[1].casefold(), "") if matched else ""
        if not matched or not kind or kind in found:
            continue
        items = [item for value in _SPLIT.split(matched[2]) if (item := _item(value, kind, sheet))]
        unique = tuple({item.casefold(): item for item in items}.values())
        if len(unique) >= LEAST:
            found[kind] = OwnList(kind, unique[:MOST], source)
    return tuple(found.values())


def _item(value: str, kind: str, sheet: CharacterSheet) -> str:
    text = re.sub(r"\s*\([^()]*\)", "", value).strip(" .;\"“”'")
    longest = 32 if kind == "traits" else _LONGEST
    good = (
        2 < len(text) <= longest
        and len(text.split()) <= (3 if kind == "traits" else 8)
        and roleplay.is_clean(text)
        and not _SOMEBODY.search(text)
        and not _TOLD.search(text)
        and not safety.findings(text, age=sheet.age)
        and not safety.crossed(text, sheet.boundaries)
    )
    return text[:1].upper() + text[1:] if good else ""


def bank_of(own: OwnList, language: str) -> Bank:
    """The list as a topic of its own: title, hooks and questions of its kind, and its lines."""
    lines = general(language)["own_lists"][own.kind]
    return Bank(
        topic=own.kind,
        about=lines["theme"],
        words=(),
        tags=tuple(lines["tags"]),
        hooks=tuple(lines["hooks"]),
        thoughts=(),
        questions=tuple(lines["questions"]),
        titles=tuple(lines["titles"]),
        lists=tuple(WordList(title, own.items) for title in lines["titles"]),
        is_own=True,
    )


def theme_of(own: OwnList, language: str) -> str:
    """What a week calls the list."""
    theme: str = general(language)["own_lists"][own.kind]["theme"]
    return theme


def for_theme(sheet: CharacterSheet, theme: str) -> OwnList | None:
    """The list that a theme names, if any."""
    language = language_of(sheet.persona.language)
    if not language:
        return None
    return next((one for one in own_lists(sheet) if theme_of(one, language) == theme), None)
