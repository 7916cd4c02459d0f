"""Differences field by field, and two edits of one card brought together."""

from __future__ import annotations

from typing import Any

import pytest

from ainfluencer.cards.comparing import differ, merger
from tests.support.cards import cards


def changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    return {one.field: one.kind for one in differ.differences(old, new)}


def with_book(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return cards.v2(character_book={"entries": list(entries)}, **more)


def test_equal_cards_of_other_versions_and_spellings_do_not_differ() -> None:
    assert not changes(cards.v2(), cards.v2() | {"name": "Ada"})
    assert changes(cards.v2(), cards.v3(nickname="")) == {"spec": "changed"}
    assert changes(cards.v1(), {"char_name": "Ada"} | cards.v1()) == {}
    assert changes(with_book(cards.entry(1)), cards.v2(character_book={"entries": {"0": cards.entry(1)}})) == {}


def test_each_difference_is_named() -> None:
    old = with_book(cards.entry(1), cards.entry(2), tags=["a"], alternate_greetings=["x"], extensions={"d": {"e": 1}})
    new = with_book(
        cards.entry(2, content="New."),
        cards.entry(3),
        name="Mira",
        tags=["a", "b"],
        alternate_greetings=["x", "y"],
        extensions={"d": {"e": 1.0}, "f": True},
    )
    assert changes(old, new) == {
        "name": "changed",
        "tags": "changed",
        "alternate_greetings[1]": "added",
        "extensions.d.e": "changed",
        "extensions.f": "added",
        "character_book.entries[id:1]": "removed",
        "character_book.entries[id:2].content": "changed",
        "character_book.entries[id:3]": "added",
    }


@pytest.mark.parametrize("place", [[1], {"a": 1}, 4])
def test_a_place_of_an_odd_type_is_compared(place: Any) -> None:
    assert changes(with_book(cards.entry(1)), with_book(cards.entry(1, position=place)))


def test_entries_without_ids_are_known_by_name_or_keys() -> None:
    def plain(number: int, **more: Any) -> dict[str, Any]:
        made = cards.entry(number, **more)
        del made["id"]
        return made

    assert changes(with_book(plain(1), plain(2)), with_book(plain(2), plain(1))) == {
        "character_book.entries": "changed"
    }
    named = changes(with_book(plain(1, name="Lamp")), with_book(plain(2, name="Lamp")))
    assert set(named) == {f"character_book.entries[Lamp].{name}" for name in ("keys[0]", "content", "insertion_order")}


def test_an_entry_without_an_id_leaves_the_others_theirs() -> None:
    fresh = {"keys": ["a"], "content": "New."}
    old = with_book(cards.entry(1, name="Lamp"), cards.entry(2, name="Fog"))
    new = with_book(cards.entry(2, name="Mist"), fresh, fresh)
    assert changes(old, new) == {
        "character_book.entries[id:1]": "removed",
        "character_book.entries[id:2].name": "changed",
        "character_book.entries[a]": "added",
        "character_book.entries[a #2]": "added",
    }
    merging = merger.Merge()
    made = merging.cards(old, with_book(cards.entry(1, name="Lamp"), cards.entry(2, name="Fog", comment="x")), new)
    assert not merging.clashes
    assert [one.get("comment", one["content"]) for one in made["data"]["character_book"]["entries"]] == [
        "x",
        "New.",
        "New.",
    ]


BASE = with_book(cards.entry(1), cards.entry(2), tags=["a", "b"])


def edited(**more: Any) -> dict[str, Any]:
    book = more.pop("book", [cards.entry(1), cards.entry(2)])
    return with_book(*book, **({"tags": ["a", "b"]} | more))


def test_edits_of_different_fields_come_together() -> None:
    ours = edited(
        name="Mira", tags=["a", "b", "ours"], book=[cards.entry(1, content="Ours."), cards.entry(2), cards.entry(8)]
    )
    theirs = edited(scenario="A pier.", tags=["b", "theirs"], book=[cards.entry(1, keys=["k"]), cards.entry(9)])
    merging = merger.Merge()
    made = merging.cards(BASE, ours, theirs)["data"]
    assert not merging.clashes
    assert (made["name"], made["scenario"], made["tags"]) == ("Mira", "A pier.", ["b", "ours", "theirs"])
    entries = {one["id"]: one for one in made["character_book"]["entries"]}
    assert list(entries) == [1, 8, 9]
    assert (entries[1]["content"], entries[1]["keys"]) == ("Ours.", ["k"])


CLASHES = [
    ({"name": "O"}, {"name": "T"}, "name"),
    ({"alternate_greetings": ["o"]}, {"alternate_greetings": ["t"]}, ""),
    ({"tags": ["o", "b"]}, {"tags": ["t", "b"]}, "tags"),
    ({"extensions": {"depth": 2}}, {"extensions": {"depth": 3}}, "extensions.depth"),
    ({"book": [cards.entry(1), cards.entry(2, content="O")]}, {"book": [cards.entry(1)]}, "character_book.entries[id:2]"),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "field"), CLASHES)
def test_what_both_changed_is_told_and_the_chosen_side_wins(ours: Any, theirs: Any, field: str) -> None:
    for prefer, side in (("ours", ours), ("theirs", theirs)):
        merging = merger.Merge(prefer)
        made = merging.cards(BASE, edited(**ours), edited(**theirs))
        assert [clash.field for clash in merging.clashes] == ([field] if field else [])
        if field:
            assert made == edited(**side)
    assert merger.MergeConflicts(merging.clashes).reason == "merge_conflicts"


def test_a_greeting_that_they_rewrote_stays_in_its_place() -> None:
    for base, ours, theirs, wanted in (
        ("ABC", "ABCD", "XBC", "XBCD"),
        ("AB", "AY", "XB", "XY"),
        ("ABC", "BC", "AXC", "XC"),
        ("ABC", "ABC", "AB", "AB"),
    ):
        merging = merger.Merge()
        assert merging.joined(list(base), list(ours), list(theirs)) == list(wanted)
        assert not merging.clashes


def test_a_merge_takes_over_edits_of_another_version() -> None:
    theirs = cards.v3(nickname="", scenario="A pier.")
    made = merger.Merge().cards(cards.v2(), cards.v2(name="Mira"), theirs)
    assert (made["spec"], made["data"]["name"], made["data"]["scenario"]) == ("chara_card_v2", "Mira", "A pier.")
