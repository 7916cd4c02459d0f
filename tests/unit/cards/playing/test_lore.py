"""Which entries fire, why, where they go and what the budget cuts."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from ainfluencer.cards.playing.lore import Fired, Options, Verdict, fire
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.reading import view
from ainfluencer.cards.reading.values import Notes


def entry(*keys: str, content: str = "Lore.", **more: Any) -> dict[str, Any]:
    return {"keys": list(keys), "content": content, "extensions": {}, "enabled": True, "insertion_order": 0} | more


def tried(
    entries: list[dict[str, Any]], *messages: str, spec: str = "v3", options: Options | None = None, **book: Any
) -> Fired:
    data = {"name": "Mira", "character_book": {"extensions": {}, "entries": entries, **book}}
    card = view.view({"spec": f"chara_card_{spec}", "spec_version": "3.0", "data": data}, Notes())
    return fire(card, list(messages), Scene(card, user="Ada", seed=3), options)


def only(*keys: str, text: str = "the bees hum", spec: str = "v3", content: str = "Lore.", **more: Any) -> Verdict:
    return tried([entry(*keys, content=content, **more)], text, spec=spec).verdicts[0]


@pytest.mark.parametrize(
    ("keys", "text", "more", "fires"),
    [
        (["bee"], "Bees hum", {}, True),
        (["bee"], "Bees hum", {"case_sensitive": True}, False),
        (["bee"], "bees hum", {"extensions": {"match_whole_words": True}}, False),
        (["bee"], "a bee.", {"extensions": {"match_whole_words": True}}, True),
        (["the bees"], "oh the bees", {"extensions": {"match_whole_words": True}}, True),
        (["{{user}}"], "it is Ada", {}, True),
        (["/be+s/i"], "BEEEES", {}, True),
        (["/be+s/"], "BEEEES", {}, False),
        (["b.e"], "b.e", {}, True),
        (["b.e"], "bee", {}, False),
        (["b.e"], "bee", {"use_regex": True}, True),
        (["("], "(", {"use_regex": True}, False),
        (["bee"], "the bees", {"enabled": False}, False),
        ([], "the bees", {"constant": True}, True),
        ([], "the bees", {}, False),
        (["bee"], "the bees", {"content": "  "}, False),
    ],
)
def test_keys(keys: list[str], text: str, more: dict[str, Any], fires: bool) -> None:
    assert (only(*keys, text=text, **more).status == "fired") is fires


@pytest.mark.parametrize(
    ("logic", "text", "fires"),
    [
        (0, "bee hive", True), (0, "bee", False), (0, "hive", False),
        (1, "bee hive", True), (1, "bee hive salt", False), (1, "bee", True),
        (2, "bee", True), (2, "bee salt", False),
        (3, "bee hive salt", True), (3, "bee hive", False),
    ],
)  # fmt: skip
def test_second_keys(logic: int, text: str, fires: bool) -> None:
    found = only(
        "bee", text=text, selective=True, secondary_keys=["hive", "salt"], extensions={"selectiveLogic": logic}
    )
    assert (found.status == "fired") is fires


def test_the_specification_and_sillytavern_differ_about_patterns() -> None:
    constant: dict[str, Any] = {"use_regex": True, "constant": True}
    assert only("x(", spec="v3", **constant).answer.code == "pattern_invalid"
    assert only("x(", spec="v2", **constant).answer.code == "constant"


def test_a_mark_says_where() -> None:
    found = tried([entry("hum")], "older", "the bees hum")
    mark = found.verdicts[0].answer.marks[0]
    assert (mark.kind, mark.at, found.messages[mark.at][mark.start : mark.end]) == ("message", 1, "hum")


def test_only_the_newest_messages_are_searched() -> None:
    far = tried([entry("bee")], "bee", "two", "three", scan_depth=2)
    assert (far.verdicts[0].status, far.verdicts[0].answer.code) == ("silent", "too_far_back")
    own = tried([entry("bee", extensions={"scan_depth": 3})], "bee", "two", "three", scan_depth=2)
    assert own.verdicts[0].status == "fired"


def test_lore_fires_lore() -> None:
    chain = [entry("bee", content="They make honey."), entry("honey", content="Sold on the pier."), entry("pier")]
    assert [one.level for one in tried(chain, "a bee", recursive_scanning=True).verdicts] == [0, 1, 2]
    assert [one.status for one in tried(chain, "a bee").verdicts] == ["fired", "silent", "silent"]
    shy = [chain[0], entry("honey", extensions={"exclude_recursion": True})]
    assert tried(shy, "a bee", recursive_scanning=True).verdicts[1].status == "silent"
    quiet = [entry("bee", content="honey", extensions={"prevent_recursion": True}), entry("honey")]
    assert tried(quiet, "a bee", recursive_scanning=True).verdicts[1].status == "silent"
    late = [entry("bee", content="honey"), entry("honey", extensions={"delay_until_recursion": True})]
    assert [one.level for one in tried(late, "bee honey", recursive_scanning=True).verdicts] == [0, 1]
    assert tried(late, "honey", recursive_scanning=True).verdicts[1].answer.code == "waits_for_lore"


def test_hidden_keys_fire_other_entries() -> None:
    pair = [entry("bee", content="{{hidden_key:wax}}Sweet."), entry("wax")]
    found = tried(pair, "bee", recursive_scanning=True)
    assert [one.status for one in found.verdicts] == ["fired", "fired"]
    assert "wax" not in found.inserted[0].text


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("@@activate", "activated"),
        ("@@dont_activate", "not_activated"),
        ("@@activate_only_after 3", "too_early"),
        ("@@activate_only_every 2", "not_this_time"),
        ("@@is_greeting 1", "other_greeting"),
        ("@@is_greeting 0", "key"),
        ("@@additional_keys wax, salt", "no_additional_key"),
        ("@@additional_keys hum", "key"),
        ("@@exclude_keys hum", "excluded"),
        ("@@never_heard 1\n@@@dont_activate", "not_activated"),
        ("@@is_greeting one\n@@@is_greeting 4\n@@@dont_activate", "other_greeting"),
        ("@@is_greeting 0\n@@is_greeting 4", "key"),
    ],
)
def test_decorators(head: str, code: str) -> None:
    assert only("bee", content=f"{head}\n\nLore.").answer.code == code


def test_decorators_are_not_sent_and_place_their_entry() -> None:
    found = only("bee", content="@@depth 2\n@@role user\n\nLore.")
    assert (found.text, found.slot, found.depth, found.role) == ("Lore.", "at_depth", 2, "user")
    assert only("bee", content="@@position scenario\nLore.").slot == "scenario"


def test_older_cards_send_decorators_as_text() -> None:
    assert only("bee", spec="v2", content="@@depth 2\nLore.").text == "@@depth 2\nLore."
    assert only("bee", spec="v2", content="@@dont_activate\nLore.").answer.code == "not_activated"


@pytest.mark.parametrize(
    ("more", "slot"),
    [
        ({"position": "after_char"}, "after_char"),
        ({"extensions": {"position": 4, "depth": 3, "role": 2}}, "at_depth"),
        ({"extensions": {"position": 2}}, "note_top"),
        ({}, "before_char"),
    ],
)
def test_places(more: dict[str, Any], slot: str) -> None:
    assert only("bee", **more).slot == slot


def test_the_budget_keeps_what_matters() -> None:
    long = "word " * 40
    entries = [entry("bee", content=long, insertion_order=order) for order in (1, 2, 3)]
    found = tried(entries, "bee", token_budget=90)
    assert [one.status for one in found.verdicts] == ["cut", "fired", "fired"]
    assert [one.at for one in found.inserted] == [1, 2]
    assert found.tokens <= found.budget == 90
    entries[0]["priority"] = 5
    assert [one.status for one in tried(entries, "bee", token_budget=50).verdicts] == ["fired", "cut", "cut"]


def test_one_of_a_group() -> None:
    rivals = [entry("bee", extensions={"group": "mood", "group_weight": weight}) for weight in (0, 100)]
    assert [one.status for one in tried(rivals, "bee").verdicts] == ["silent", "fired"]
    rivals[0]["extensions"]["group_override"] = True
    assert [one.answer.code for one in tried(rivals, "bee").verdicts] == ["key", "group"]


def test_chance_is_settled_by_the_seed() -> None:
    never = entry("bee", extensions={"probability": 0, "useProbability": True})
    always = entry("bee", extensions={"probability": 0, "useProbability": False})
    assert [one.answer.code for one in tried([never, always], "bee").verdicts] == ["probability", "key"]


def test_a_pattern_without_end_is_stopped() -> None:
    began = time.monotonic()
    found = only("/(a+)+$/", text="a" * 40 + "!")
    assert found.answer.code in {"pattern_slow", "no_key"}
    assert time.monotonic() - began < 2


def test_five_thousand_entries_take_no_time_to_speak_of() -> None:
    entries = [entry(f"place{n}", f"harbour {n}", content=f"Place {n} lies north.") for n in range(5000)]
    began = time.monotonic()
    assert tried(entries, "We went to place77 and place4999.", options=replace(Options(), budget=500)).tokens > 0
    assert time.monotonic() - began < 10
