"""The lorebook in Risu's module: read, shown, converted, and left alone where the card has one of its own."""

from __future__ import annotations

import json

import pytest

from ainfluencer.cards import opening
from ainfluencer.cards.converting import book_files, converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.reading import risum
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import archives
from tests.support.cards import cards

LORE = [
    {"key": "lamp, light", "secondkey": "", "insertorder": 7, "comment": "The lamp", "content": "It turns twice a minute.", "alwaysActive": False},
    {"key": "x1", "content": "", "mode": "folder", "comment": "Places"},
    {"key": "", "content": "The sea is near.", "alwaysActive": True, "insertorder": 1},
]  # fmt: skip


def module(lore: object = LORE) -> bytes:
    return risum.packed(json.dumps({"module": {"name": "Ada", "lorebook": lore}, "type": "risuModule"}).encode())


def charx(member: bytes, **changes: object) -> bytes:
    return archives.packed([("card.json", json.dumps(cards.v3(**changes)).encode()), ("module.risum", member)])


def test_its_entries_are_the_cards_lorebook() -> None:
    opened = opening.open_card(charx(module()))
    assert opened.card.book is not None
    assert [(one.keys, one.content, one.order) for one in opened.card.book.entries] == [
        (("lamp", "light"), "It turns twice a minute.", 7),
        ((), "The sea is near.", 1),
    ]
    assert "2 lorebook entries were read" in opened.payload.notes[-1].detail
    assert opened.saved(opened.editor(), Notes()) == opened.data


def test_a_lorebook_in_the_card_comes_first() -> None:
    own = {"entries": [{"keys": ["a"], "content": "b", "enabled": True, "insertion_order": 0, "extensions": {}, "use_regex": False}], "extensions": {}}  # fmt: skip
    opened = opening.open_card(charx(module(), character_book=own))
    assert opened.card.book is not None
    assert [one.content for one in opened.card.book.entries] == ["b"]


@pytest.mark.parametrize("target", [Target("json", 3), Target("png", 3), Target("json", 2)])
def test_it_travels_into_other_files(target: Target) -> None:
    made = converter.convert(opening.open_card(charx(module())), target, allow_loss=True)
    book = opening.open_card(made.data).card.book
    assert book is not None
    assert [one.content for one in book.entries] == ["It turns twice a minute.", "The sea is near."]
    assert book.entries[1].is_constant


def test_into_the_lorebook_of_another_program() -> None:
    made = book_files.convert(charx(module()), "ada.charx", "sillytavern", allow_loss=True)
    assert [one["content"] for one in json.loads(made.data)["entries"].values()] == [
        "It turns twice a minute.",
        "The sea is near.",
    ]


@pytest.mark.parametrize(
    "member",
    [
        b"",
        b"o",
        b"\x6f\x01" + b"\0" * 9,
        b"\x6f\x00\xff\xff\xff\xff{}",
        risum.packed(b"{"),
        risum.packed(b"[]"),
        module("none"),
        module([1, "a"]),
    ],
)
def test_a_module_that_cannot_be_read_stops_nothing(member: bytes) -> None:
    opened = opening.open_card(charx(member))
    assert opened.card.name == "Ada"
    assert opened.card.book is None or not opened.card.book.entries or opened.payload.module_lore == ()


def test_a_damaged_module_does_not_take_the_card_with_it() -> None:
    opened = opening.open_card(charx(b"a module of many pictures").replace(b"many", b"more"))
    assert opened.card.name == "Ada"
    assert "cannot be read" in opened.payload.notes[-1].detail
    editor = opened.editor()
    editor.set("name", "Mira")
    assert b"a module of more pictures" in opened.saved(editor, Notes())


def test_packing_is_undone() -> None:
    text = json.dumps(
        {"type": "risuModule", "module": {"lorebook": [{"content": "ä€😀"}]}}, ensure_ascii=False
    ).encode()
    assert risum.entries(risum.packed(text)) == [{"content": "ä€😀"}]
