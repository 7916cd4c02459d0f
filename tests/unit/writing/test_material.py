"""The card's own words: what is taken, what is cleaned away, and what is left alone."""

from __future__ import annotations

import pytest

from ainfluencer.characters.schemas import Material, MaterialKind
from ainfluencer.writing.first_person import first_person
from ainfluencer.writing.material import GOOD, own_words
from ainfluencer.writing.standing import standing, without_fragment
from tests.support.sheets import BARE, MIRA, fact, quote


def texts(*material: Material, boundaries: tuple[str, ...] = ()) -> list[str]:
    return [s.text for s in own_words(BARE.model_copy(update={"material": material, "boundaries": boundaries}))]


def test_speech_without_actions_turns_and_macros() -> None:
    found = [s.text for s in own_words(MIRA)]
    assert "The tide does not wait, and I have waited exactly once." in found
    assert "The sea does not care about your plans. That is why I like it." in found
    assert not [t for t in found if "*" in t or "{{" in t or "scared" in t]


def test_a_point_stays_with_its_sentence() -> None:
    joke = "My cat has solved more cases than the precinct. He just refuses to testify."
    assert texts(quote(f'{{{{char}}}}: "{joke}"')) == [joke]


def test_unquoted_speech_is_taken_as_it_is() -> None:
    line = "A watched pot never boils, but a watched tomato ripens on schedule."
    assert texts(quote(f"{{{{char}}}}: *beeps* {line}")) == [line]


def test_what_others_say_is_not_ours() -> None:
    said = "Ada: Nobody ever regrets the early start.\nNiko: Everybody regrets the early start.\n{{user}}: I regret nothing at all, ever."
    assert texts(quote(said)) == ["Nobody ever regrets the early start."]


def test_each_piece_names_its_source_and_comes_once() -> None:
    found = own_words(MIRA)
    assert {s.source for s in found} == {"greeting", "card: mes_example", "card: description", "lorebook", "bio"}
    assert len({s.text for s in found}) == len(found)


@pytest.mark.parametrize(
    "text",
    [
        '[Character("Ada") Age("29")]',
        "Hair: brown, eyes: green, height: tall, everything else: fine.",
        '"Come in, sit down, {{user}}, and tell me your name please."',
        '"I want to see you naked tonight, my dear friend of mine."',
        "EVERYTHING HERE IS SHOUTED AT THE READER.",
    ],
)
def test_what_cannot_be_posted_is_left(text: str) -> None:
    assert texts(quote(text)) == []


def test_boundaries_are_kept() -> None:
    line = '"The politics of this town are older than its walls."'
    assert texts(quote(line)) != []
    assert texts(quote(line), boundaries=("never talks about politics",)) == []


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("Ada keeps a logbook of every ship.", "I keep a logbook of every ship."),
        ("She never teaches before her second coffee.", "I never teach before my second coffee."),
        ("Ada is a ranger who guards the border.", "I am a ranger who guards the border."),
        ("He has not slept under a roof for sixty years.", "I have not slept under a roof for sixty years."),
        ("Ada watches the door and counts the guests.", "I watch the door and count the guests."),
        ("I bake for a corner shop.", "I bake for a corner shop."),
    ],
)
def test_into_the_first_person(sentence: str, turned: str) -> None:
    assert first_person(sentence, "Ada Lovelace") == turned


@pytest.mark.parametrize(
    "sentence",
    [
        "The harbour has two lights.",
        "Ada, oh Ada, where has the time gone.",
        "Ada told her sister that she had found her coat.",
        "Ada has named every one of its four hundred plants.",
        "Ada loves Niko, and he loves her.",
        "Niko keeps a logbook.",
    ],
)
def test_what_is_not_certain_is_not_turned(sentence: str) -> None:
    assert first_person(sentence, "Ada Lovelace") is None


def test_facts_become_the_characters_own() -> None:
    (found,) = own_words(BARE.model_copy(update={"material": (fact("Ada repairs clocks in a lighthouse."),)}))
    assert (found.text, found.kind) == ("I repair clocks in a lighthouse.", MaterialKind.FACT)


def test_general_sentences_stand_better_than_scenes() -> None:
    assert standing("Nobody ever regrets the early start.") > standing("Come here and look at this old boat.")
    assert standing("And then it was gone again.") < 0.6


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("Ada's values are patience and a dry coat.", "My values are patience and a dry coat."),
        ("At 44, she's seen every harbour of the coast.", "At 44, I have seen every harbour of the coast."),
        ("Despite her rough manner, she is a patient teacher.", "Despite my rough manner, I am a patient teacher."),
        ("Her voice sets her apart from other keepers.", "My voice sets me apart from other keepers."),
        ("She sings, dances and plays the harp.", "I sing, dance and play the harp."),
        (
            "Ada keeps a code of letters and rules, and follows both.",
            "I keep a code of letters and rules, and follow both.",
        ),
        ("Captain Ada Lovelace commands a tug that others gave up.", "I command a tug that others gave up."),
        ("Ada plays a game that she always loses.", "I play a game that I always lose."),
        ("Ada wears layered scarves and claims to own a whale.", "I wear layered scarves and claim to own a whale."),
    ],
)
def test_more_of_the_first_person(sentence: str, turned: str) -> None:
    assert first_person(sentence, "Ada Lovelace", "female") == turned


@pytest.mark.parametrize(
    "sentence",
    [
        "She is an old mage who has dedicated her life to storms.",  # “who has dedicated my life”
        "Ada loves her sister, and she loves the sea.",
        "Ada says that Ada is late.",
        "When Niko came, she left the harbour.",
    ],
)
def test_what_has_no_good_first_person(sentence: str) -> None:
    assert first_person(sentence, "Ada Lovelace", "female") is None


@pytest.mark.parametrize(
    "text",
    [
        "Ah, you are awake at last, I was so worried about you.",
        "They were disbanded a century ago after a bad winter.",
        "I sleep particularly well when hugging them.",
        "My lips are soft and carry a perpetual smile.",
        "I am an enigmatic figure with unparalleled, legendary wisdom.",
        "I trust you received my invitation without difficulty.",
        "Current oracle of this sacred bean shrine.",
        "But my research methods, however, caused her distress.",
        "I am the last surviving member.",
    ],
)
def test_what_needs_its_scene_stands_badly(text: str) -> None:
    assert standing(text) < GOOD


def test_a_sentence_that_trails_off_is_cut_back_to_what_was_said() -> None:
    assert without_fragment("The little ones help. And yet...") == "The little ones help."
    assert without_fragment("The little ones help, but...") == "The little ones help."


def test_a_speech_is_taken_apart_where_the_whole_does_not_stand() -> None:
    found = texts(quote('"Ah, you came back. Every tide is a promise that nobody made. How are you feeling?"'))
    assert found == ["Every tide is a promise that nobody made."]


def test_what_says_the_same_again_is_said_once() -> None:
    once = fact("Ada believes that every chart is a long letter from somebody who came home.")
    again = fact("She believes every chart is a long letter from somebody who came home at last.")
    assert len(texts(once, again)) == 1


def test_talk_about_the_card_is_nobody_s_words() -> None:
    assert (
        texts(fact("Ada is the main antagonist of the storyline."), fact("Ada's personality is defined by storms."))
        == []
    )


def test_violence_and_drugs_wait_for_a_person() -> None:
    assert texts(fact("Ada will not hesitate to kill anyone who stands in the way.")) == []
    assert texts(quote('"We could cook meth in the old lighthouse, you and I."')) == []
