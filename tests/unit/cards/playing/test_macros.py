"""Macros are resolved as chat programs do it; what nobody knows stays, and its place is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ainfluencer.cards.playing.macros import Scene, play, problems, shown
from ainfluencer.cards.reading.card import Card

CARD = Card("v3", "3.0", name="Mira Lund", nickname="Mira", description="{{char}} keeps bees.", scenario="A pier.")
SCENE = Scene(CARD, user="Ada", seed=7, now=datetime(2026, 11, 21, 15, 4, 9, tzinfo=UTC), last="Hello?")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("{{char}} waves at {{user}}.", "Mira waves at Ada."),
        ("{{CHAR}} and <USER>, <BOT>, <char>", "Mira and Ada, Mira, Mira"),
        ("{{// a note}}bees{{comment: hum}}", "bees"),
        ("{{reverse:abc}}", "cba"),
        ("{{reverse:{{user}}}}", "adA"),
        ("a\n\n{{trim}}\n\nb", "ab"),
        ("a{{newline}}b{{noop}}", "a\nb"),
        ("{{description}}", "Mira keeps bees."),
        ("{{random:same,same}}", "same"),
        ("{{pick::only::only}}", "only"),
        ("{{random:a\\,b}}", "a,b"),
        ("{{time}} {{isotime}} {{date}}", "3:04 PM 15:04 November 21, 2026"),
        ("{{weekday}} {{isodate}} {{time_UTC+2}}", "Saturday 2026-11-21 5:04 PM"),
        ("{{datetimeformat DD.MM.YYYY [at] HH:mm}}", "21.11.2026 at 15:04"),
        ("{{setvar::n::4}}{{incvar::n}}{{addvar::n::2}}={{getvar::n}}", "5=7"),
        ("{{lastMessage}}", "Hello?"),
        ("{{hidden_key:honey}}hives", "hives"),
        ("no macro { here }", "no macro { here }"),
    ],
)
def test_what_is_written_and_what_is_seen(written: str, seen: str) -> None:
    assert shown(written, SCENE) == seen


def test_hidden_keys_are_searched_but_never_sent() -> None:
    assert play("{{hidden_key:honey}} hives", SCENE, is_scanned=True).text == "honey hives"


def test_the_replaced_prompt_is_put_in_once() -> None:
    assert play("{{original}} Be brief. {{original}}", SCENE, original="Play {{char}}.").text == "Play Mira. Be brief. "


def test_dice_stay_in_their_range_and_can_be_thrown_again() -> None:
    throws = {int(shown("{{roll:d6}}", replace(SCENE, roll=roll))) for roll in range(60)}
    assert throws == {1, 2, 3, 4, 5, 6}
    assert 3 <= int(shown("{{roll:2d6+1}}", SCENE)) <= 13
    assert {shown("{{roll 1}}", replace(SCENE, roll=n)) for n in range(5)} == {"1"}


def test_a_pick_stays_and_a_random_choice_does_not() -> None:
    text = "{{pick:a,b,c,d,e,f}}/{{random:a,b,c,d,e,f}}"
    seen = [shown(text, replace(SCENE, roll=roll)).split("/") for roll in range(30)]
    assert len({pick for pick, _ in seen}) == 1
    assert len({choice for _, choice in seen}) > 2


@pytest.mark.parametrize(
    ("text", "name", "is_known"),
    [("Say {{usr}} now", "usr", False), ("{{outlet::x}} here", "outlet", True), ("{{#if a}}x{{/if}}", "#if", True)],
)
def test_what_nobody_resolves_stays_and_is_told(text: str, name: str, is_known: bool) -> None:
    played = play(text, SCENE)
    assert played.text == text
    found = played.problems[0]
    assert (found.name, found.is_known) == (name, is_known)
    assert text[found.start : found.end].startswith("{{" + name)


def test_a_near_miss_is_suggested() -> None:
    assert "{{user}}" in play("{{usr}}", SCENE).problems[0].message


def test_braces_without_a_partner_have_a_place() -> None:
    found = problems("a {{char} and b}} {{user", SCENE)
    assert [(one.name, one.start) for one in found] == [("{{", 18)]
    assert [one.name for one in problems("x }} y", SCENE)] == ["}}"]


def test_a_card_that_names_itself_ends() -> None:
    card = Card(
        "v2", "2.0", name="Mira", description="I am {{description}} and {{scenario}}", scenario="{{description}}"
    )
    assert len(shown("{{description}}", Scene(card))) < 500


def test_a_nest_of_braces_ends_quickly() -> None:
    assert "x" in shown("{{random:" * 3000 + "x" + "}}" * 3000, SCENE)
