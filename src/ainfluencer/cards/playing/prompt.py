"""The prompt as a chat program sends it: every part of a card in its place, with the lore that fires, and its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ainfluencer.cards.linting import tokens
from ainfluencer.cards.playing.chats import Message, final
from ainfluencer.cards.playing.dialogue import Turn, blocks, greetings
from ainfluencer.cards.playing.entries import whole
from ainfluencer.cards.playing.lore import Fired, Options
from ainfluencer.cards.playing.macros import Scene, play
from ainfluencer.cards.reading.card import Card

MAIN_PROMPT = "Write what {{char}} says and does next in this conversation with {{user}}."
"""Stands where a person's own main prompt would: cards without one leave it to the program."""
AFTER_PROMPT = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of the prompt, in the order in which it is sent. `field` is the card's field, empty for the program's own."""

    label: str
    field: str
    role: str
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What is seen and what is sent: the prompt, the greetings, the examples, and the lore that fired."""

    parts: tuple[Part, ...]
    greetings: tuple[dict[str, Any], ...]
    examples: tuple[tuple[Turn, ...], ...]
    lore: Fired

    @property
    def tokens(self) -> int:
        """The whole prompt."""
        return sum(part.tokens for part in self.parts)

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "prompt": [asdict(part) for part in self.parts],
            "tokens": self.tokens,
            "greetings": list(self.greetings),
            "examples": [[asdict(turn) for turn in block] for block in self.examples],
            "lorebook": self.lore.as_dict(),
        }


def preview(card: Card, scene: Scene, options: Options, chat: list[Message] | None = None) -> Preview:
    """Build the prompt for a chat; without one, for the chosen greeting and nothing said yet."""
    opening = [one for one in greetings(card) if one.kind != "group"]
    chosen = next((one for one in opening if one.number == options.greeting), opening[0] if opening else None)
    spoken = ([Message("assistant", play(chosen.text, scene).text)] if chosen else []) + list(chat or [])
    lore = final(card, spoken, scene, options)
    examples = tuple(tuple(block) for block in blocks(card.mes_example, scene))
    told = tuple(one.as_dict() | {"shown": play(one.text, scene).text} for one in greetings(card))
    return Preview(tuple(_parts(card, scene, lore, examples, spoken)), told, examples, lore)


def _parts(
    card: Card, scene: Scene, lore: Fired, examples: tuple[tuple[Turn, ...], ...], spoken: list[Message]
) -> Iterator[Part]:
    yield from _own("Main prompt", "system_prompt", card.system_prompt, scene, MAIN_PROMPT)
    yield from _lore("Lore before the character", lore, "before_char", "before_desc")
    yield from _own("Description", "description", card.description, scene)
    yield from _lore("Lore after the description", lore, "after_desc")
    yield from _own("Personality", "personality", card.personality, scene)
    yield from _lore("Lore beside the personality", lore, "personality")
    yield from _own("Scenario", "scenario", card.scenario, scene)
    yield from _lore("Lore beside the scenario", lore, "scenario")
    yield from _lore("Lore after the character", lore, "after_char")
    yield from _lore("Lore above the examples", lore, "examples_top")
    for number, block in enumerate(examples, start=1):
        text = "\n".join(f"{turn.name}: {turn.text}" if turn.name else turn.text for turn in block)
        yield _part(f"Example {number}", "mes_example", "system", text)
    yield from _lore("Lore below the examples", lore, "examples_bottom")
    yield from _chat(card, scene, lore, spoken)
    yield from _own("After the chat", "post_history_instructions", card.post_history_instructions, scene, AFTER_PROMPT)


def _chat(card: Card, scene: Scene, lore: Fired, spoken: list[Message]) -> Iterator[Part]:
    """The messages with what is put between them: notes at a depth count from the newest message."""
    between: list[tuple[int, Part]] = [
        (one.depth, _part(f"Lore at depth {one.depth}", f"book.entries[{one.at}]", one.role, one.text))
        for one in lore.of("at_depth")
    ]
    own = card.extensions.get("depth_prompt")
    if isinstance(own, dict) and str(own.get("prompt") or "").strip():
        depth = whole(own.get("depth"))
        text = play(str(own["prompt"]), scene).text
        role = str(own.get("role") or "system")
        between.append(
            (4 if depth is None else depth, _part("Character's note", "extensions.depth_prompt", role, text))
        )
    yield from _lore("Lore above the author's note", lore, "note_top")
    yield from _lore("Lore below the author's note", lore, "note_bottom")
    number = len(spoken)
    for at in range(number + 1):
        left = number - at
        yield from (part for depth, part in between if depth == left or (at == 0 and depth > number))
        if at < number:
            name = "Greeting" if at == 0 and spoken[0].role == "assistant" else f"Message {at + 1}"
            yield _part(name, "", spoken[at].role, spoken[at].text)


def _own(label: str, field: str, text: str, scene: Scene, theirs: str = "") -> Iterator[Part]:
    """A field of the card; an empty prompt leaves the program's own in force."""
    shown = play(text or theirs, scene, original=play(theirs, scene).text).text.strip()
    if shown:
        yield _part(label, field if text else "", "system", shown)


def _lore(label: str, lore: Fired, *slots: str) -> Iterator[Part]:
    for one in lore.of(*slots):
        yield _part(f"{label}: {one.label}", f"book.entries[{one.at}]", one.role, one.text)


def _part(label: str, field: str, role: str, text: str) -> Part:
    return Part(label, field, role, text, tokens.counter()(text))
