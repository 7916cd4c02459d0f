"""Fields by meaning: where they lie in each version, their mirrors, and values that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.opening import open_card
from ainfluencer.core.errors import ProductError
from tests.support.cards import cards


def editor(card: Any, name: str = "card.json") -> CardEditor:
    data = card if isinstance(card, bytes) else json.dumps(card).encode()
    return open_card(data, name).editor()


def text(made: CardEditor) -> Any:
    return json.loads(made.text())


def test_a_field_is_found_in_every_version() -> None:
    for card, place in (
        (cards.v1(), ("scenario",)),
        (cards.v2(), ("data", "scenario")),
        (cards.v3(), ("data", "scenario")),
        ({"data": cards.v1()}, ("data", "scenario")),
        ({"char_name": "Ada", "char_persona": "Keeps a light.", "world_scenario": "x"}, ("world_scenario",)),
        ({"char_name": "Ada", "char_persona": "Keeps a light."}, ("world_scenario",)),
        ([{"card": cards.v2()}], (0, "card", "data", "scenario")),
    ):
        made = editor(card)
        made.set("scenario", "A pier.")
        value = text(made)
        for step in place:
            value = value[step]
        assert value == "A pier."
        assert made.touched == ["scenario"]


def test_only_the_mirror_of_the_edited_field_follows() -> None:
    card = cards.v2() | {"name": "Old", "scenario": "old", "creatorcomment": "old note", "avatar": "none"}
    made = editor(card)
    made.set("scenario", "new")
    made.set("creator_notes", "new note")
    assert text(made)["scenario"] == "new"
    assert text(made)["creatorcomment"] == "new note"
    assert text(made)["name"] == "Old"


def test_a_pygmalion_card_with_both_spellings_keeps_them_in_step() -> None:
    made = editor({"char_name": "Ada", "name": "Ada", "char_persona": "x", "description": ""})
    made.set("name", "Mira")
    made.set("description", "y")
    assert text(made) == {"char_name": "Mira", "name": "Mira", "char_persona": "y", "description": "y"}


def test_parts_of_lists_objects_and_books() -> None:
    book = {"entries": [cards.entry(4), cards.entry(7), {"key": ["a"], "content": "c", "uid": 9}]}
    made = editor(cards.v2(character_book=book))
    made.set_typed("book.entries[id:7].content", "Seven.")
    made.set_typed("book.entries[id:9].keys", "b, c")
    made.set_typed("book.entries[+]", '{"content": "New."}')
    made.set_typed("tags[+]", "pier")
    made.set_typed("tags[0]", "lamp")
    made.set_typed("extensions.depth_prompt.depth", "4")
    made.set_typed("extensions.note", "not JSON")
    made.set_typed("greetings", '["Hello."]')
    data = text(made)["data"]
    entries = data["character_book"]["entries"]
    assert entries[1]["content"] == "Seven."
    assert entries[2]["key"] == ["b", "c"]
    assert entries[3] == {"content": "New.", "keys": [], "extensions": {}, "enabled": True, "insertion_order": 0}
    assert data["tags"] == ["lamp", "sea", "pier"]
    assert data["extensions"] == {"depth": 1, "depth_prompt": {"depth": 4}, "note": "not JSON"}
    assert data["alternate_greetings"] == ["Hello."]
    assert made.get("book.entries[id:4].content") == "Fact number 4 of the harbour."


def test_odd_types_are_put_right_where_they_are_edited() -> None:
    made = editor(cards.v2(tags="sea, fog", character_book={"entries": {"a": cards.entry(1), "b": cards.entry(2)}}))
    made.set_typed("tags[+]", "pier")
    made.set_typed("book.entries[1].content", "Two.")
    data = text(made)["data"]
    assert data["tags"] == ["sea", "fog", "pier"]
    assert data["character_book"]["entries"]["b"]["content"] == "Two."


def test_texts_are_taken_as_they_are_typed() -> None:
    made = editor(cards.v2())
    for typed in ("5", "true", '{"a": 1}', "", "  two\nlines "):
        made.set_typed("description", typed)
        assert made.get("description") == typed


def test_only_tags_and_keys_are_parted_at_commas() -> None:
    made = editor(cards.v2(character_book={"entries": [cards.entry(1)]}))
    for field, typed in {
        "greetings": "Hello, you. Late again?",
        "tags": "sea, fog",
        "book.entries[0].keys": "lamp, light",
        "book.entries[0].secondary_keys": "2024",
        "extensions.x": "1e3",
    }.items():
        made.set_typed(field, typed)
    data, entry = text(made)["data"], text(made)["data"]["character_book"]["entries"][0]
    assert (data["alternate_greetings"], data["tags"]) == (["Hello, you. Late again?"], ["sea", "fog"])
    assert (entry["keys"], entry["secondary_keys"]) == (["lamp", "light"], ["2024"])
    assert b'"x": 1e3' in made.text()


def test_odd_values_in_fields_that_never_change_are_no_obstacle() -> None:
    made = editor(cards.v3(source=5, creation_date=["long ago"]))
    made.set_typed("source[+]", "https://example.org")
    made.set_typed("creation_date", "1700000000")
    data = text(made)["data"]
    assert (data["source"], data["creation_date"]) == (["5", "https://example.org"], 1_700_000_000)


@pytest.mark.parametrize(
    ("field", "entries"),
    [
        *((one, [cards.entry(1)]) for one in ("tags[5]", "extensions.nothing", "book.entries[0].keys[3]", "book.entries[0].name")),
        *(("book.entries[id:1]", odd) for odd in (None, 5, "x")),
    ],
)  # fmt: skip
def test_what_is_not_there_cannot_be_taken_out(field: str, entries: Any) -> None:
    made = editor(cards.v2(character_book={"entries": entries}))
    with pytest.raises(ProductError) as refusal:
        made.remove(field)
    assert refusal.value.reason == "field_missing"
    assert not made.is_changed


def test_the_names_of_world_info_are_known_when_a_part_goes() -> None:
    made = editor(cards.v2(character_book={"entries": [{"key": ["a", "b"], "content": "c", "uid": 9}]}))
    made.remove("book.entries[id:9].keys[0]")
    assert text(made)["data"]["character_book"]["entries"][0]["key"] == ["b"]


def test_fields_are_emptied_or_taken_out() -> None:
    made = editor(cards.v3(character_book={"entries": []}))
    for field in ("description", "tags", "extensions.depth", "nickname", "book"):
        made.remove(field)
    data = text(made)["data"]
    assert (data["description"], data["tags"], data["extensions"]) == ("", [], {})
    assert not {"nickname", "character_book"} & data.keys()


REFUSED = [
    (cards.v2(), "nam", "x", "field_unknown"),
    (cards.v2(), "book.entries[0].contents", "x", "field_unknown"),
    (cards.v2(), "name.x", "x", "field_unknown"),
    (cards.v2(), "nickname", "x", "field_not_in_version"),
    (cards.v1(), "system_prompt", "x", "field_not_in_version"),
    (cards.v2(), "spec", "x", "invalid_input"),
    (cards.v2(), "tags", 5, "value_invalid"),
    (cards.v2(), "description", "a\0b", "value_invalid"),
    (cards.v2(), "description", "\ud83d", "value_invalid"),
    (cards.v2(), "extensions.x", float("nan"), "value_invalid"),
    (cards.v2(), "extensions.x", json.loads("[" * 250 + "]" * 250), "value_invalid"),
    (cards.v2(), "extensions" + ".a" * 250, 1, "value_invalid"),
    (cards.v2(), "book", {"entries": [{"keys": "a", "content": "b"}]}, "value_invalid"),
    (cards.v2(), "book.entries[0].content", "x", "field_missing"),
    (cards.v2(), "tags[5]", "x", "field_missing"),
    (cards.v2(character_book={"entries": [cards.entry(1), cards.entry(1)]}), "book.entries[id:1].content", "x", "entry_id_unclear"),
    (cards.v3(creation_date=5), "creation_date", 6, "creation_date_fixed"),
    (cards.v3(source=["a"]), "source", ["b"], "source_append_only"),
]  # fmt: skip


@pytest.mark.parametrize(("card", "field", "value", "code"), REFUSED)
def test_what_cannot_be_is_refused_and_changes_nothing(card: Any, field: str, value: Any, code: str) -> None:
    data = json.dumps(card).encode()
    made = editor(data)
    with pytest.raises(ProductError) as refusal:
        made.set(field, value)
    assert refusal.value.reason == code
    assert refusal.value.next_step
    assert made.text() == data
    assert not made.is_changed


def test_a_value_of_a_hundred_thousand_brackets_is_refused() -> None:
    with pytest.raises(ProductError):
        editor(cards.v2()).set_typed("extensions.x", "[" * 100_000)


def test_the_date_of_modification_follows_an_edit_of_v3_only() -> None:
    for card, wanted in ((cards.v3(), True), (cards.v2(), False), (cards.v3(modification_date=0), False)):
        made = editor(card)
        made.finish()
        assert not made.is_changed
        made.set("name", "Mira")
        made.finish()
        assert bool(text(made)["data"].get("modification_date")) is wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_of_a_file_stays(encoding: str) -> None:
    data = json.dumps(cards.v2(description="café"), ensure_ascii=False).encode(encoding)
    made = editor(data)
    made.set("name", "Zoë ★")
    assert json.loads(made.text().decode(encoding))["data"]["name"] == "Zoë ★"
    assert made.text()[:2] == data[:2]
