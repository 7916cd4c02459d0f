"""The prompt stands in the order of chat programs, and every part knows its field and its tokens."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.linting import tokens
from ainfluencer.cards.playing.chats import Message
from ainfluencer.cards.playing.lore import Options
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.playing.meters import measure, opened
from ainfluencer.cards.playing.prompt import Preview, preview

DATA: dict[str, Any] = {
    "name": "Mira",
    "description": "{{char}} keeps bees.",
    "personality": "Patient.",
    "scenario": "A pier.",
    "first_mes": "Hello {{user}}.",
    "alternate_greetings": ["Second."],
    "mes_example": "<START>\n{{user}}: Hi\n{{char}}: Ho",
    "system_prompt": "{{original}} Be brief.",
    "post_history_instructions": "Stay {{char}}.",
    "extensions": {"depth_prompt": {"prompt": "Note.", "depth": 1, "role": "system"}},
    "character_book": {
        "extensions": {},
        "entries": [
            {"keys": ["hello"], "content": "Before.", "enabled": True, "insertion_order": 0, "extensions": {}},
            {"keys": ["hello"], "content": "After.", "position": "after_char", "extensions": {}, "insertion_order": 0},
            {"keys": ["hello"], "content": "@@depth 0\nDeep.", "extensions": {}, "insertion_order": 0},
        ],
    },
}


def seen(options: Options | None = None, chat: list[Message] | None = None, **changes: Any) -> Preview:
    card = opened(DATA | changes).card
    return preview(card, Scene(card, user="Ada"), options or Options(), chat)


def test_the_order_of_the_prompt() -> None:
    assert [(part.field, part.text) for part in seen(chat=[Message("user", "Tell me.")]).parts] == [
        ("system_prompt", "Write what Mira says and does next in this conversation with Ada. Be brief."),
        ("book.entries[0]", "Before."),
        ("description", "Mira keeps bees."),
        ("personality", "Patient."),
        ("scenario", "A pier."),
        ("book.entries[1]", "After."),
        ("mes_example", "Ada: Hi\nMira: Ho"),
        ("", "Hello Ada."),
        ("extensions.depth_prompt", "Note."),
        ("", "Tell me."),
        ("book.entries[2]", "Deep."),
        ("post_history_instructions", "Stay Mira."),
    ]


def test_tokens_are_those_of_the_resolved_text() -> None:
    for part in seen().parts:
        assert part.tokens == tokens.counter()(part.text)


def test_a_card_without_prompts_leaves_the_programs_own() -> None:
    first = seen(system_prompt="", post_history_instructions="").parts[0]
    assert (first.field, first.label) == ("", "Main prompt")


def test_another_greeting_opens_the_chat() -> None:
    parts = seen(Options(greeting=1)).parts
    assert any(part.text == "Second." for part in parts)
    assert not any(part.text == "Before." for part in parts)  # nobody said hello


def test_meters_of_unsaved_text() -> None:
    card = opened(DATA | {"scenario": "At {{usr}}", "alternate_greetings": ["One two three."]})
    told = measure(card, 4096, Scene(card.card))
    assert told["tokens"]["alternate_greetings[0]"] == tokens.counter()("One two three.")
    assert told["tokens"]["book.entries[0].content"] == 2
    assert told["macros"]["scenario"][0]["start"] == 3
    assert told["budget"]["context"] == 4096
    assert any(one["code"] == "macro_unknown" and one["field"] == "scenario" for one in told["findings"])
