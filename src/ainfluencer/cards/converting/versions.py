"""V1, V2 and V3 into each other. What V2 has no place for waits in `extensions.ainfluencer` and comes back with V3."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ainfluencer.cards.converting import decorators, world_info
from ainfluencer.cards.converting.losses import NAMESPACE, Loss
from ainfluencer.cards.editing.fields import BOOK_KINDS, ENTRY_KINDS, KINDS, V1, V2, V3, Kind, fits
from ainfluencer.cards.reading.coerce import Fields
from ainfluencer.cards.reading.shape import PYGMALION, TEXTGEN
from ainfluencer.cards.reading.values import Notes

SPECS = {2: ("chara_card_v2", "2.0"), 3: ("chara_card_v3", "3.0")}
DEFAULT_ASSETS = ({"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"},)
_PATTERN = re.compile(r"[\\^$*+?()\[\]{}|]|^/.*/[a-z]*$")
_NUMBERS = frozenset({Kind.NUMBER, Kind.WHOLE})
_NESTING = frozenset({"spec", "spec_version", "data"})
_EMPTY: tuple[Any, ...] = ("", None, [], {})


def rank_of(card: dict[str, Any]) -> int:
    """1, 2 or 3: the version that a card's object is written in."""
    if not isinstance(card.get("data"), dict):
        return 1
    spec = card.get("spec")
    return 3 if isinstance(spec, str) and spec.startswith("chara_card") and spec != "chara_card_v2" else 2


def is_pattern(key: str) -> bool:
    """Whether a key means something else as a pattern than as plain words."""
    return bool(_PATTERN.search(key))


def is_proper(card: dict[str, Any], rank: int) -> bool:
    """Whether a card says its version as that version's specification wants it."""
    if rank == 1:
        return "data" not in card and all(isinstance(card.get(name), str) for name in V1)
    return (card.get("spec"), card.get("spec_version")) == SPECS[rank] or (rank == 3 and rank_of(card) == 3)


def converted(card: dict[str, Any], rank: int) -> tuple[dict[str, Any], list[Loss]]:
    """The card's object in another version, and what readers of it will miss. The given one is not changed."""
    made = nested(card)
    losses: list[Loss] = []
    if rank < 3:
        made["data"], losses = _without_v3(made["data"])
    else:
        made["data"] = _with_v3(made["data"])
    if rank == 1:
        flat, more = _flat(made["data"])
        beside = {key: value for key, value in made.items() if key not in {*_NESTING, *KINDS, *flat, "creatorcomment"}}
        flat |= beside
        return flat, [*(replace(loss, kept=False) for loss in losses), *more]
    spec, version = SPECS[rank]
    is_newer = rank == 3 == rank_of(card)  # a version above 3.0 keeps its number
    return {
        **made,
        "spec": spec,
        "spec_version": card["spec_version"] if is_newer and "spec_version" in card else version,
    }, losses


def typed(card: dict[str, Any]) -> dict[str, Any]:
    """The card in its own version with every field of its type and every required field there."""
    if not isinstance(card.get("data"), dict):
        fields = Fields(card, Notes())
        names = V1 if {"name", "description"} <= card.keys() else [name for name in V1 if name in card]
        return {**card, **{name: fields.text(name) for name in names if not isinstance(card.get(name), str)}}
    data = _typed(card["data"])
    version = card.get("spec_version")
    named = {"spec_version": str(float(version))} if isinstance(version, int | float) else {}
    return {**card, **named, "data": _with_v3(data) if rank_of(card) == 3 else data}


def nested(card: dict[str, Any]) -> dict[str, Any]:
    """The card with its fields under `data`, complete and of the right types."""
    if isinstance(card.get("data"), dict):
        rest = {key: value for key, value in card.items() if key not in _NESTING}
        return {"spec": "", "spec_version": "", "data": _typed(card["data"]), **rest}
    flat = dict(card)
    spelled = {**PYGMALION, **TEXTGEN, "creatorcomment": "creator_notes"}
    for theirs, ours in spelled.items():
        if theirs in flat and not flat.get(ours):
            flat[ours] = flat[theirs]
    flat.setdefault("creator_notes", "")
    data = _typed({name: flat[name] for name in (*V1, *V2, *V3) if name in flat})
    known = {*data, *_NESTING, *(theirs for theirs, ours in spelled.items() if card.get(theirs) == flat.get(ours))}
    extras = {key: value for key, value in card.items() if key not in known}
    for key in ("talkativeness", "fav"):
        if key in extras:
            data["extensions"].setdefault(key, extras[key])
    return {"spec": "", "spec_version": "", "data": _keeping(data, "v1", extras)}


def _typed(data: dict[str, Any]) -> dict[str, Any]:
    """Every field that V2 requires is there, and every field has its type; the order of keys stays."""
    fields = Fields(data, Notes())
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.TEXT: fields.text,
        Kind.TEXTS: lambda name: list(fields.texts(name)),
        Kind.TABLE: lambda _: {},
        Kind.ASSETS: fields.objects,
        Kind.BOOK: lambda name: typed_book(data[name]),
    }
    out: dict[str, Any] = {}
    for name, value in data.items():
        kind = KINDS.get(name, Kind.ANY)
        is_right = kind not in readers or (kind is not Kind.BOOK and fits(kind, value))
        out[name] = value if is_right else readers[kind](name)
    if data.get("character_book", "") is None:
        del out["character_book"]
    for name in (*V1, *V2):
        if name not in out and name != "character_book":
            out[name] = {Kind.TEXT: "", Kind.TEXTS: [], Kind.TABLE: {}}[KINDS[name]]
    return _with_odd(out, data, {name: kind for name, kind in KINDS.items() if kind in readers})


def _with_odd(made: dict[str, Any], given: dict[str, Any], kinds: dict[str, Kind]) -> dict[str, Any]:
    """The typed object with the values that no type could be made of on a shelf: nothing is thrown away."""
    odd = {name: _unread(kinds[name], value) for name, value in given.items() if name in kinds}
    odd = {name: value for name, value in odd.items() if value is not None}
    return _keeping(made, "odd", _kept(made, "odd") | odd) if odd else made


def _unread(kind: Kind, value: Any) -> Any:
    """What does not come over of a value that is of another type than its kind: items that are none, else all of it or None."""
    if value in _EMPTY or fits(kind, value):
        return None
    items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    if kind in {Kind.ASSETS, Kind.ENTRIES}:
        return [one for one in items if not isinstance(one, dict)] or None
    if kind is Kind.TEXT:
        is_read = not isinstance(value, dict) and all(map(_is_scalar, items))
    elif kind is Kind.TEXTS:
        is_read = all(_is_scalar(one) or (isinstance(one, list) and all(map(_is_scalar, one))) for one in items)
    elif kind is Kind.BOOK:
        is_read = isinstance(value, dict | list)
    else:
        is_read = kind is not Kind.TABLE and items == [value] and not (kind in _NUMBERS and _finite(value) is None)
    return None if is_read else value


def _finite(value: Any) -> float | None:
    return Fields({"v": value}, Notes()).number("v")


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float)


def typed_book(value: Any) -> dict[str, Any]:
    """A lorebook whose entries are a list of objects with every required field."""
    book = value if isinstance(value, dict) else {"entries": value if isinstance(value, list) else []}
    tables = book.get("extensions")
    made = {**_optional(book, BOOK_KINDS), "extensions": tables if isinstance(tables, dict) else {}}
    made["entries"] = [_entry(one) for one in Fields(book, Notes()).objects("entries")]
    return _with_odd(made, book, BOOK_KINDS)


def _optional(value: dict[str, Any], kinds: dict[str, Kind]) -> dict[str, Any]:
    """An object without nulls in typed fields, and with its texts, numbers and flags as such where they can be meant."""
    fields = Fields(value, Notes())
    readers: dict[Kind, Callable[[str], Any]] = {
        Kind.TEXT: fields.text,
        Kind.WHOLE: fields.whole,
        Kind.NUMBER: fields.number,
        Kind.FLAG: fields.maybe_flag,
    }
    out = dict(value)
    for name, kind in kinds.items():
        if name in value and kind in readers and not fits(kind, value[name]):
            made = readers[kind](name)
            out[name] = int(made) if isinstance(made, float) and made.is_integer() else made
            if made is None:
                del out[name]
    return out


def _entry(value: dict[str, Any]) -> dict[str, Any]:
    value = world_info.as_entry(value)
    fields = Fields(value, Notes())
    out = _optional(value, ENTRY_KINDS)
    for name in ("keys", "secondary_keys"):
        if name in value and not (isinstance(value[name], list) and all(isinstance(k, str) for k in value[name])):
            out[name] = list(fields.texts(name))
    if not isinstance(value.get("content"), str):
        out["content"] = fields.text("content")
    if not isinstance(value.get("extensions"), dict):
        out["extensions"] = {}
    if not isinstance(value.get("enabled"), bool):
        out["enabled"] = fields.flag("enabled", default=not fields.flag("disable", default=False))
    if not isinstance(value.get("insertion_order"), int | float):
        out["insertion_order"] = fields.whole("insertion_order" if "insertion_order" in value else "order") or 0
    out.setdefault("keys", [])
    return _with_odd(out, value, ENTRY_KINDS)


def _keeping(data: dict[str, Any], shelf: str, values: dict[str, Any]) -> dict[str, Any]:
    """The data with values laid on a shelf of our namespace; without it when there is nothing to lay there."""
    extensions = dict(data.get("extensions") or {})
    ours = extensions.get(NAMESPACE)
    ours = {key: value for key, value in ours.items() if key != shelf} if isinstance(ours, dict) else {}
    if values:
        ours[shelf] = values
    if ours:
        extensions[NAMESPACE] = ours
    else:
        extensions.pop(NAMESPACE, None)
    return {**data, "extensions": extensions}


def _kept(holder: dict[str, Any], shelf: str) -> dict[str, Any]:
    extensions = holder.get("extensions")
    ours = extensions.get(NAMESPACE) if isinstance(extensions, dict) else None
    found = ours.get(shelf) if isinstance(ours, dict) else None
    return found if isinstance(found, dict) else {}


# -- V3 to V2 --


def _without_v3(data: dict[str, Any]) -> tuple[dict[str, Any], list[Loss]]:
    shelf = dict(_kept(data, "v3"))
    losses: list[Loss] = []
    out = dict(data)
    for name in V3:
        value = out.pop(name, None)
        if value in _EMPTY or (name == "assets" and tuple(value) == DEFAULT_ASSETS):
            continue
        shelf[name] = value
        losses.append(Loss(f"v3_{name}", f"data.{name}", f"{_size(value)} that only V3 knows.", kept=True))
    if "character_book" in out:
        entries = out["character_book"]["entries"]
        ids = _numbers_of(entries)
        pairs = [_entry_without_v3(entry, f"data.character_book.entries[{n}]", ids) for n, entry in enumerate(entries)]
        out["character_book"] = {**out["character_book"], "entries": [entry for entry, _ in pairs]}
        losses += [loss for _, more in pairs for loss in more]
    return _keeping(out, "v3", shelf), losses


def _entry_without_v3(entry: dict[str, Any], field: str, ids: dict[str, int]) -> tuple[dict[str, Any], list[Loss]]:
    shelf = dict(_kept(entry, "v3"))
    losses: list[Loss] = []
    out = dict(entry)
    lines, rest = decorators.split(str(entry.get("content", "")))
    if lines:
        content = str(entry["content"])
        shelf["decorators"], out["content"] = content[: len(content) - len(rest)], rest
        names = ", ".join(dict.fromkeys(decorators.name_of(line) for line in lines))
        losses.append(Loss("v3_decorators", f"{field}.content", f"The decorators {names} are taken out.", kept=True))
    if entry.get("use_regex") is True and any(is_pattern(str(key)) for key in entry.get("keys", [])):
        losses.append(Loss("v3_use_regex", f"{field}.keys", "V2 readers take the patterns for plain words.", kept=True))
    if isinstance(entry.get("id"), str):
        shelf["id"], out["id"] = entry["id"], ids[entry["id"]]
    return _keeping(out, "v3", shelf) if shelf or _kept(entry, "v3") else out, losses


def _numbers_of(entries: list[Any]) -> dict[str, int]:
    """A number for each id that is a text: its own digits, or one above all that are in use."""
    ids = [one.get("id") for one in entries if isinstance(one, dict)]
    taken = {one for one in ids if isinstance(one, int)}
    names = list(dict.fromkeys(one for one in ids if isinstance(one, str)))
    digits = {one: int(one) for one in names if one.isascii() and one.isdigit() and len(one) < 16}
    free = max([*taken, *digits.values(), -1]) + 1
    out: dict[str, int] = {}
    for place, one in enumerate(names):
        own = digits.get(one, free)
        out[one] = free + place if own == free or own in taken else own
        taken.add(out[one])
    return out


# -- V2 to V3 --


def _with_v3(data: dict[str, Any]) -> dict[str, Any]:
    shelf = _kept(data, "v3")
    out = {**data, **{name: value for name, value in shelf.items() if name in V3 and name not in data}}
    out.setdefault("group_only_greetings", [])
    if "character_book" in out:
        entries = [_entry_with_v3(entry) for entry in out["character_book"]["entries"]]
        out["character_book"] = {**out["character_book"], "entries": entries}
    return _keeping(out, "v3", {}) if shelf else out


def _entry_with_v3(entry: dict[str, Any]) -> dict[str, Any]:
    shelf = _kept(entry, "v3")
    out = {**entry}
    out.setdefault("use_regex", False)
    if not shelf:
        return out
    head = shelf.get("decorators")
    if isinstance(head, str):
        gap = "\n" if out["content"] and not head.endswith("\n") else ""
        out["content"] = f"{head}{gap}{out['content']}"
    if isinstance(shelf.get("id"), str):
        out["id"] = shelf["id"]
    return _keeping(out, "v3", {})


# -- V2 to V1 --


def _flat(data: dict[str, Any]) -> tuple[dict[str, Any], list[Loss]]:
    extras = _kept(data, "v1")
    out: dict[str, Any] = {name: data[name] for name in V1}
    if data["creator_notes"]:
        out["creatorcomment"] = data["creator_notes"]
    out |= {key: value for key, value in extras.items() if key not in out}
    losses = [
        Loss("v2_field", f"data.{name}", f"{_size(data[name])} that V1 has no place for.")
        for name in V2
        if name in data and name != "creator_notes" and _beyond(name, data[name], extras) not in _EMPTY
    ]
    unknown = [key for key in data if key not in {*V1, *V2} and data[key] not in _EMPTY]
    losses += [Loss("unknown_field", f"data.{key}", "V1 has no place for it.") for key in unknown]
    return out, losses


def _beyond(name: str, value: Any, extras: dict[str, Any]) -> Any:
    """What is left of a field when everything is taken off that the flat card holds anyway."""
    if name != "extensions":
        return value
    ours = value.get(NAMESPACE)
    rest = {key: one for key, one in value.items() if key != NAMESPACE and key not in extras}
    left = {shelf: one for shelf, one in ours.items() if shelf not in {"v1", "v3"}} if isinstance(ours, dict) else ours
    return {**rest, NAMESPACE: left} if left else rest


def _size(value: Any) -> str:
    """How much there is of something, in words."""
    if isinstance(value, str):
        return f"{len(value)} characters"
    if isinstance(value, dict) and isinstance(value.get("entries"), list):
        return f"A lorebook of {len(value['entries'])} entries"
    if isinstance(value, list | dict):
        return f"{len(value)} item{'s' * (len(value) != 1)}"
    return f"The value {value}"
