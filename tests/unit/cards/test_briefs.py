"""Briefs as people type them."""

from __future__ import annotations

import pytest

from ainfluencer.cards import service
from ainfluencer.cards.naming import stated_name
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core.errors import InvalidInput


def draft(text: str, filename: str = "brief.md") -> CharacterDraft:
    return service.read_source(text.encode(), filename).draft


YAML = """
name: Mira Vale
age: 34
about: A surfer from Ericeira, Portugal.
timezone: Europe/Lisbon
interests: [surfing, maps]
tone: dry, warm
look: {hair: salt-stiff brown, colours: [teal, sand]}
personality: {humor: 8, creativity: 90%, extraversion: 0.4}
never: [politics]
quotes:
  - The sea owes you nothing.
shoe size: 39
"""


@pytest.mark.parametrize("filename", ["brief.yaml", "brief.md", "brief.txt", ""])
def test_yaml_under_any_name(filename: str) -> None:
    made = draft(YAML, filename)
    assert (made.name, made.age, made.timezone) == ("Mira Vale", 34, "Europe/Lisbon")
    assert made.interests == ("surfing", "maps")
    assert made.persona.content_tone == "dry, warm"
    assert (made.look.hair, made.look.colours) == ("salt-stiff brown", ("teal", "sand"))
    assert (made.persona.traits.humor, made.persona.traits.creativity, made.persona.traits.extroversion) == (
        0.8,
        0.9,
        0.4,
    )
    assert made.boundaries == ("politics",)
    said = {m.text for m in made.material}
    assert {"The sea owes you nothing.", "shoe size: 39"} <= said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# Mira Vale\n\nSurfs before breakfast.\n\n## Interests\n- maps\n- tea", "Mira Vale"),
        ("---\nname: Bo\n---\nBo bakes rye bread in Graz.", "Bo"),
        ("Name: Kai\nAge: 24\nLikes: rain, tea", "Kai"),
        ("A baker called Gina Rossi who sings while she works.", "Gina Rossi"),
        ("Marta Ruiz is a gardener in Oaxaca.", "Marta Ruiz"),
        ("**Name:** Ida\n**About:** climbs", "Ida"),
        ("name: Ida\nabout: a baker: loud, warm", "Ida"),
    ],
)
def test_layouts(text: str, name: str) -> None:
    assert draft(text).name == name


def test_markdown_lists_and_place() -> None:
    made = draft("# Bo\n\nBo lives in Graz and bakes.\n\n## Interests\n- rye\n- moss\n\n## Never\n* gossip\n")
    assert (made.interests, made.boundaries) == (("rye", "moss"), ("gossip",))
    assert (made.location, made.timezone) == ("Graz", "Europe/Vienna")


@pytest.mark.parametrize("text", ["", "  \n\t ", "---\n---\n", "...", "\ufeff"])
def test_an_empty_brief_shows_an_example(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draft(text)
    assert refusal.value.reason in {"brief_empty", "empty_file"}
    if text.strip():
        assert "name: Mira Vale" in refusal.value.next_step


@pytest.mark.parametrize(
    ("text", "field", "hint"),
    [
        ("somebody who likes tea", "name", "name: Mira"),
        ("name: Bo\ntimezone: Europe/Lissabon", "timezone", "Europe/"),
        ("name: Bo\ntimezone: Marsport", "timezone", "IANA"),
        ("name: Bo\nage: many", "age", "whole years"),
        ("name: Bo\nage: -3", "age", "whole years"),
    ],
)
def test_what_cannot_be_meant(text: str, field: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draft(text)
    assert refusal.value.field == field
    assert hint in f"{refusal.value.detail} {refusal.value.next_step}"


def test_near_zones_are_named() -> None:
    with pytest.raises(InvalidInput, match=r"Did you mean .*Europe/Lisbon"):
        draft("name: Bo\ntimezone: Europe/Lisbn")
    assert draft("name: Bo\ntimezone: Lisbon").timezone == "Europe/Lisbon"


def test_yaml_words_keep_their_letters() -> None:
    made = draft("name: No\nabout: yes\ninterests: [on, 1.10, 08]")
    assert (made.name, made.description) == ("No", "yes")
    assert made.interests[0] == "on"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Tomas is a ferryman. His boat is called Amália. He feeds a one-eyed cat named Bispo.", "Tomas"),
        ("# Tomas\n\nA ferryman. Tomas says little. His boat is called Amália.", "Tomas"),
        ("# Notes\nMira is a keeper.", "Mira"),
        ("# The Harbour\nIn the harbour lives a man named Otto Harrow.", "Otto Harrow"),
        ("A dragon called Ember runs a tea shop in a town called Wells.", "Ember"),
        ("A girl who lives in a town called Wells, named Mira.", "Mira"),
        ("A ship called Marigold loves sailors.", "Marigold"),
        ("She is called Mira by everyone.", "Mira"),
        ("Her full name is Mira Holt. Her dog's name is Bo.", "Mira Holt"),
        ("I'm Juno, a night nurse.", "Juno"),
        ("A vampire named Count Dorin von Raal runs a blood bank.", "Count Dorin von Raal"),
        ("He feeds a cat named Bispo.", ""),
        ("Once upon a time there was a girl. Her sister was called Ana.", ""),
    ],
)
def test_whose_name_it_is(text: str, name: str) -> None:
    assert stated_name(text) == name
