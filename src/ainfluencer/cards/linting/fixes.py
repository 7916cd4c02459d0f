"""Safe fixes: each mends one kind of finding on a copy of the card's object, and nothing that a person must decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ainfluencer.cards.converting import versions
from ainfluencer.cards.editing.document import same
from ainfluencer.cards.editing.fields import KINDS, V1
from ainfluencer.cards.linting import conformance, lore, macros, wording
from ainfluencer.cards.reading.coerce import Fields, clean
from ainfluencer.cards.reading.values import Notes

Card = dict[str, Any]


def fixed(card: Card, codes: set[str]) -> Card:
    """The card with every finding of these codes mended that has a fix; the given one is not changed."""
    made = card
    for code, fix in FIXES.items():
        if code in codes:
            made = fix(made)
    return _in_step(card, made)


def _in_step(before: Card, after: Card) -> Card:
    """Copies of fields that were equal to them are equal again."""
    old, new = before.get("data"), after.get("data")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return after
    names = [name for name in KINDS if name in before and name in new and same(before[name], old.get(name))]
    return {**after, **{name: new[name] for name in names}}


def _typed(card: Card) -> Card:
    return versions.typed(card)


def _specified(card: Card) -> Card:
    spec, version = versions.SPECS[versions.rank_of(card)]
    return {**card, "spec": spec, "spec_version": version}


def _mirrored(card: Card) -> Card:
    data = card["data"]
    return card | {name: data[name] for name in (*V1, "tags") if name in card and name in data}


def _with_data(card: Card, change: Callable[[Card], Card]) -> Card:
    inner = card.get("data")
    return {**card, "data": change(inner)} if isinstance(inner, dict) else change(card)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(one, change) for one in value]
    if isinstance(value, dict):
        return {key: one if key == "extensions" else _each_text(one, change) for key, one in value.items()}
    return value


def _cleaned(card: Card) -> Card:
    made: Card = _each_text(card, lambda text: clean(text, Notes()))
    return made


def _double_braced(card: Card) -> Card:
    made: Card = _each_text(card, macros.with_double_braces)
    return made


def _reread(card: Card) -> Card:
    made: Card = _each_text(card, wording.mended)
    return made


def _greetings(card: Card) -> Card:
    def change(data: Card) -> Card:
        seen = {str(data.get("first_mes", "")).strip(), ""}
        stored = Fields(data, Notes()).texts("alternate_greetings")  # a V1 card has them as they came
        kept = [one for one in stored if one.strip() not in seen and not seen.add(one.strip())]  # type: ignore[func-returns-value]
        return {**data, "alternate_greetings": kept}

    return _with_data(versions.typed(card), change)


def _tags(card: Card) -> Card:
    def change(data: Card) -> Card:
        kept: dict[str, str] = {}
        for tag in Fields(data, Notes()).texts("tags"):
            if tag.strip():
                kept.setdefault(tag.strip().lower(), tag.strip())
        return {**data, "tags": list(kept.values())}

    return _with_data(versions.typed(card), change)


def _example(card: Card) -> Card:
    def change(data: Card) -> Card:
        name = "mes_example" if data.get("mes_example") else "example_dialogue"
        return {**data, name: f"<START>\n{Fields(data, Notes()).text(name).lstrip()}"}

    return _with_data(card, change)


def _dates(card: Card) -> Card:
    def change(data: Card) -> Card:
        names = ("creation_date", "modification_date")
        given = {name: data[name] for name in names if conformance.is_in_milliseconds(data.get(name))}
        return {**data, **{name: int(value // 1000) for name, value in given.items()}}

    return _with_data(card, change)


def _endings(card: Card) -> Card:
    def change(data: Card) -> Card:
        made = [one | {"ext": str(one.get("ext", "")).lower().lstrip(".")} for one in data["assets"]]
        return {**data, "assets": made}

    return _with_data(card, change)


def _with_entries(card: Card, change: Callable[[list[Card]], list[Card]]) -> Card:
    def in_book(data: Card) -> Card:
        book = data.get("character_book")
        return {**data, "character_book": {**book, "entries": change(book["entries"])}} if book else data

    return _with_data(versions.typed(card), in_book)


def _numbered(card: Card) -> Card:
    def change(entries: list[Card]) -> list[Card]:
        taken = {one["id"] for one in entries if isinstance(one.get("id"), int)}
        free = max(taken, default=-1) + 1
        seen: set[str] = set()
        out = []
        for one in entries:
            is_taken = one.get("id") is not None and str(one["id"]) in seen
            out.append({**one, "id": free} if is_taken else one)
            free += is_taken
            seen.add(str(one.get("id")))
        return out

    return _with_entries(card, change)


def _split_keys(card: Card) -> Card:
    def one_entry(one: Card) -> Card:
        keys = [key for key in one.get("keys", []) if key.strip()]
        is_one = len(keys) == 1 and "," in keys[0] and not one.get("use_regex") and lore.parted(keys[0])
        return {**one, "keys": lore.parted(keys[0])} if is_one else one

    return _with_entries(card, lambda entries: [one_entry(one) for one in entries])


FIXES: dict[str, Callable[[Card], Card]] = {
    "spec_missing": _specified,
    "spec_version_odd": _specified,
    "type_coerced": _typed,
    "null_value": _typed,
    "required_missing": _typed,
    "lone_surrogate": _cleaned,
    "nul": _cleaned,
    "mojibake": _reread,
    "macro_single_brace": _double_braced,
    "greeting_duplicate": _greetings,
    "greeting_empty": _greetings,
    "tag_duplicate": _tags,
    "tag_untidy": _tags,
    "example_without_start": _example,
    "date_unlikely": _dates,
    "asset_ending": _endings,
    "entry_id_duplicate": _numbered,
    "key_with_commas": _split_keys,
    "stale_mirror": _mirrored,
}
"""In the order in which they are applied: types first, the mirror last."""
