"""The fields of a card: which version brought each, what kind of value it holds, and how a typed value is checked."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from ainfluencer.cards.editing.paths import Path, shown
from ainfluencer.cards.reading import numbers
from ainfluencer.cards.reading.decoding import is_deeper
from ainfluencer.core.errors import InvalidInput


class Kind(Enum):
    """What a field holds; the value is how a sentence names it."""

    TEXT = "text"
    TEXTS = "a list of texts"
    FLAG = "true or false"
    NUMBER = "a number"
    WHOLE = "a whole number of 0 or more"
    TABLE = "an object"
    BOOK = "a lorebook (an object with a list of entries)"
    ENTRIES = "a list of lorebook entries"
    ENTRY = "a lorebook entry (an object with content)"
    ASSETS = "a list of assets"
    ASSET = "an asset (an object with type, uri, name and ext)"
    POSITION = "before_char or after_char"
    ANY = "any value"


V1 = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
V2 = (
    *("creator_notes", "system_prompt", "post_history_instructions", "alternate_greetings", "tags", "creator"),
    *("character_version", "extensions", "character_book"),
)
V3 = (
    *("nickname", "group_only_greetings", "creator_notes_multilingual", "source", "creation_date"),
    *("modification_date", "assets"),
)
RANK = {name: rank for rank, names in ((1, V1), (2, V2), (3, V3)) for name in names}
KINDS = (
    dict.fromkeys((*V1, *V2, "nickname"), Kind.TEXT)
    | dict.fromkeys(("alternate_greetings", "tags", "group_only_greetings", "source"), Kind.TEXTS)
    | dict.fromkeys(("creation_date", "modification_date"), Kind.WHOLE)
    | {"extensions": Kind.TABLE, "creator_notes_multilingual": Kind.TABLE}
    | {"character_book": Kind.BOOK, "assets": Kind.ASSETS}
)
BOOK_KINDS = {
    **dict.fromkeys(("name", "description"), Kind.TEXT),
    **dict.fromkeys(("scan_depth", "token_budget"), Kind.WHOLE),
    "recursive_scanning": Kind.FLAG,
    "extensions": Kind.TABLE,
    "entries": Kind.ENTRIES,
}
ENTRY_KINDS = {
    **dict.fromkeys(("keys", "secondary_keys"), Kind.TEXTS),
    **dict.fromkeys(("content", "name", "comment"), Kind.TEXT),
    **dict.fromkeys(("enabled", "constant", "selective", "case_sensitive", "use_regex"), Kind.FLAG),
    **dict.fromkeys(("insertion_order", "priority"), Kind.NUMBER),
    "position": Kind.POSITION,
    "extensions": Kind.TABLE,
    "id": Kind.ANY,
}
ASSET_KINDS = dict.fromkeys(("type", "uri", "name", "ext"), Kind.TEXT)
JOINED = frozenset({"tags", "keys", "secondary_keys"})
"""Lists that people type with commas."""
ALIASES = {
    "book": "character_book",
    "greetings": "alternate_greetings",
    "greeting": "first_mes",
    "notes": "creator_notes",
}
_PARTS = {Kind.TEXTS: Kind.TEXT, Kind.ENTRIES: Kind.ENTRY, Kind.ASSETS: Kind.ASSET}
_WITHIN = {Kind.BOOK: BOOK_KINDS, Kind.ENTRY: ENTRY_KINDS, Kind.ASSET: ASSET_KINDS}


def kind_of(path: Path) -> Kind:
    """What belongs at a path of steps by meaning; `InvalidInput` with the nearest name when there is no such field."""
    name = str(path[0])
    if name not in KINDS:
        raise unknown(path, name, (*KINDS, *ALIASES))
    kind = Kind.TEXT if name == "creator_notes_multilingual" and len(path) > 1 else KINDS[name]
    for at, step in enumerate(path[1:], start=1):
        kind = _inner(kind, path[: at + 1], step)
    return kind


def _inner(kind: Kind, path: Path, step: str | int) -> Kind:
    if kind in {Kind.TABLE, Kind.ANY}:
        return Kind.ANY
    if kind in _PARTS and (isinstance(step, int) or step.startswith("[")):
        return _PARTS[kind]
    inner = _WITHIN.get(kind, {})
    if step in inner:
        return inner[str(step)]
    if path[0] == "creator_notes_multilingual" and len(path) == 2:
        return Kind.TEXT
    raise unknown(path, str(step), tuple(inner))


def unknown(path: Path, name: str, known: tuple[str, ...]) -> InvalidInput:
    """The refusal of a field that no card has."""
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}." if known else "It has no parts."
    return InvalidInput(f"A card has no field called {shown(path)}.", hint, code="field_unknown", field=shown(path))


def read_value(kind: Kind, typed: str, name: str = "") -> Any:
    """What a person typed as a value of a kind: texts as they are, everything else as JSON.

    Tags and keys may be joined by commas; in other lists a text is one text, for sentences have commas.
    """
    if kind in {Kind.TEXT, Kind.POSITION}:
        return typed
    odd: list[str] = []
    try:
        value = numbers.decoder(typed, odd, is_strict=True).decode(typed)
    except ValueError:
        value = typed
    except RecursionError:
        raise _too_deep(name or "The value") from None
    if odd:  # NaN, which is no JSON
        value = typed
    if kind is not Kind.TEXTS or isinstance(value, list | dict | None):
        return value
    if isinstance(value, str) and value != typed:  # a text in quotation marks
        return [value]
    if name in JOINED:
        return [part.strip() for part in typed.split(",") if part.strip()]
    return [typed] if typed else []


def check(kind: Kind, value: Any, path: Path) -> None:
    """`InvalidInput` when a value is not of its kind, or holds what no file can."""
    if not fits(kind, value):
        raise InvalidInput(f"{shown(path)} holds {kind.value}.", code="value_invalid", field=shown(path))
    _check_storable(value, path)
    inner = _WITHIN.get(kind)
    if inner and isinstance(value, dict):
        for key in value.keys() & inner.keys():
            check(inner[key], value[key], (*path, key))
    elif kind in {Kind.ENTRIES, Kind.ASSETS}:
        for number, item in enumerate(value):
            check(_PARTS[kind], item, (*path, number))


def fits(kind: Kind, value: Any) -> bool:
    """Whether a value is of a kind."""
    return _FITS[kind](value)


def _check_storable(value: Any, path: Path) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (UnicodeEncodeError, ValueError, RecursionError):
        raise InvalidInput(
            f"{shown(path)} holds broken characters or numbers that JSON does not know.",
            "Type the text again.",
            code="value_invalid",
            field=shown(path),
        ) from None
    if "\\u0000" in text:
        raise InvalidInput(f"{shown(path)} holds a NUL character.", code="value_invalid", field=shown(path))


def check_depth(value: Any, path: Path, most: int) -> None:
    """`InvalidInput` when lists and objects lie in each other more than `most` times: no reader would take the card."""
    if most < 1 or is_deeper(value, most):
        raise _too_deep(shown(path))


def _too_deep(what: str) -> InvalidInput:
    return InvalidInput(
        f"{what[:80]} is nested too deep.", "Put fewer lists and objects into each other.", code="value_invalid"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


_FITS: dict[Kind, Callable[[Any], bool]] = {
    Kind.TEXT: _is_text,
    Kind.TEXTS: _are_texts,
    Kind.FLAG: lambda value: isinstance(value, bool),
    Kind.NUMBER: _is_number,
    Kind.WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53,
    Kind.TABLE: _is_table,
    Kind.BOOK: lambda value: isinstance(value, dict) and _are_objects(value.get("entries")),
    Kind.ENTRIES: _are_objects,
    Kind.ENTRY: lambda value: isinstance(value, dict) and isinstance(value.get("content"), str),
    Kind.ASSETS: _are_objects,
    Kind.ASSET: lambda value: isinstance(value, dict) and all(_is_text(value.get(key)) for key in ASSET_KINDS),
    Kind.POSITION: lambda value: isinstance(value, str) and value in {"before_char", "after_char"},
    Kind.ANY: lambda _: True,
}
