"""What a card costs of a chat's context: always, now and then, and at the worst."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ainfluencer.cards.linting import tokens
from ainfluencer.cards.reading.card import Card, Entry

DEFAULT_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens of a card against a context of `context` tokens.

    `permanent` is sent with every message: description, personality, scenario, own prompts, constant lore. `examples` go
    first when room gets scarce. `greeting` is the longest greeting. `lorebook_worst` is all enabled lore that may fire at
    once, cut at the book's own token budget where it has one. `fields` has each text field alone.
    """

    tokenizer: str
    context: int
    permanent: int
    examples: int
    greeting: int
    lorebook_constant: int
    lorebook_worst: int
    fields: dict[str, int]

    @property
    def worst(self) -> int:
        """Everything at once."""
        return self.permanent + self.examples + self.greeting + self.lorebook_worst - self.lorebook_constant

    @property
    def share(self) -> float:
        """How much of the context is taken by what is always there."""
        return self.permanent / self.context

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return asdict(self) | {"worst": self.worst, "permanent_share": round(self.share, 3)}


_PERMANENT = ("description", "personality", "scenario", "system_prompt", "post_history_instructions")
_COUNTED = ("name", *_PERMANENT, "first_mes", "mes_example", "creator_notes")


def measure(card: Card, context: int = DEFAULT_CONTEXT) -> Budget:
    """Count a card's tokens; `context` is the size of the chat's context."""
    count = tokens.counter()
    fields = {name: count(getattr(card, name)) for name in _COUNTED}
    alternate = [count(text) for text in (*card.alternate_greetings, *card.group_only_greetings)]
    fields["alternate_greetings"] = sum(alternate)
    entries = [one for one in card.book.entries if one.is_enabled] if card.book else []
    constant = sum(count(one.content) for one in entries if one.is_constant)
    worst = sum(count(one.content) for one in entries if one.is_constant or _may_fire(one))
    if card.book and card.book.token_budget and worst > card.book.token_budget:
        worst = max(card.book.token_budget, constant)
    return Budget(
        tokenizer=tokens.NAME,
        context=context,
        permanent=sum(fields[name] for name in _PERMANENT) + constant,
        examples=fields["mes_example"],
        greeting=max([fields["first_mes"], *alternate]),
        lorebook_constant=constant,
        lorebook_worst=worst,
        fields=fields,
    )


def _may_fire(entry: Entry) -> bool:
    return any(key.strip() for key in entry.keys)
