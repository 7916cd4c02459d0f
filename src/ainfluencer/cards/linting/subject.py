"""What the rules look at: the file's oddities, the stored objects, the typed view, and every text with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from ainfluencer.cards.converting.versions import rank_of
from ainfluencer.cards.linting.budget import Budget
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading.card import Card, Entry
from ainfluencer.cards.reading.coerce import joined
from ainfluencer.cards.reading.values import Notes

TEXTS = (
    *("name", "nickname", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes"),
    *("system_prompt", "post_history_instructions"),
)


@dataclass
class Subject:
    """One card under examination."""

    opened: OpenCard
    budget: Budget

    @property
    def card(self) -> Card:
        """The typed view."""
        return self.opened.card

    @cached_property
    def rank(self) -> int:
        """1, 2 or 3."""
        return rank_of(self.opened.payload.data)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The stored object that holds the fields."""
        inner = self.opened.payload.data.get("data")
        return inner if isinstance(inner, dict) else self.opened.payload.data

    @cached_property
    def entries(self) -> list[tuple[str, Entry, dict[str, Any]]]:
        """Every lorebook entry: its field, its view, its stored object."""
        book = self.data.get("character_book")
        stored = book.get("entries") if isinstance(book, dict) else book
        stored = list(stored.values()) if isinstance(stored, dict) else stored if isinstance(stored, list) else []
        objects = [(place, one) for place, one in enumerate(stored) if isinstance(one, dict)]
        seen = self.card.book.entries if self.card.book else ()
        return [(f"book.entries[{place}]", entry, one) for (place, one), entry in zip(objects, seen, strict=False)]

    @cached_property
    def texts(self) -> list[tuple[str, str]]:
        """Every text that a reader or a model sees, with its field; empty ones left out."""
        card = self.card
        found = [(name, getattr(card, name)) for name in TEXTS]
        for name in ("alternate_greetings", "group_only_greetings"):
            found += [(f"{name}[{n}]", text) for n, text in zip(self._places(name), getattr(card, name), strict=False)]
        found += [(f"{field}.content", entry.content) for field, entry, _ in self.entries]
        return [(field, text) for field, text in found if text]

    def _places(self, name: str) -> Iterable[int]:
        """Where the texts of a list stand in the file: the view leaves out what is empty."""
        stored = self.data.get(name)
        if not isinstance(stored, list):
            return count()
        return (place for place, one in enumerate(stored) if one is not None and joined(one, Notes()))

    def greetings(self) -> Iterator[tuple[str, str]]:
        """The texts that the character opens with."""
        heads = ("first_mes", "alternate_greetings", "group_only_greetings")
        return (pair for pair in self.texts if pair[0].startswith(heads))
