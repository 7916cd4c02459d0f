"""Stand-alone lorebooks of five programs, read into the form of V3 and written out of it (guide 1.2 and 1.3).

What a program adds of its own waits in `extensions.ainfluencer` under the program's name and comes back with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.converting import versions, world_info
from ainfluencer.cards.converting.losses import NAMESPACE, Loss
from ainfluencer.cards.converting.world_info import shelf_of, with_shelf
from ainfluencer.cards.editing import styles
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import numbers
from ainfluencer.cards.reading.decoding import decode
from ainfluencer.cards.reading.values import Notes

Entry = dict[str, Any]
Book = dict[str, Any]

_NOTHING: tuple[Any, ...] = (None, "", False, [])
_MARKS = frozenset({"type", "ver", "kind", "lorebookVersion"})
_BETWEEN_SLASHES = re.compile(
    r"/.+/[a-z]*\Z", re.DOTALL
)  # SillyTavern takes such a key for a pattern, whatever use_regex says
_DEFAULTS: dict[str, Any] = {"enabled": True, "use_regex": False, "position": "before_char", "insertion_order": 0}


@dataclass(frozen=True, slots=True)
class Layout:
    """How one program writes a lorebook. `holds` are the fields of an entry that it has a place for."""

    title: str
    holds: frozenset[str]
    titled: str  # the one of comment and name that it shows; empty where it has both
    book_holds: frozenset[str]
    read: Callable[[Entry], Entry]
    write: Callable[[Entry, int], Entry]
    known: frozenset[str]


def load(data: bytes) -> tuple[str, Book]:
    """The layout's name and the book in V3's form. `CardRefused` when the bytes are no lorebook."""
    decoded = decode(data, Notes(), in_chunk=False)
    try:
        root = numbers.load(decoded.text.decode("utf-8-sig"))
    except ValueError:  # a form that is mended, or another encoding
        root = decoded.root
    for value in (root, root.get("data") if isinstance(root, dict) else None):
        if isinstance(value, dict) and (name := layout_of(value)):
            return name, _read(name, value)
    raise CardRefused(Reason.NOT_A_CARD, "This file is no lorebook.", "Choose a lorebook of a known program.")


def of_risu(entries: Sequence[Entry]) -> Book:
    """The book in V3's form of entries as Risu writes them."""
    return _read("risu", {"data": entries})


def layout_of(value: dict[str, Any]) -> str:
    """The name of the layout that an object is written in; an empty string when it is none."""
    entries, data = value.get("entries"), value.get("data")
    if value.get("spec") == "lorebook_v3" and isinstance(data, dict):
        return "lorebook"
    if value.get("type") == "risu" and isinstance(data, list):
        return "risu"
    if isinstance(entries, list):
        return "novelai" if "lorebookVersion" in value else "agnai" if value.get("kind") == "memory" else "lorebook"
    return "sillytavern" if isinstance(entries, dict) else ""


def _read(name: str, value: dict[str, Any]) -> Book:
    layout = LAYOUTS[name]
    if name == "lorebook":
        return versions.typed_book(value.get("data", value))
    holder = "data" if name == "risu" else "entries"
    stored = value[holder].values() if isinstance(value[holder], dict) else value[holder]
    entries = [with_shelf(layout.read(one), name, one, layout.known) for one in stored if isinstance(one, dict)]
    book: Book = {key: value[key] for key in layout.book_holds if key in value}
    rest = {key: one for key, one in value.items() if key not in {holder, *layout.book_holds}}
    book["extensions"] = {NAMESPACE: {name: rest}} if rest else {}
    return versions.typed_book({**book, "entries": entries})


def dump(book: Book, name: str) -> tuple[bytes, list[Loss]]:
    """The book as a file of a program, and what that program has no place for."""
    layout = LAYOUTS[name]
    losses = list(_losses(book, layout, name))
    if name == "lorebook":
        entries = [{"use_regex": False} | entry for entry in book["entries"]]
        return _file({"spec": "lorebook_v3", "data": {**book, "entries": entries}}), losses
    made = [shelf_of(entry, name) | layout.write(entry, place) for place, entry in enumerate(book["entries"])]
    top = {key: book[key] for key in layout.book_holds if key in book} | shelf_of(book, name)
    return _file(_HEADS[name](made) | top), losses


def _file(value: dict[str, Any]) -> bytes:
    return styles.Style(indent="    ").value(value).encode("utf-8", "surrogatepass")


def _losses(book: Book, layout: Layout, name: str) -> Iterator[Loss]:
    fields = {} if name == "lorebook" else _beyond(book, name)
    fields |= {key: value for key, value in book.items() if key not in {"entries", "extensions", *layout.book_holds}}
    for key, value in fields.items():
        if value not in _NOTHING:
            yield Loss("book_field", f"book.{key}", f"{layout.title} has no place for it.")
    counts: dict[str, int] = {}
    for entry in book["entries"]:
        for key in dict.fromkeys(_unheld(entry, layout, name)):
            counts[key] = counts.get(key, 0) + 1
    for key, number in counts.items():
        detail = f"{layout.title} has no place for it ({number} entries)."
        yield Loss("entry_field", f"book.entries.{key}", detail)
    if name == "risu" and any("," in key for entry in book["entries"] for key in entry["keys"]):
        yield Loss("key_with_commas", "book.entries.keys", "Risu splits keys at commas.")


def _unheld(entry: Entry, layout: Layout, name: str) -> Iterator[str]:
    for key, value in entry.items():
        if key in layout.holds or key in {"id", "extensions"}:
            continue
        if key == "use_regex":
            words = [one for one in entry["keys"] if name != "sillytavern" or not _BETWEEN_SLASHES.match(one)]
            if value is True and any(map(versions.is_pattern, words)):
                yield key
        elif value is False if key == "enabled" else value not in (*_NOTHING, _DEFAULTS.get(key, "")):
            yield key
    titles = {str(entry.get(one) or "") for one in ("comment", "name")}
    if layout.titled and len(titles - {""}) > 1:
        yield "name" if layout.titled == "comment" else "comment"
    if "extensions" not in layout.holds:
        yield from _beyond(entry, name)


def _beyond(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """What lies in the extensions of an entry or a book: those as a whole, and by their names what other programs added."""
    extensions = holder.get("extensions") or {}
    shelves = extensions.get(NAMESPACE)
    found: dict[str, Any] = {"extensions": extensions} if extensions.keys() - {NAMESPACE} else {}
    for shelf, values in shelves.items() if isinstance(shelves, dict) else ():
        if shelf != name and isinstance(values, dict):
            found |= {key: one for key, one in values.items() if one is not None and not _says_nothing(key, one)}
    return found


def _says_nothing(key: str, value: Any) -> bool:
    """Whether it is what a program writes of itself into every file or entry."""
    return key in _MARKS or (key, value) in (("mode", "normal"), ("addMemo", True), ("addMemo", False))


# -- SillyTavern's world info --


def _by_number(made: list[Entry]) -> dict[str, Any]:
    """Entries by their uid; one whose number is taken gets the next free one, for there equal ids overwrite each other."""
    out: dict[str, Entry] = {}
    free = max((one["uid"] for one in made), default=-1) + 1
    for one in made:
        uid = one["uid"] if str(one["uid"]) not in out else free
        free += uid == free
        out[str(uid)] = {**one, "uid": uid}
    return {"entries": out}


# -- Agnai, Risu, NovelAI --


def _from_agnai(theirs: Entry) -> Entry:
    made = {
        "keys": theirs.get("keywords", []),
        "content": theirs.get("entry", ""),
        "name": theirs.get("name", ""),
        "enabled": theirs.get("enabled", True),
        "insertion_order": theirs.get("weight", 0),
        "priority": theirs.get("priority"),
    }
    return {key: value for key, value in made.items() if value is not None}


def _to_agnai(ours: Entry, _: int) -> Entry:
    name = ours.get("name") or ours.get("comment", "")
    made = {"name": name, "entry": ours["content"], "keywords": ours["keys"], "enabled": ours["enabled"]}
    return made | {"priority": ours.get("priority", 0), "weight": ours["insertion_order"]}


def _split(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").split(",") if part.strip()]


def _from_risu(theirs: Entry) -> Entry:
    return {
        "keys": _split(theirs.get("key")),
        "secondary_keys": _split(theirs.get("secondkey")),
        "content": theirs.get("content", ""),
        "comment": theirs.get("comment", ""),
        "constant": theirs.get("alwaysActive", False),
        "selective": theirs.get("selective", False),
        "insertion_order": theirs.get("insertorder", 0),
        "enabled": True,
    }


def _to_risu(ours: Entry, _: int) -> Entry:
    return {
        "key": ", ".join(ours["keys"]),
        "secondkey": ", ".join(ours.get("secondary_keys", [])),
        "insertorder": ours["insertion_order"],
        "comment": ours.get("comment") or ours.get("name", ""),
        "content": ours["content"],
        "mode": shelf_of(ours, "risu").get("mode", "normal"),
        "alwaysActive": ours.get("constant", False),
        "selective": ours.get("selective", False),
    }


def _from_novelai(theirs: Entry) -> Entry:
    context = theirs.get("contextConfig")
    return {
        "keys": theirs.get("keys", []),
        "content": theirs.get("text", ""),
        "name": theirs.get("displayName", ""),
        "enabled": theirs.get("enabled", True),
        "constant": theirs.get("forceActivation", False),
        "insertion_order": context.get("budgetPriority", 0) if isinstance(context, dict) else 0,
    }


def _to_novelai(ours: Entry, _: int) -> Entry:
    context = shelf_of(ours, "novelai").get("contextConfig")
    return {
        "text": ours["content"],
        "keys": ours["keys"],
        "displayName": ours.get("name") or ours.get("comment", ""),
        "enabled": ours["enabled"],
        "forceActivation": ours.get("constant", False),
        "contextConfig": {**(context if isinstance(context, dict) else {}), "budgetPriority": ours["insertion_order"]},
    }


_EVERY = {"keys", "content", "insertion_order", "comment", "name"}
LAYOUTS = {
    "lorebook": Layout(
        "The lorebook of V3",
        frozenset(
            {*_EVERY, "secondary_keys", "constant", "selective", "enabled", "position", "extensions", "use_regex"}
        )
        | {"case_sensitive", "priority"},
        "",
        frozenset({"name", "description", "scan_depth", "token_budget", "recursive_scanning"}),
        dict,
        lambda ours, _: ours,
        frozenset(),
    ),
    "sillytavern": Layout(
        "SillyTavern's world info",
        frozenset({*_EVERY, "secondary_keys", "constant", "selective", "enabled", "position", "extensions"})
        | {"case_sensitive"},
        "comment",
        frozenset({"name", "description"}),
        world_info.read,
        world_info.write,
        world_info.KNOWN,
    ),
    "agnai": Layout(
        "Agnai",
        frozenset({*_EVERY, "enabled", "priority"}),
        "name",
        frozenset({"name", "description"}),
        _from_agnai,
        _to_agnai,
        frozenset({"name", "entry", "keywords", "priority", "weight", "enabled"}),
    ),
    "risu": Layout(
        "Risu",
        frozenset({*_EVERY, "secondary_keys", "constant", "selective"}),
        "comment",
        frozenset(),
        _from_risu,
        _to_risu,
        frozenset({"key", "secondkey", "insertorder", "comment", "content", "alwaysActive", "selective"}),
    ),
    "novelai": Layout(
        "NovelAI",
        frozenset({*_EVERY, "enabled", "constant"}),
        "name",
        frozenset(),
        _from_novelai,
        _to_novelai,
        frozenset({"text", "keys", "displayName", "enabled", "forceActivation"}),
    ),
}
_HEADS: dict[str, Callable[[list[Entry]], dict[str, Any]]] = {
    "sillytavern": _by_number,
    "agnai": lambda made: {"kind": "memory", "entries": made},
    "risu": lambda made: {"type": "risu", "ver": 1, "data": made},
    "novelai": lambda made: {"lorebookVersion": 5, "entries": made},
}
