"""The audience's own lines: everybody has some, they fit the post, and they do not repeat."""

from __future__ import annotations

import pytest

from ainfluencer.stage import remarks
from ainfluencer.stage.models import StageAccount
from ainfluencer.stage.people import PEOPLE, Person


def account(person: Person) -> StageAccount:
    return StageAccount(
        id=person.handle, handle=person.handle, name=person.name, temper={"interests": list(person.interests)}
    )


SOL = account(next(p for p in PEOPLE if p.handle == "sol_surf"))


@pytest.mark.parametrize("person", PEOPLE, ids=lambda p: p.handle)
def test_everybody_has_lines_of_their_own(person: Person) -> None:
    post = f"About {person.interests[0]}. Would you?"
    lines = remarks.lines_for(account(person), post, "Marina Duarte")
    assert len(lines) >= 8
    assert all(len(line) <= 140 and "{" not in line for line in lines)


def test_no_two_members_share_a_line() -> None:
    lines = [line for p in PEOPLE for line in remarks.lines_for(account(p), "Plain words.", "Marina")]
    assert len(lines) == len(set(lines))


def test_the_word_that_they_noticed_comes_first() -> None:
    assert remarks.noticed(SOL, "A cold beach at noon") == "beach"
    assert "beach" in remarks.lines_for(SOL, "A cold beach at noon", "Marina")[0].lower()
    assert remarks.noticed(SOL, "A chair") == ""


def test_answers_are_for_questions_only() -> None:
    asked = set(remarks.lines_for(SOL, "Left or right? #choice", "Marina"))
    told = set(remarks.lines_for(SOL, "Left, then right.", "Marina"))
    assert asked - told == {"Dawn, before anybody is up.", "Left. Always left."}


def test_what_was_said_is_not_said_again() -> None:
    first = remarks.lines_for(SOL, "A chair", "Marina")
    assert first == remarks.lines_for(SOL, "A chair", "Marina")
    assert remarks.lines_for(SOL, "A chair", "Marina", [first[0]]) == first[1:]


def test_an_unknown_member_has_none() -> None:
    stranger = StageAccount(id="x", handle="x", name="X", temper={})
    assert remarks.lines_for(stranger, "A chair", "Marina") == []
