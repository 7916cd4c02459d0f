"""Finds the card in parsed JSON: bare, in an envelope, in an array; tells cards from lorebooks and other files."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.reading.values import Notes

V1_FIELDS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "world_scenario": "scenario",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
}
TEXTGEN = {"greeting": "first_mes", "context": "description", "example_dialogue": "mes_example"}
# What npm, web apps, browser extensions and Python packages write beside a name and a description.
_OF_PROGRAMS = frozenset({
    "dependencies", "devDependencies", "scripts", "start_url", "icons", "manifest_version", "lockfileVersion", "repository",
})  # fmt: skip
_ENVELOPES = ("card", "character", "char", "data", "result", "response", "payload", "definition", "node", "json")
_BOOK_ENTRY_WORDS = ("entries", "data")


def find_card(root: Any, notes: Notes, depth: int = 0) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The card object inside `root` and the keys that lead to it; None when there is none."""
    if isinstance(root, dict):
        if is_card(root):
            return root, ()
        if depth < 3 and not is_lorebook(root):
            for key in _ENVELOPES:
                inner = root.get(key)
                if isinstance(inner, dict | list):
                    card, path = find_card(inner, notes, depth + 1)
                    if card is not None:
                        notes.add("envelope", f"The card lies inside “{key}”.")
                        return card, (key, *path)
    elif isinstance(root, list) and depth < 3:
        for number, item in enumerate(root[:16]):
            card, path = find_card(item, notes, depth + 1)
            if card is not None:
                notes.add("array", f"The card lies in a list of {len(root)}; the first card was taken.")
                return card, (str(number), *path)
    return None, ()


def is_card(value: dict[str, Any]) -> bool:
    """Whether an object looks like a card of any version, Pygmalion's or textgen's spelling included."""
    spec, data = value.get("spec"), value.get("data")
    is_named = isinstance(spec, str) and spec.startswith("chara_card")
    if isinstance(data, dict) and spec != "lorebook_v3" and (is_named or _is_flat_card(data)):
        return True
    return (
        _is_flat_card(value)
        or _fields(value, tuple(PYGMALION)) >= 2
        or ("name" in value and _fields(value, tuple(TEXTGEN)) >= 1 and isinstance(value.get("name"), str))
    )


def _is_flat_card(value: dict[str, Any]) -> bool:
    """At least two of V1's fields; name and description alone may also be those of a lorebook or of a program."""
    if _fields(value, V1_FIELDS) < 2:
        return False
    return _fields(value, V1_FIELDS[2:]) > 0 or not (is_lorebook(value) or _OF_PROGRAMS & value.keys())


def _fields(value: dict[str, Any], names: tuple[str, ...]) -> int:
    return sum(1 for name in names if name in value)


def is_lorebook(value: Any) -> bool:
    """Whether it is a stand-alone lorebook of a known layout (V3, SillyTavern, Agnai, Risu, NovelAI)."""
    if not isinstance(value, dict):
        return False
    if value.get("spec") == "lorebook_v3" or "lorebookVersion" in value:
        return True
    if value.get("kind") == "memory" or value.get("type") == "risu":
        return any(isinstance(value.get(key), list) for key in _BOOK_ENTRY_WORDS)
    return isinstance(value.get("entries"), dict | list)
