"""Lorebooks of five programs into each other and back, and between files and cards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ainfluencer.cards.converting import book_files, books
from ainfluencer.cards.converting.losses import WouldLose
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.opening import inspect, open_card
from ainfluencer.core.errors import NotFound
from tests.support.cards import cards, pngs

WORLD_INFO: dict[str, Any] = {
    "entries": {
        "0": {
            "uid": 0, "key": ["lamp"], "keysecondary": ["oil"], "comment": "Lamp", "content": "The lamp is old.",
            "constant": False, "selective": True, "order": 100, "position": 4, "disable": True, "depth": 4, "role": 0,
            "probability": 50, "useProbability": True, "selectiveLogic": 1, "group": "a", "excludeRecursion": True,
            "vectorized": False, "someday": 1.5,
        },
        "7": {"uid": 7, "key": ["fog"], "keysecondary": [], "comment": "", "content": "Fog.", "constant": True,
              "selective": False, "order": 5, "position": 0, "disable": False},
    },
    "originalData": {"x": 1},
}  # fmt: skip
AGNAI = {
    "kind": "memory",
    "name": "Harbour",
    "description": "Lore",
    "entries": [
        {
            "name": "Lamp",
            "entry": "Old.",
            "keywords": ["lamp"],
            "priority": 3,
            "weight": 2,
            "enabled": False,
            "_id": "z",
        }
    ],
}
RISU = {
    "type": "risu",
    "ver": 1,
    "data": [
        {"key": "lamp, oil", "secondkey": "", "insertorder": 10, "comment": "Lamp", "content": "Old.", "mode": "folder",
         "alwaysActive": False, "selective": False, "activationPercent": 40},
    ],
}  # fmt: skip
NOVELAI = {
    "lorebookVersion": 5,
    "entries": [
        {"text": "Old.", "keys": ["lamp"], "displayName": "Lamp", "enabled": True, "forceActivation": False,
         "contextConfig": {"prefix": "", "budgetPriority": 400}, "id": "u-1"},
    ],
    "settings": {"orderByKeyLocations": False},
}  # fmt: skip
V3 = {"spec": "lorebook_v3", "data": {"name": "H", "extensions": {}, "entries": [cards.entry(1, use_regex=False)]}}
FILES: dict[str, dict[str, Any]] = {
    "sillytavern": WORLD_INFO, "agnai": AGNAI, "risu": RISU, "novelai": NOVELAI, "lorebook": V3,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_goes_to_v3_and_comes_back_as_it_was(name: str) -> None:
    there = book_files.convert(json.dumps(FILES[name]).encode(), "", "lorebook", allow_loss=True)
    assert not there.losses
    assert json.loads(there.data)["spec"] == "lorebook_v3"
    back = book_files.convert(there.data, "", name)
    assert json.loads(back.data) == FILES[name]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("target", FILES)
def test_every_program_reads_every_other(name: str, target: str) -> None:
    made = book_files.convert(json.dumps(FILES[name]).encode(), "", target, allow_loss=True)
    layout, book = books.load(made.data)
    before = books.load(json.dumps(FILES[name]).encode())[1]
    assert layout == target
    assert [(e["keys"], e["content"], e["insertion_order"]) for e in book["entries"]] == [
        (e["keys"], e["content"], e["insertion_order"]) for e in before["entries"]
    ]
    assert inspect(made.data)["lorebook_entries"] == len(before["entries"])


def test_world_info_gets_the_names_that_a_card_uses() -> None:
    _, book = books.load(json.dumps(WORLD_INFO).encode())
    first = book["entries"][0]
    assert (first["id"], first["enabled"], first["position"]) == (0, False, "after_char")
    assert first["extensions"]["position"] == 4
    assert first["extensions"]["exclude_recursion"] is True
    assert first["extensions"]["ainfluencer"]["sillytavern"] == {"someday": 1.5}


def test_what_a_program_has_no_place_for_is_named_before() -> None:
    rich = cards.v2(
        character_book={
            "name": "H", "scan_depth": 3, "extensions": {},
            "entries": [cards.entry(1, keys=["a, b"], enabled=False, constant=True, secondary_keys=["c"], position="after_char", extensions={"depth": 3})],
        }
    )  # fmt: skip
    for target, fields in {
        "lorebook": set(),
        "sillytavern": {"book.scan_depth"},
        "agnai": {"book.scan_depth", *(f"book.entries.{one}" for one in ("constant", "secondary_keys", "position", "extensions"))},
        "risu": {"book.name", "book.scan_depth", *(f"book.entries.{one}" for one in ("enabled", "position", "extensions", "keys"))},
        "novelai": {"book.name", "book.scan_depth", *(f"book.entries.{one}" for one in ("secondary_keys", "position", "extensions"))},
    }.items():  # fmt: skip
        data = json.dumps(rich).encode()
        made = book_files.convert(data, "", target, allow_loss=True)
        assert {loss.field for loss in made.losses} == fields, target
        if fields:
            with pytest.raises(WouldLose):
                book_files.convert(data, "", target)


def test_equal_ids_do_not_overwrite_each_other_in_world_info() -> None:
    book = {"extensions": {}, "entries": [cards.entry(3), cards.entry(3), cards.entry(4)]}
    made, _ = books.dump(book, "sillytavern")
    assert list(json.loads(made)["entries"]) == ["3", "5", "4"]


def test_a_book_moves_into_a_card_and_out_again() -> None:
    editor = open_card(pngs.png(pngs.text("chara", pngs.b64(cards.v2())))).editor()
    editor.set("book", books.load(json.dumps(AGNAI).encode())[1])
    assert editor.get("book.entries[0].content") == "Old."
    made = book_files.convert(editor.text(), "a.json", "agnai")
    assert json.loads(made.data) == AGNAI


REAL: dict[str, Any] = {
    "entries": {
        "0": WORLD_INFO["entries"]["7"] | {"uid": 0, "addMemo": True, "scanDepth": None, "caseSensitive": None, "role": None}
    }
}  # fmt: skip
"""As SillyTavern writes an entry, with null for what nobody set."""


@pytest.mark.parametrize("between", ["lorebook", "sillytavern"])
@pytest.mark.parametrize("file", [REAL, RISU, NOVELAI], ids=["sillytavern", "risu", "novelai"])
def test_what_a_program_added_comes_back_from_another(file: dict[str, Any], between: str) -> None:
    there = book_files.convert(json.dumps(file).encode(), "", between, allow_loss=True)
    name = books.load(json.dumps(file).encode())[0]
    back = book_files.convert(there.data, "", name, allow_loss=True)
    entries = "data" if name == "risu" else "entries"
    assert json.loads(back.data)[entries] == file[entries]


def test_what_programs_added_is_named_when_another_has_no_place_for_it() -> None:
    for file, target, fields in (
        (RISU, "agnai", {"mode", "activationPercent"}),
        (NOVELAI, "risu", {"contextConfig", "id"}),
        (AGNAI, "novelai", {"priority", "_id"}),
    ):
        made = book_files.convert(json.dumps(file).encode(), "", target, allow_loss=True)
        named = {loss.field.removeprefix("book.entries.") for loss in made.losses}
        assert fields <= named <= fields | {"enabled", "book.name", "book.description", "book.settings"}


def test_the_loss_of_a_second_title_and_of_a_books_own_data_is_named_and_that_of_nothing_is_not() -> None:
    entry = cards.entry(1, name="A", comment="B", use_regex=True, keys=["lamp", "/oil|wick/i"], case_sensitive=True)
    book = json.dumps({"spec": "lorebook_v3", "data": {"extensions": {"mine": 1}, "entries": [entry]}}).encode()
    for target, fields in {
        "sillytavern": {"book.extensions", "book.entries.name"},
        "agnai": {"book.extensions", *(f"book.entries.{one}" for one in ("comment", "use_regex", "case_sensitive"))},
    }.items():
        assert {loss.field for loss in book_files.convert(book, "", target, allow_loss=True).losses} == fields
    assert json.loads(books.dump(books.load(book)[1], "sillytavern")[0])["entries"]["1"]["caseSensitive"] is True


@pytest.mark.parametrize(
    "entry",
    [
        {"entries": {"0": {"key": ["a"], "content": "c", "position": []}}},
        {"lorebookVersion": 5, "entries": [{"keys": ["a"], "text": "c", "contextConfig": None}]},
        {"lorebookVersion": 5, "entries": [{"keys": ["a"], "text": "c", "contextConfig": []}]},
    ],
)
def test_odd_types_in_a_lorebook_are_no_obstacle(entry: dict[str, Any]) -> None:
    for target in FILES:
        made = book_files.convert(json.dumps(entry).encode(), "", target, allow_loss=True)
        assert books.load(made.data)[1]["entries"][0]["content"] == "c"


def test_what_is_no_lorebook_is_refused() -> None:
    with pytest.raises(NotFound) as refusal:
        book_files.convert(json.dumps(cards.v2()).encode(), "", "risu")
    assert refusal.value.reason == "no_lorebook"
    for data in (b'{"hello": 1}', b"[]", b"nothing"):
        with pytest.raises(CardRefused):
            books.load(data)
        with pytest.raises(CardRefused):
            book_files.convert(data, "a.json", "risu")
