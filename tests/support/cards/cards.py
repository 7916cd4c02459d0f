"""Cards of every version as plain dictionaries, and the five original characters in `data/`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

DATA = Path(str(files("ainfluencer.cards"))) / "samples"
CHARACTERS = tuple(sorted(path.stem for path in DATA.glob("*.json")))


def character(slug: str) -> bytes:
    """One of our own characters, as the bytes of a JSON card."""
    return (DATA / f"{slug}.json").read_bytes()


def v1(**changes: Any) -> dict[str, Any]:
    """A V1 card."""
    card = {
        "name": "Ada",
        "description": "Ada keeps a lighthouse near Porto and reads the fog.",
        "personality": "patient, dry, kind",
        "scenario": "A harbour at night.",
        "first_mes": '*She lifts the lamp.* "The fog is only the sea thinking aloud."',
        "mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Only in the mornings, before the kettle agrees.",
    }
    return card | changes


def v2(**changes: Any) -> dict[str, Any]:
    """A V2 card; `changes` go into `data`."""
    rest: dict[str, Any] = {
        "creator_notes": "",
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
    }
    rest |= {"tags": ["lighthouse", "sea"], "creator": "Mira", "character_version": "1", "extensions": {"depth": 1}}
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": v1() | rest | changes}


def v3(**changes: Any) -> dict[str, Any]:
    """A V3 card."""
    card = v2(**({"group_only_greetings": [], "nickname": "Addie"} | changes))
    return card | {"spec": "chara_card_v3", "spec_version": "3.0"}


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A lorebook entry."""
    made = {"keys": [f"key {number}"], "content": f"Fact number {number} of the harbour.", "extensions": {}}
    return made | {"enabled": True, "insertion_order": number, "id": number} | changes
