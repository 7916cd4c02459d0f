"""Lorebook files: one program's into another's, and the lorebook of a card into a file of its own."""

from __future__ import annotations

from ainfluencer.cards.converting import books, versions
from ainfluencer.cards.converting.converter import Converted, Target
from ainfluencer.cards.converting.losses import WouldLose
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.opening import open_card
from ainfluencer.core.errors import NotFound


class NoLorebook(NotFound):
    """The card has no lorebook."""

    code = "no_lorebook"
    default_next_step = "Choose a card that has one; card inspect tells the number of entries."


def convert(data: bytes, filename: str, layout: str, *, allow_loss: bool = False) -> Converted:
    """A lorebook, or the lorebook of a card, as a file of another program. `WouldLose` says what would be lost."""
    name, book = _taken(data, filename)
    made, losses = books.dump(book, layout)
    if losses and not allow_loss:
        raise WouldLose(losses, books.LAYOUTS[layout].title)
    return Converted(made, Target("json", layout=layout), name, losses)


def _taken(data: bytes, filename: str) -> tuple[str, books.Book]:
    try:
        opened = open_card(data, filename)
    except CardRefused as refusal:
        if refusal.reason != Reason.LOREBOOK:
            raise
        _, book = books.load(data)
        return str(book.get("name", "")), book
    if opened.card.book is None:
        raise NoLorebook("The card has no lorebook.")
    if opened.payload.module_lore:
        return opened.card.name, books.of_risu(opened.payload.module_lore)
    nested = versions.nested(opened.payload.data)
    book = nested["data"]["character_book"]
    return str(book.get("name") or opened.card.name), book
