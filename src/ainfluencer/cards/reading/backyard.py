"""Backyard AI's own characters as V2 cards: those of its archives (BYAF), and those in the EXIF comment of its older pictures.

Fields: guide 1.2 for BYAF; the picture's form (versions 1 to 4) as the format's own package reads it, checked 2026-11-21.
"""

from __future__ import annotations

import re
from typing import Any

from ainfluencer.cards.reading.values import Notes

_MACRO = re.compile(r"#\{(character|user)\}(?=:)|(?<!\{)\{(character|user)\}(?!\})")
_OURS = {"character": "{{char}}", "user": "{{user}}"}


def card_of(character: dict[str, Any], scenarios: list[dict[str, Any]], manifest: dict[str, Any]) -> dict[str, Any]:
    """The card of an archive's character. Greetings come from all scenarios, the rest from the first."""
    first = scenarios[0] if scenarios else {}
    greetings = [
        _macros(m.get("text")) for s in scenarios for m in listed(s.get("firstMessages"))[:1] if isinstance(m, dict)
    ]
    examples = [_macros(m.get("text")) for m in listed(first.get("exampleMessages")) if isinstance(m, dict)]
    author = manifest.get("author")
    return _card(
        character,
        name=character.get("displayName") or character.get("name") or "",
        description=_macros(character.get("persona")),
        scenario=_macros(first.get("narrative")),
        first_mes=greetings[0] if greetings else "",
        mes_example="\n".join(f"<START>\n{e}" for e in examples),
        system_prompt=_macros(first.get("formattingInstructions")),
        alternate_greetings=list(dict.fromkeys(g for g in greetings[1:] if g and g != greetings[0])),
        creator=author.get("name", "") if isinstance(author, dict) else "",
    )


def card_of_picture(root: Any, notes: Notes) -> dict[str, Any] | None:
    """The card that a picture of Backyard or Faraday holds; None when it is another program's JSON."""
    character = root.get("character") if isinstance(root, dict) else None
    if not isinstance(character, dict) or not isinstance(character.get("aiPersona"), str):
        return None
    said = _macros(character.get("customDialogue")).strip()
    chats = listed(character.get("Chat"))
    if any(listed(chat.get("ChatItems")) for chat in chats if isinstance(chat, dict)):
        notes.add("chats_left_out", "The picture holds chats too; they are no part of a card and were left out.")
    return _card(
        character,
        name=character.get("aiDisplayName") or character.get("aiName") or "",
        description=_macros(character.get("aiPersona")),
        scenario=_macros(character.get("scenario")),
        first_mes=_macros(character.get("firstMessage")),
        mes_example=f"<START>\n{said}" if said else "",
        system_prompt=_macros(character.get("basePrompt")),
        alternate_greetings=[],
        creator="",
    )


def _card(character: dict[str, Any], **said: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "personality": "",
        "tags": ["nsfw"] if character.get("isNSFW") is True else [],
        "extensions": {},
    }
    items = [i for i in listed(character.get("loreItems")) if isinstance(i, dict)]
    if items:
        data["character_book"] = {"extensions": {}, "entries": [_entry(n, i) for n, i in enumerate(items)]}
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": said | data}


def _entry(number: int, item: dict[str, Any]) -> dict[str, Any]:
    keys = [k.strip() for k in str(item.get("key", "")).split(",") if k.strip()]
    return {
        "keys": keys,
        "content": _macros(item.get("value")),
        "enabled": True,
        "insertion_order": number,
        "extensions": {},
    }


def _macros(text: Any) -> str:
    return _MACRO.sub(lambda m: _OURS[m.group(1) or m.group(2)], text) if isinstance(text, str) else ""


def listed(value: Any) -> list[Any]:
    """A value that should be a list; an empty one for anything else."""
    return value if isinstance(value, list) else []
