"""Stand-alone lorebooks of five programs as one typed book: V3, SillyTavern world info, Agnai, Risu, NovelAI."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading.card import Book, Entry
from ainfluencer.cards.reading.coerce import Fields
from ainfluencer.cards.reading.decoding import decode
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.reading.view import book as read_book


def find_book(data: bytes, notes: Notes) -> tuple[str, Book]:
    """The layout's name and the book in a file's bytes; `CardRefused` when there is none."""
    root = decode(data, notes, in_chunk=False).root
    for value in (root, root.get("data") if isinstance(root, dict) else None):
        if isinstance(value, dict):
            found = _book(value, notes)
            if found:
                return found
    raise CardRefused(Reason.NOT_A_CARD, "This file is neither a card nor a lorebook.")


def _book(value: dict[str, Any], notes: Notes) -> tuple[str, Book] | None:
    inner = value.get("data")
    if value.get("spec") == "lorebook_v3" and isinstance(inner, dict):
        return "lorebook_v3", read_book(inner, notes)
    if value.get("type") == "risu" and isinstance(inner, list):
        return "risu", risu_book(inner, notes, value)
    entries = value.get("entries")
    if isinstance(entries, list) and "lorebookVersion" in value:
        return "novelai", _of(
            value, [_novel(Fields(e, notes, "entries.")) for e in entries if isinstance(e, dict)], notes
        )
    if isinstance(entries, list) and value.get("kind") == "memory":
        return "agnai", _of(
            value, [_agnai(Fields(e, notes, "entries.")) for e in entries if isinstance(e, dict)], notes
        )
    if isinstance(entries, dict):
        own = Notes()  # entries as an object are the rule here, not an oddity
        made = read_book({**value, "entries": list(entries.values())}, own)
        return "sillytavern", made
    return ("character_book", read_book(value, notes)) if isinstance(entries, list) else None


def risu_book(entries: list[Any], notes: Notes, about: dict[str, Any] | None = None) -> Book:
    """A book of entries as Risu writes them."""
    return _of(about or {}, [_risu(Fields(e, notes, "data.")) for e in entries if isinstance(e, dict)], notes)


def _of(value: dict[str, Any], entries: list[Entry], notes: Notes) -> Book:
    fields = Fields(value, notes)
    return Book(name=fields.text("name"), description=fields.text("description"), entries=tuple(entries))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _risu(fields: Fields) -> Entry:
    return Entry(
        keys=_split(fields.text("key")),
        content=fields.text("content"),
        comment=fields.text("comment"),
        is_constant=fields.flag("alwaysActive", default=False),
        is_selective=fields.flag("selective", default=False),
        secondary_keys=_split(fields.text("secondkey")),
        order=fields.number("insertorder") or 0,
    )


def _novel(fields: Fields) -> Entry:
    context = Fields(fields.table("contextConfig"), fields.notes, "contextConfig.")
    return Entry(
        keys=fields.texts("keys"),
        content=fields.text("text"),
        name=fields.text("displayName"),
        is_enabled=fields.flag("enabled", default=True),
        is_constant=fields.flag("forceActivation", default=False),
        order=context.number("budgetPriority") or 0,
    )


def _agnai(fields: Fields) -> Entry:
    return Entry(
        keys=fields.texts("keywords"),
        content=fields.text("entry"),
        name=fields.text("name"),
        is_enabled=fields.flag("enabled", default=True),
        order=fields.number("weight") or 0,
        priority=fields.number("priority"),
    )
