"""A character's words as a card carries them: in the fields that every program reads, and whole in `extensions.ainfluencer`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ainfluencer.cards.converting.losses import NAMESPACE
from ainfluencer.cards.reading.card import Card
from ainfluencer.characters.schemas import CharacterDraft, CharacterOut, Material, MaterialKind
from ainfluencer.core import clock

KEY = "character"
"""Where in our namespace a card carries the whole character."""

_PLAIN = ("name", "bio", "age", "location", "gender", "timezone", "interests", "boundaries", "tags", "greeting")
_FIELDS = (*_PLAIN, "description", "scenario", "persona", "look")
_SPOKEN = ("communication_style", "content_tone", "topics")


def words_of(character: CharacterOut, *, description: str, scenario: str) -> dict[str, Any]:
    """What a card carries of a character. Files that only this workspace has stay out."""
    told = character.model_dump(mode="json", include=set(_PLAIN) | {"persona", "look"})
    told["look"].pop("face_file_ids", None)
    return told | {"description": description, "scenario": scenario}


def overlaid(draft: CharacterDraft, card: Card) -> CharacterDraft:
    """The draft with what our own namespace says of the character, where the card has it and it is sound.

    Where the card's own fields say something else by now (somebody edited them, here or in another program), they are right.
    A card whose words make somebody a minor is not made older by its extension.
    """
    table = card.extensions.get(NAMESPACE)
    told = table.get(KEY) if isinstance(table, dict) else None
    if not isinstance(told, dict):
        return draft
    values = {name: told[name] for name in _FIELDS if name in told}
    age = values.get("age")
    if draft.age is not None and draft.age < 18 and (not isinstance(age, int) or age > draft.age):
        values.pop("age", None)
    understood = draft.model_dump(mode="json")
    try:
        words = CharacterDraft.model_validate(understood | values).model_dump(mode="json")
    except ValidationError:
        return draft
    later = {name: understood[name] for name in _edited(words, card)}
    return CharacterDraft.model_validate(words | later | {"persona": _persona(words, understood, card)})


def _edited(words: dict[str, Any], card: Card) -> set[str]:
    """The words of a character that stand in a field of their own, and stand there differently."""
    said = {"name": card.name, "scenario": card.scenario, "greeting": card.first_mes, "tags": list(card.tags)}
    changed = {name for name, value in said.items() if value != words[name]}
    return changed | ({"description"} if card.description != (words["description"] or words["bio"]) else set())


def _persona(words: dict[str, Any], understood: dict[str, Any], card: Card) -> dict[str, Any]:
    """The character's persona, with what the card says of it where that was edited."""
    persona = dict(words["persona"])
    if card.personality != personality(words):
        persona |= {name: found for name in _SPOKEN if (found := understood["persona"][name])}
    # An empty prompt was never written into the card: what stands there is somebody else's.
    return persona | {"prompt": card.system_prompt if persona["prompt"] else ""}


def card_text(words: dict[str, Any], material: Sequence[Material], creator: str) -> bytes:
    """A V3 card of a character: what other programs read, and the whole character in our namespace."""
    greetings = [one.text for one in material if one.kind is MaterialKind.GREETING]
    first = words["greeting"] or (greetings[0] if greetings else "")
    data: dict[str, Any] = {
        "name": words["name"],
        "description": words["description"] or words["bio"],
        "personality": personality(words),
        "scenario": words["scenario"],
        "first_mes": first,
        "mes_example": _examples(material),
        "creator_notes": "",
        "system_prompt": words["persona"].get("prompt", ""),
        "post_history_instructions": "",
        "alternate_greetings": [text for text in greetings if text != first][:20],
        "group_only_greetings": [],
        "tags": list(words["tags"]),
        "creator": creator,
        "character_version": "1.0",
        "extensions": {NAMESPACE: {KEY: words}},
        "creation_date": int(clock.now().timestamp()),
    }
    if book := _book(material):
        data["character_book"] = book
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    return json.dumps(card, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def personality(words: dict[str, Any]) -> str:
    """How somebody speaks and what about, in a few lines."""
    persona = words["persona"]
    lines = [persona.get("communication_style", ""), persona.get("content_tone", "")]
    if topics := persona.get("topics"):
        lines.append(f"Talks about {', '.join(topics)}.")
    if words["interests"]:
        lines.append(f"Likes {', '.join(words['interests'])}.")
    return "\n".join(line for line in lines if line)


def _examples(material: Sequence[Material]) -> str:
    quotes = [one.text.strip() for one in material if one.kind is MaterialKind.QUOTE]
    return "\n".join(f"<START>\n{{{{char}}}}: {quote}" for quote in quotes[:12])


def _book(material: Sequence[Material]) -> dict[str, Any] | None:
    lore = [one for one in material if one.kind is MaterialKind.LORE]
    entries = [
        {
            "keys": list(one.keys),
            "content": one.text,
            "extensions": {},
            "enabled": True,
            "insertion_order": number,
            "use_regex": False,
            "constant": not one.keys,
        }
        for number, one in enumerate(lore)
    ]
    return {"extensions": {}, "entries": entries} if entries else None


_CARD_FIELDS = {
    "name": "name",
    "description": "description",
    "scenario": "scenario",
    "greeting": "first_mes",
    "tags": "tags",
}


def edits_of(before: dict[str, Any], now: dict[str, Any], extensions: dict[str, Any]) -> dict[str, Any]:
    """What a card must change so that it says what the character says now; fields that did not change stay as they are."""
    changed = {name for name in _FIELDS if before.get(name) != now.get(name)}
    made = {field: now[name] for name, field in _CARD_FIELDS.items() if name in changed}
    if changed & {"persona", "interests"}:
        made["personality"] = personality(now)
    if "persona" in changed and before.get("persona", {}).get("prompt") != now["persona"]["prompt"]:
        made["system_prompt"] = now["persona"]["prompt"]
    ours = extensions.get(NAMESPACE)
    made["extensions"] = extensions | {NAMESPACE: (ours if isinstance(ours, dict) else {}) | {KEY: now}}
    return made


def changes_of(before: CharacterDraft, now: CharacterDraft, known: dict[str, Any]) -> dict[str, Any]:
    """The fields in which two readings of a card differ, as a change of the character; not what that said itself (`known`)."""
    old, new = (draft.model_dump(mode="json", include=set(_FIELDS)) for draft in (before, now))
    for part in ("persona", "look"):
        said = known.get(part, {})
        new[part] = {
            name: value
            for name, value in new[part].items()
            if value != old[part].get(name) and (name not in said or value != said[name])
        }
        old[part] = {}
    return {
        name: value
        for name, value in new.items()
        if value != old[name] and (name not in known or name in {"persona", "look"} or value != known[name])
    }


def given(before: dict[str, Any], now: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A character's words as they were when card and character said the same, now that it took these changes over."""
    made = before | {name: now[name] for name in changes if name not in {"persona", "look"}}
    for part in ("persona", "look"):
        made[part] = before.get(part, {}) | {name: now[part][name] for name in changes.get(part, {})}
    return made
