"""Example dialogue falls into blocks and turns; greetings are counted as decorators count them."""

from __future__ import annotations

from ainfluencer.cards.playing.dialogue import blocks, greetings
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.reading.card import Card

CARD = Card("v3", "3.0", name="Mira", first_mes="Hi", alternate_greetings=("", "Ho"), group_only_greetings=("All",))


def test_blocks_and_turns() -> None:
    text = "<START>\n{{user}}: Who are you?\n{{char}}: A *keeper*.\nOf bees.\n<start>\nMira: Salt.\n<START>\n\n"
    found = blocks(text, Scene(CARD, user="Ada"))
    assert [[(turn.who, turn.name, turn.text) for turn in block] for block in found] == [
        [("user", "Ada", "Who are you?"), ("char", "Mira", "A *keeper*.\nOf bees.")],
        [("char", "Mira", "Salt.")],
    ]
    assert text[found[0][1].start :].startswith("{{char}}: A")


def test_words_before_anybody_speaks_are_the_narrators() -> None:
    block = blocks("Rain falls.\n<BOT>: Cold.", Scene(CARD))[0]
    assert [(turn.who, turn.text) for turn in block] == [("narrator", "Rain falls."), ("char", "Cold.")]


def test_a_text_without_signs_is_one_block() -> None:
    assert len(blocks("{{char}}: One.\n{{user}}: Two.", Scene(CARD))) == 1
    assert blocks("", Scene(CARD)) == []


def test_greetings_keep_their_numbers() -> None:
    assert [(one.field, one.kind, one.number) for one in greetings(CARD)] == [
        ("first_mes", "first", 0),
        ("alternate_greetings[1]", "alternate", 2),
        ("group_only_greetings[0]", "group", 0),
    ]
