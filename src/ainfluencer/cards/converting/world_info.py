"""SillyTavern's entries: in a file of world info, and in cards whose lorebook was put in as it is."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.converting.losses import NAMESPACE
from ainfluencer.cards.editing.fields import ENTRY_KINDS
from ainfluencer.cards.reading.coerce import Fields
from ainfluencer.cards.reading.values import Notes

Entry = dict[str, Any]

_NAMES = {
    "excludeRecursion": "exclude_recursion",
    "preventRecursion": "prevent_recursion",
    "delayUntilRecursion": "delay_until_recursion",
    "displayIndex": "display_index",
    "probability": "probability",
    "useProbability": "useProbability",
    "depth": "depth",
    "role": "role",
    "selectiveLogic": "selectiveLogic",
    "group": "group",
    "groupOverride": "group_override",
    "groupWeight": "group_weight",
    "useGroupScoring": "use_group_scoring",
    "scanDepth": "scan_depth",
    "matchWholeWords": "match_whole_words",
    "caseSensitive": "case_sensitive",
    "automationId": "automation_id",
    "vectorized": "vectorized",
    "sticky": "sticky",
    "cooldown": "cooldown",
    "delay": "delay",
}
"""SillyTavern's names in a file of its own, and in the extensions of a card's entry."""

HELD = frozenset({*_NAMES.values(), "position"})
"""What of an entry's extensions SillyTavern has a place for."""
KNOWN = frozenset(
    {
        *_NAMES,
        "uid",
        "key",
        "keysecondary",
        "comment",
        "content",
        "constant",
        "selective",
        "order",
        "disable",
        "position",
    }
) | {"extensions"}
"""The names of an entry that `read` understands."""


def with_shelf(entry: Entry, name: str, theirs: Entry, known: frozenset[str]) -> Entry:
    """The entry with what `theirs` has beyond the known names, on the shelf of that program."""
    rest = {key: value for key, value in theirs.items() if key not in known or value is None}
    extensions = entry.get("extensions") or {}
    shelves = extensions.get(NAMESPACE)
    ours = {**(shelves if isinstance(shelves, dict) else {}), name: rest}
    return {**entry, "extensions": {**extensions, NAMESPACE: ours} if rest else extensions}


def shelf_of(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """What waits in an entry or a book for a program."""
    ours = (holder.get("extensions") or {}).get(NAMESPACE)
    found = ours.get(name) if isinstance(ours, dict) else None
    return found if isinstance(found, dict) else {}


def as_entry(value: Entry) -> Entry:
    """An entry of a card's lorebook as the specification spells it, where it was put in as world info has it."""
    if "key" not in value or "keys" in value:
        return value
    proper = {name: value[name] for name in ENTRY_KINDS if name in value and name not in KNOWN}
    return with_shelf(read(value), "sillytavern", value, KNOWN | ENTRY_KINDS.keys()) | proper


def read(theirs: Entry) -> Entry:
    """An entry of world info as the specification of V3 spells it."""
    place = theirs.get("position")
    extensions = {ours: theirs[key] for key, ours in _NAMES.items() if theirs.get(key) is not None}
    if isinstance(place, int) and not isinstance(place, bool):
        extensions["position"] = place
    made: Entry = {
        "id": theirs.get("uid"),
        "keys": theirs.get("key", []),
        "secondary_keys": theirs.get("keysecondary", []),
        "comment": theirs.get("comment", ""),
        "content": theirs.get("content", ""),
        "constant": theirs.get("constant", False),
        "selective": theirs.get("selective", False),
        "insertion_order": theirs.get("order", 0),
        "enabled": not Fields(theirs, Notes()).flag("disable", default=False),
        "position": place if isinstance(place, str) else "before_char" if place in (0, None) else "after_char",
        "case_sensitive": theirs.get("caseSensitive"),
        "extensions": extensions | (theirs["extensions"] if isinstance(theirs.get("extensions"), dict) else {}),
    }
    return {key: value for key, value in made.items() if value is not None}


def write(ours: Entry, place: int) -> Entry:
    """An entry as world info spells it; `place` is its number where it has none."""
    extensions = ours.get("extensions") or {}
    number = ours.get("id")
    made = {
        "uid": number if isinstance(number, int) and not isinstance(number, bool) else place,
        "key": ours["keys"],
        "keysecondary": ours.get("secondary_keys", []),
        "comment": ours.get("comment") or ours.get("name", ""),
        "content": ours["content"],
        "constant": ours.get("constant", False),
        "selective": ours.get("selective", False),
        "order": ours["insertion_order"],
        "disable": not ours["enabled"],
        "position": extensions.get("position", 0 if ours.get("position", "before_char") == "before_char" else 1),
    }
    if isinstance(ours.get("case_sensitive"), bool):
        made["caseSensitive"] = ours["case_sensitive"]
    made |= {key: extensions[name] for key, name in _NAMES.items() if name in extensions}
    rest = {key: value for key, value in extensions.items() if key not in {*HELD, NAMESPACE}}
    shelves = extensions.get(NAMESPACE)
    others = {key: one for key, one in shelves.items() if key != "sillytavern"} if isinstance(shelves, dict) else {}
    rest |= {NAMESPACE: others} if others else {}
    return made | ({"extensions": rest} if rest else {})
