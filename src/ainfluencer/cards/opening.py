"""Opens card files for those who work on files alone: what the reader, the view and the editor make of their bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits, reader, view
from ainfluencer.cards.reading.books import find_book, risu_book
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Note, Notes, Payload
from ainfluencer.cards.saving import saver

# Possessive, so that thousands of empty documents before something else take no long time.
_YAML_HEAD = re.compile(r"(?:[ \t\r\f\v]*+(?:---[^\S\n]*+|#[^\n]*+)?+\n)*+\s*+\w++\s*+:")
_YAML_CARD = re.compile(r"^(?:spec|data|context|first_mes|char_name|char_persona|char_greeting)\s*:", re.MULTILINE)


@dataclass(slots=True)
class OpenCard:
    """A card file: its bytes, its stored text, and the typed view of it."""

    data: bytes
    payload: Payload
    card: Card

    def editor(self) -> CardEditor:
        """A fresh editor over the stored text."""
        return CardEditor(self.payload)

    def saved(self, editor: CardEditor, notes: Notes) -> bytes:
        """The file's bytes after an edit; `notes` takes what was mended."""
        editor.finish()
        return saver.save(self.data, self.payload, editor, notes)


def open_card(data: bytes, filename: str = "") -> OpenCard:
    """Read a card of any container. Raises `CardRefused` with a stable reason."""
    payload = reader.read(data, filename if not is_yaml_card(data[:4096]) else "card.yaml")
    card = view.view(payload.data, payload.notes)
    if payload.module_lore:
        card = replace(card, book=risu_book(list(payload.module_lore), payload.notes))
    return OpenCard(data, payload, card)


def is_yaml_card(data: bytes) -> bool:
    """Whether a text begins as a card in YAML does, whatever the file is called."""
    if reader.is_picture(data):
        return False
    text = data[: limits.MAX_YAML].decode("utf-8", "replace")
    return bool(_YAML_CARD.search(text)) and bool(_YAML_HEAD.match(text))


def inspect(data: bytes, filename: str = "") -> dict[str, Any]:
    """What a card or lorebook file is, for `card inspect`: kind, container, spec, name, counts and warnings.

    Raises `CardRefused` for everything that is neither.
    """
    try:
        opened = open_card(data, filename)
    except CardRefused as refusal:
        if refusal.reason != Reason.LOREBOOK:
            raise
        return _inspected_book(data)
    card = opened.card
    return {
        "kind": "card",
        "container": opened.payload.container.value,
        "spec": card.spec,
        "spec_version": card.spec_version,
        "name": card.name,
        "first_mes": card.first_mes,
        "lorebook_entries": len(card.book.entries) if card.book else 0,
        "warnings": told(opened.payload.notes),
    }


def _inspected_book(data: bytes) -> dict[str, Any]:
    notes = Notes()
    layout, book = find_book(data, notes)
    return {
        "kind": "lorebook",
        "container": "json",
        "spec": layout,
        "spec_version": "",
        "name": book.name,
        "first_mes": "",
        "lorebook_entries": len(book.entries),
        "warnings": told(notes),
    }


def told(notes: list[Note]) -> list[dict[str, str]]:
    """Notes as JSON tells them."""
    return [{"code": note.code, "detail": note.detail} for note in notes]
