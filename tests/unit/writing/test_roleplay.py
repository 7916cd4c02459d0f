"""Roleplay text told apart: who speaks, what is an action, and no mark left in what is said."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ainfluencer.characters.schemas import Material, MaterialKind
from ainfluencer.writing import dialogue, roleplay
from ainfluencer.writing.dialogue import Speaker
from ainfluencer.writing.material import own_words
from ainfluencer.writing.roleplay import Kind
from tests.support.sheets import BARE

MARKS = "*_`{}[]<>|\\~^#"


def is_balanced(text: str) -> bool:
    """No mark is left over, and every quotation mark has its other half."""
    return not set(text) & set(MARKS) and text.count('"') % 2 == 0 and text.count("“") == text.count("”")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"The lamp is lit."  *She points at the window.* "It always is."', ["The lamp is lit.", "It always is."]),
        ('*Ada turns. "Mind the step," she adds, smiling.* "It bites."', ["It bites."]),
        (
            '"Your boat is a heap of **rust**, and *my* pier is not."',
            ["Your boat is a heap of rust, and my pier is not."],
        ),
        ('"Well... *she counts* I may stay until the tide."', ["Well...", "I may stay until the tide."]),
        ('\\>leans on the rail, "borrowed" coat open\n\n**Ada** (softly): "Low water."', ["Low water."]),
        ('**Ada**: "The pump holds" (taps it) "For now, at least."', ["The pump holds.", "For now, at least."]),
        ("*Ada nods*, Evening, *in her low voice*. The fog is early.", ["Evening. The fog is early."]),
        (
            "*taps the map* This is *not* a short way. It is *hers* alone.",
            ["This is not a short way. It is hers alone."],
        ),
        ("Nobody *really* asked *laughs* and nobody will.", ["Nobody really asked and nobody will."]),
        ('He wore a "sensible" coat and kept quiet.', ["He wore a “sensible” coat and kept quiet."]),
        ("“One paragraph goes on.\n\n“Another one ends it.”", ["One paragraph goes on.", "Another one ends it."]),
        ("<b>Listen</b><br>the bell &amp; the sea", ["Listen the bell & the sea"]),
        ("```\nmood: calm\n```\nThe status is not speech.", ["The status is not speech."]),
    ],
)
def test_what_is_said(text: str, said: list[str]) -> None:
    found = roleplay.speeches(text, frozenset({"ada"}), is_turn=True)
    assert [part.strip(" ,") for part in found] == [part.strip(" ,") for part in said]


@pytest.mark.parametrize(
    "text",
    [
        'and the tide will not wait for you."',
        '*She looks up. "The tide *She sits.* is low."',
        '"It begins and never',
        "» backwards «",
    ],
)
def test_what_never_closes_is_never_said(text: str) -> None:
    assert not any("tide" in said for said in roleplay.speeches(text, is_turn=False))


def test_what_the_narration_gives_to_somebody_else_is_not_ours() -> None:
    text = '"Halt!" the guard said. "Who goes there?"\n\nAda laughs. "Only me and my lamp."\n\nYou say, "Let her pass."'
    assert roleplay.speeches(text, frozenset({"ada"})) == ["Only me and my lamp."]


def test_spans_have_their_kinds() -> None:
    ((action, speech, aside, plain),) = roleplay.spans('*waves* "Evening." (yawns) The rain begins.')
    assert [(s.kind, s.text) for s in (action, speech, aside, plain)] == [
        (Kind.ACTION, "waves"),
        (Kind.SPEECH, "Evening."),
        (Kind.ACTION, "yawns"),
        (Kind.PLAIN, "The rain begins."),
    ]


@pytest.mark.parametrize(
    ("text", "is_clean"),
    [
        ("A plain line (with a thought).", True),
        ("She calls it 'the long way' and means it.", True),
        ("The cats' dish is empty, and so is the dogs'.", True),
        ("'Tis late, and 'twas worse.", True),
        ("A line that ends with a mark.”", False),
        ('One " alone.', False),
        ("A *star.", False),
        ("Mornings are 'for reading, not for talk.", False),
        ("(never closed.", False),
        ("Dear {{user}}, hello.", False),
    ],
)
def test_clean_texts(text: str, *, is_clean: bool) -> None:
    assert roleplay.is_clean(text) is is_clean


def test_turns_wherever_they_stand() -> None:
    text = (
        "Ada keeps a lighthouse.\n<START>\n{{user}}: Are you alone?\nAda: *shrugs*\nThe lamp counts as company.\n"
        "{{random_user_1}}: And in winter?\n**Ada** (dryly): Then it counts twice.\nBob: Nobody asked me.\n[Genre: sea]"
    )
    turns, rest = dialogue.split(text, dialogue.names_of("Ada Lovelace", "Ada"))
    assert [turn.text for turn in turns if turn.speaker is Speaker.OWN] == [
        "*shrugs*\nThe lamp counts as company.",
        "Then it counts twice.",
    ]
    assert [turn.speaker for turn in turns].count(Speaker.USER) == 2
    assert [line for line in rest.splitlines() if line] == ["Ada keeps a lighthouse.", "[Genre: sea]"]


def test_a_list_of_traits_is_no_turn() -> None:
    assert dialogue.split("Ada: shy, kind, exact", dialogue.names_of("Ada", "Ada")) == ([], "Ada: shy, kind, exact")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Captain Zara Lind", ("Zara", "Lind")),
        ("Elin the Hedge Witch", ("Elin",)),
        ("Grete 'Mo' Halloway", ("Grete", "Halloway")),
        ("Black Heron", ("Heron",)),
        ("小雪", ("小雪",)),
    ],
)
def test_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert dialogue.name_words(name) == words


WORDS = st.sampled_from(
    ["The tide is low.", "I never lend my umbrella twice", "Ada", "she said", "Why not?", "nobody asks", "Well, the lamp",
     "{{user}}", "{{char}}", "a", "I keep a logbook of every ship that passes."]
)  # fmt: skip
SIGNS = st.sampled_from(
    ["*", "**", "***", "_", '"', "“", "”", "«", "»", "'", "(", ")", "[", "]", ">", "\\>", "`", "```", "~", "\n", "\n\n",
     " ", " ", " ", "<START>", "<b>", "</b>", "<br>", ": ", "\n{{char}}: ", "\n{{user}}: ", "**Ada**: ", "...", "—"]
)  # fmt: skip
MIXTURES = st.lists(st.one_of(WORDS, SIGNS), min_size=1, max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(MIXTURES, st.booleans())
def test_no_action_and_no_star_is_ever_said(text: str, is_turn: bool) -> None:
    for said in roleplay.speeches(text, frozenset({"ada"}), is_turn=is_turn):
        assert "*" not in said
        assert "`" not in said
        assert said.strip()


@settings(max_examples=100, deadline=None)
@given(MIXTURES, st.sampled_from(MaterialKind))
def test_no_mixture_of_markup_gives_a_text_with_a_stray_mark(text: str, kind: MaterialKind) -> None:
    sheet = BARE.model_copy(
        update={"material": (Material(kind=kind, text=text, source="card"),), "greeting": text, "bio": text}
    )
    for snippet in own_words(sheet):
        assert is_balanced(snippet.text), snippet.text
        assert snippet.text[-1] in ".!?…\"”')", snippet.text
        assert "{{" not in snippet.text
