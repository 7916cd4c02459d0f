"""A lorebook over a whole chat: what stays, rests, waits, and which entry of a group is left. SillyTavern's rules, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from ainfluencer.cards.playing import chats
from ainfluencer.cards.playing.chats import Message, Turn
from ainfluencer.cards.playing.lore import Options
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.reading import view
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Notes
from tests.unit.cards.playing.test_lore import entry


def book(*entries: dict[str, Any], **more: Any) -> Card:
    data = {"name": "Mira", "character_book": {"extensions": {}, "entries": list(entries), **more}}
    return view.view({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}, Notes())


def timed(*keys: str, **extensions: Any) -> dict[str, Any]:
    return entry(*keys, extensions=extensions)


def played(card: Card, *lines: str, **options: Any) -> list[Turn]:
    said = [chats.spoken(line, card) for line in lines]
    return chats.follow(card, said, Scene(card, seed=3), Options(scan_depth=1, **options))


def codes(turns: list[Turn], at: int = 0) -> list[str]:
    found = [turn.fired.verdicts[at].answer.code for turn in turns]
    return ["no_key" if one == "too_far_back" else one for one in found]


QUIET = ("nothing",) * 6


def test_what_is_sticky_stays_for_its_messages() -> None:
    turns = played(book(timed("bee", sticky=3)), "a bee", *QUIET)
    assert codes(turns) == ["key", "sticky", "sticky", *["no_key"] * 4]
    told = turns[0].as_dict()["entries"][0]
    assert (told["stays_until"], told["rests_until"]) == (3, None)
    assert "fired at message 1 and stays through message 3" in turns[1].fired.verdicts[0].answer.why


def test_firing_again_does_not_make_it_stay_longer() -> None:
    turns = played(book(timed("bee", sticky=3)), "a bee", "a bee", *QUIET)
    assert codes(turns)[:5] == ["key", "sticky", "sticky", "no_key", "no_key"]


def test_a_cooldown_keeps_it_silent_whatever_is_said() -> None:
    turns = played(book(timed("bee", cooldown=3)), *["a bee"] * 6)
    assert codes(turns) == ["key", "cooldown", "cooldown", "key", "cooldown", "cooldown"]
    constant = book(entry("x", constant=True, extensions={"cooldown": 2}))
    assert codes(played(constant, *["a"] * 4)) == ["constant", "cooldown", "constant", "cooldown"]


def test_the_rest_begins_when_the_stay_ends() -> None:
    turns = played(book(timed("bee", sticky=2, cooldown=2)), *["a bee"] * 6)
    assert codes(turns) == ["key", "sticky", "cooldown", "cooldown", "key", "sticky"]


def test_a_delay_counts_every_message() -> None:
    turns = played(book(timed("bee", delay=3)), *["a bee"] * 4)
    assert codes(turns) == ["delayed", "delayed", "key", "key"]


def test_a_model_is_asked_after_the_persons_messages_only() -> None:
    turns = played(book(timed("bee", sticky=4)), "{{char}}: A bee.", "a bee", "Mira: Yes.", "and now", "{{user}}: end")
    assert [(turn.at, turn.role) for turn in turns] == [(1, "user"), (3, "user"), (4, "user")]
    assert codes(turns) == ["key", "sticky", "sticky"]


def test_what_the_budget_cut_does_not_stay() -> None:
    turns = played(book(entry("bee", content="word " * 40, extensions={"sticky": 5})), "bee", "no", budget=10)
    assert codes(turns) == ["budget", "no_key"]


def test_what_stays_keeps_its_room_before_what_is_new() -> None:
    old = entry("old", content="word " * 40, insertion_order=1, extensions={"sticky": 5})
    new = entry("new", content="word " * 40, insertion_order=9)
    turns = played(book(old, new), "old", "new", budget=60)
    assert codes(turns, 0) == ["key", "sticky"]
    assert codes(turns, 1) == ["no_key", "budget"]


def test_what_stays_needs_no_dice_and_no_round_of_its_own() -> None:
    chancy = timed("bee", sticky=4, probability=50, useProbability=True)
    for seed in range(12):
        card = book(chancy)
        turns = chats.follow(
            card, [Message("user", "bee"), *[Message("user", "-")] * 2], Scene(card, seed=seed), Options(scan_depth=1)
        )
        assert codes(turns) in (["key", "sticky", "sticky"], ["probability", "no_key", "no_key"])
    late = timed("bee", sticky=3, delay_until_recursion=True)
    turns = played(book(entry("go", content="bee"), late, recursive_scanning=True), "go", "-", "-")
    assert codes(turns, 1) == ["key", "sticky", "sticky"]


def test_who_stays_keeps_the_group() -> None:
    calm = timed("calm", group="mood", sticky=3)
    wild = timed("wild", group="mood", group_override=True)
    turns = played(book(calm, wild), "calm", "wild", "wild", "wild")
    assert codes(turns, 1) == ["no_key", "group", "group", "key"]


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ({}, ["group_score", "key"]),  # one key of two against two of two
        ({"use_group_scoring": False}, ["key", "group"]),  # does not count; goes before all others
    ],
)
def test_groups_may_count_keys(extensions: dict[str, Any], expected: list[str]) -> None:
    few = timed("bee", "wax", group="mood", use_group_scoring=True, group_override=True)
    few["extensions"] |= extensions
    many = timed("bee", "hive", group="mood", use_group_scoring=True)
    turns = played(book(few, many), "the bee in the hive")
    assert [one.answer.code for one in turns[0].fired.verdicts] == expected


def test_second_keys_count_where_they_are_asked_for() -> None:
    both = entry("bee", selective=True, secondary_keys=["hive", "wax"], extensions={"group": "m", "selectiveLogic": 0})
    one = timed("bee", group="m")
    card = book(one, both)
    assert [v.answer.code for v in played(card, "bee hive", counts_keys=True)[0].fired.verdicts] == [
        "group_score",
        "both_keys",
    ]


def test_a_group_that_has_fired_takes_no_other() -> None:
    first = entry("bee", content="honey", extensions={"group": "m"})
    second = timed("honey", group="m, other", group_override=True)
    found = played(book(first, second, recursive_scanning=True), "bee")[0].fired.verdicts
    assert [one.answer.code for one in found] == ["key", "group"]
    assert found[1].answer.why == "“bee” of the group “m” fires already."


def test_weights_share_a_group() -> None:
    wins = {"a": 0, "b": 0}
    for seed in range(200):
        card = book(
            entry("x", name="a", extensions={"group": "m", "group_weight": 300}),
            entry("x", name="b", extensions={"group": "m"}),
        )
        fired = chats.follow(card, [Message("user", "x")], Scene(card, seed=seed), Options())[0].fired
        wins[fired.inserted[0].label] += 1
    assert 120 < wins["a"] < 180  # three in four
    assert wins["b"] == 200 - wins["a"]


def test_a_chat_too_long_is_played_from_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "MOST_TRIALS", 3)
    turns = played(book(timed("bee", sticky=9)), "a bee", *QUIET)
    assert [turn.at for turn in turns] == [4, 5, 6]
    assert "The first 4 messages were left out" in turns[-1].fired.notes[0]


def test_a_preview_knows_what_stays() -> None:
    card = book(timed("bee", sticky=9))
    said = [Message("user", "bee"), *[Message("assistant", "-"), Message("user", "-")] * 3]
    assert chats.final(card, said, Scene(card), Options(scan_depth=1)).verdicts[0].answer.code == "sticky"
