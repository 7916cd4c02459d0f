"""What an editor shows beside unsaved text: tokens of every field, the budget, findings, and macros with their places."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.linting import linter, tokens
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.playing.macros import Scene, problems
from ainfluencer.core.errors import InvalidInput

_TEXTS = (
    *("name", "nickname", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes"),
    *("system_prompt", "post_history_instructions"),
)
_NEXT = "Send a card, or the fields of one."


def opened(content: dict[str, Any]) -> OpenCard:
    """A card that somebody is writing: a whole card, or only its `data`. `InvalidInput` for what is no card."""
    if not isinstance(content.get("data"), dict) and "spec" not in content:
        content = {"spec": "chara_card_v3", "spec_version": "3.0", "data": content}
    try:
        text = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return open_card(text, "card.json")
    except CardRefused as refusal:
        raise InvalidInput(refusal.detail, _NEXT, code=refusal.reason, field="content") from None
    except (ValueError, RecursionError):
        raise InvalidInput("The content cannot be written as JSON.", _NEXT, field="content") from None


def measure(card: OpenCard, context: int, scene: Scene) -> dict[str, Any]:
    """Tokens by field as the editor names them, the budget, the score and the findings."""
    report = linter.lint(card, context)
    texts = dict(_texts(card))
    count = tokens.counter()
    marked = {field: found for field, text in texts.items() if "{" in text and (found := problems(text, scene))}
    return report.as_dict() | {
        "tokens": {field: count(text) for field, text in texts.items()},
        "macros": {field: [asdict(one) for one in found] for field, found in marked.items()},
    }


def _texts(opened_card: OpenCard) -> list[tuple[str, str]]:
    card = opened_card.card
    found = [(name, str(getattr(card, name))) for name in _TEXTS]
    found += [(f"alternate_greetings[{at}]", text) for at, text in enumerate(card.alternate_greetings)]
    found += [(f"group_only_greetings[{at}]", text) for at, text in enumerate(card.group_only_greetings)]
    entries = card.book.entries if card.book else ()
    return found + [(f"book.entries[{at}].content", one.content) for at, one in enumerate(entries)]
