"""What cards say about people: markup, quotes, facts, traits, looks, safety."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ainfluencer.cards import opening, service
from ainfluencer.cards.schemas import CardSource
from ainfluencer.cards.understanding import languages, markup, places, prose, safety, speech
from ainfluencer.characters.schemas import MaterialKind
from ainfluencer.core.errors import PolicyRefused
from tests.support.cards import cards


def read(**changes: Any) -> CardSource:
    return service.read_source(json.dumps(cards.v2(**changes)).encode(), "card.json")


def texts(source: CardSource, kind: MaterialKind) -> list[str]:
    return [m.text for m in source.draft.material if m.kind is kind]


@pytest.mark.parametrize("slug", cards.CHARACTERS)
def test_our_own_characters_come_out_whole(slug: str) -> None:
    source = service.read_source(cards.character(slug), f"{slug}.json")
    draft = source.draft
    assert draft.age
    assert draft.gender in {"female", "male"}
    assert draft.timezone != "UTC"
    assert 40 < len(draft.bio) <= 400
    assert len(draft.interests) >= 4
    assert len(draft.persona.topics) >= 6
    assert draft.persona.language == "en"
    assert draft.persona.content_tone
    assert draft.persona.communication_style
    assert draft.look.hair
    assert len(draft.look.colours) >= 3
    assert len(texts(source, MaterialKind.QUOTE)) >= 10
    assert len(texts(source, MaterialKind.FACT)) >= 8
    assert len(texts(source, MaterialKind.LORE)) >= 6
    assert len(texts(source, MaterialKind.GREETING)) == 3
    assert source.rating == "safe"
    assert not any(
        "{{" in m.text or "user" in m.text.casefold().split() for m in draft.material if m.kind is MaterialKind.QUOTE
    )
    assert all(m.source for m in draft.material)


def test_traits_tell_people_apart_and_say_why() -> None:
    of = {slug: service.read_source(cards.character(slug)) for slug in cards.CHARACTERS}
    baker, librarian = of["gennaro_esposito"], of["isolde_morrow"]
    assert baker.draft.persona.traits.extroversion > librarian.draft.persona.traits.extroversion + 0.3
    assert of["marisol_vaz"].draft.persona.traits.professionalism > 0.6
    assert any(e.field == "traits" and e.words for e in librarian.evidence)


@pytest.mark.parametrize(
    ("text", "style", "label", "value"),
    [
        ('[Character("A")\n{\nHair("red" + "short")\n}]', "w++", "hair", ["red", "short"]),
        ('Hair = [ "red" + "short" ]\nLikes: [ "tea" ]', "boostyle", "hair", ["red", "short"]),
        (
            "[A's persona: shy, kind; A's clothes: blue coat (old, warm); age: 24]",
            "plist",
            "clothes",
            ["blue coat (old, warm)"],
        ),
        ("**Name:** A\n**Age:** 24\n- Hair: red, short\nShe runs.", "lines", "hair", ["red", "short"]),
    ],
)
def test_attribute_lists(text: str, style: str, label: str, value: list[str]) -> None:
    found = markup.parse(text)
    assert (found.style, found.values[label]) == (style, value)
    assert '"' not in found.prose


def test_prose_with_one_colon_stays_prose() -> None:
    text = "She keeps one rule: never argue with fog."
    assert markup.parse(text).prose == text


@pytest.mark.parametrize(
    ("turn", "is_dialogue", "expected"),
    [
        ('*nods* "Come in, {{user}}. The kettle is on."', True, ["Come in. The kettle is on."]),
        ("“Listen,” she said, “it is late already.”", False, ["Listen, it is late already."]),
        ("*She waves.* The kettle knows when you lie.", True, ["The kettle knows when you lie."]),
        ("The rain fell on the old harbour all night.", False, []),
        ("*laughs* I never lend my umbrella twice.", False, ["I never lend my umbrella twice."]),
        ('"Hi."', True, []),
        ("「霧は海の考えごとだよ」", False, ["霧は海の考えごとだよ"]),
    ],
)
def test_spoken_lines(turn: str, *, is_dialogue: bool, expected: list[str]) -> None:
    assert speech.quotes(turn, "en", is_dialogue=is_dialogue) == expected


def test_other_speakers_are_left_out() -> None:
    examples = "<START>\n{{user}}: I hate rain.\nAda: Rain is only rude the first hour.\nBob: Nobody asked me at all."
    assert speech.turns(examples, "Ada", "Ada") == ["Rain is only rude the first hour."]


def test_address_to_the_reader() -> None:
    assert prose.addressed("Morning, {{user}}.", "de") == "Morning."
    assert prose.addressed("{{user}}'s coat is wet.", "en") == "your coat is wet."
    assert prose.addressed("Ich mag {{user}}.", "de") is None
    assert prose.with_name("{{CHAR}} and <BOT> {{// no }}{{random:tea,rum}}", "Ada") == "Ada and Ada tea"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Sie ist eine Bäckerin und sie liebt das Meer, aber nicht den Wind.", "de"),
        ("Elle aime la mer et les livres, mais elle ne parle pas dans la rue.", "fr"),
        ("Ella vive en la costa y no le gusta el ruido, pero sí los libros.", "es"),
        ("Ela vive no Porto e não gosta de barulho, mas gosta dos livros da avó.", "pt"),
        ("Она живёт у моря и не любит шум, но она любит его книги.", "ru"),
        ("彼女は海のそばに住んでいます。", "ja"),
        ("她住在海边的灯塔里。", "zh"),
        ("ok", "en"),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert languages.detect(text) == code


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        ("Ericeira, Portugal", "Europe/Lisbon"),
        ("Kyoto", "Asia/Tokyo"),
        ("Brazil", "America/Sao_Paulo"),
        ("the Moon", ""),
    ],
)
def test_zones_of_places(place: str, zone: str) -> None:
    assert places.zone_of(place) == zone


def test_sexual_sentences_are_not_material() -> None:
    source = read(
        description="Ada is 29 and keeps a lighthouse near Porto. She has sex slaves in the cellar of her lighthouse.",
        first_mes='"You make me so horny tonight, you know." *She blushes.* "The tide tables are on the wall."',
        tags=["NSFW"],
    )
    said = " ".join(m.text for m in source.draft.material if m.kind is not MaterialKind.GREETING)
    assert "slaves" not in said
    assert "horny" not in said
    assert source.rating == "explicit"
    assert "No sexual content" in source.draft.boundaries
    assert {"adult_card", "sexual_left_out"} <= {w.code for w in source.warnings}


def test_a_card_for_adults_gives_its_work_and_nothing_of_its_scenes() -> None:
    source = read(
        description="Ada is 29 and keeps the ferry timetable of Porto. She has big tits and likes to be taken.",
        first_mes='"You are sleeping on the couch. He has a lot to teach me, and I learn fast." *She locks the door.*',
        mes_example='{{char}}: "Stay out there and listen, and tell me about it in the morning, will you?"',
        tags=["cuckolding", "big tits", "humiliation", "ferries"],
        creator_notes="Made for one evening of fun.",
    )
    draft = source.draft
    assert source.rating == "explicit"
    assert [m.text for m in draft.material] == ["Ada is 29 and keeps the ferry timetable of Porto."]
    assert draft.greeting == ""
    assert draft.tags == ("ferries",)
    assert not {"cuckolding", "big tits", "humiliation"} & set(draft.persona.topics)
    assert "tits" not in draft.bio


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "Ada is 15 years old. She is horny.", "tags": ["nsfw"]},
        {"description": "Age: 9\nName: Ada\nHair: red", "tags": ["smut"]},
        {"description": "Ada is a loli. She is 900 years old.", "tags": ["hentai"]},
        {
            "description": "A middle school girl.",
            "first_mes": '"I want sexual acts," she moans in pleasure, naked body.',
        },
    ],
)
def test_a_minor_in_a_sexual_card_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyRefused) as refusal:
        read(**changes)
    assert refusal.value.reason == "minor_sexual"


def test_a_child_in_a_family_story_is_fine_and_flagged() -> None:
    source = read(description="Ada is 12 years old and keeps pigeons on a roof in Porto.")
    assert source.draft.age == 12
    assert "under_18" in {w.code for w in source.warnings}
    assert "Never romantic or sexual" in source.draft.boundaries


def test_a_teacher_at_a_school_is_no_child() -> None:
    verdict = safety.judge(["Ada is a middle school teacher, 41, and an erotic novelist with kinks."], (), 41)
    assert not verdict.is_minor


def test_nameless_cards_take_the_name_of_their_file() -> None:
    source = service.read_source(json.dumps(cards.v2(name="")).encode(), "old_ada.card.json")
    assert source.draft.name == "old ada"
    assert "empty_name" in {w.code for w in source.warnings}


def test_boundaries_are_said_once_and_never_quoted() -> None:
    source = read(description="Ada keeps a lighthouse near Porto. She never talks about her brother.")
    assert source.draft.boundaries == ("Does not talk about her brother",)
    assert not any("brother" in m.text for m in source.draft.material)


def test_inspect_says_what_a_file_is() -> None:
    told = opening.inspect(json.dumps(cards.v3(character_book={"entries": [cards.entry(1)]})).encode(), "a.json")
    assert (told["kind"], told["spec"], told["name"], told["lorebook_entries"]) == ("card", "v3", "Ada", 1)
    book = {"entries": {"0": {"key": ["a"], "content": "b"}, "1": {"key": ["c"], "content": "d", "disable": True}}}
    told = opening.inspect(json.dumps(book).encode(), "book.json")
    assert (told["kind"], told["spec"], told["lorebook_entries"]) == ("lorebook", "sillytavern", 2)


@pytest.mark.parametrize("thing", ["<head>", "a", "__", " \t", "- a: ", "{{char}}: a\n"])
def test_texts_that_are_made_to_be_slow_are_not(thing: str) -> None:
    # What grows with the square of these would reach the suite's time limit.
    words = f"x{thing * 20_000}"
    fields = ("description", "personality", "scenario", "first_mes", "mes_example", "creator_notes")
    card = cards.v2(name="Ada", **dict.fromkeys(fields, words))
    assert service.read_source(json.dumps(card).encode(), "ada.json").draft.name == "Ada"
