"""Edits a card by the meaning of its fields, wherever they lie: V1, V2, V3, Pygmalion, textgen, in envelopes and arrays."""

from __future__ import annotations

import copy
from typing import Any

from ainfluencer.cards.editing import fields, paths, transport
from ainfluencer.cards.editing.document import Document
from ainfluencer.cards.editing.fields import Kind
from ainfluencer.cards.editing.paths import Path, PathMissing, shown
from ainfluencer.cards.editing.tree import Tree
from ainfluencer.cards.editing.yaml_document import YamlDocument
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.coerce import Fields
from ainfluencer.cards.reading.shape import PYGMALION, TEXTGEN
from ainfluencer.cards.reading.values import Container, Notes, Payload
from ainfluencer.core import clock
from ainfluencer.core.errors import Conflict, InvalidInput

_MIRRORS = {"creator_notes": "creatorcomment"}
_WORLD_INFO = {"keys": "key", "secondary_keys": "keysecondary", "insertion_order": "order"}
_SELDOM = ("spec", "spec_version")


class CardEditor:
    """One card that is being edited. `text()` is what belongs into its container afterwards.

    `touched` names the fields that were changed. Raises `InvalidInput` for what is no field, a value of the wrong kind
    or a field that the card's version has no place for, and `PathMissing` for parts that are not there.
    """

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self._is_adopted = False
        self.touched: list[str] = []
        self._begin(payload.text, payload)

    def _begin(self, text: bytes, parsed: Payload | None) -> None:
        payload = self._payload
        self._stored = transport.taken(text, payload.encoding)
        self.document: Tree = (
            YamlDocument(self._stored.text)
            if payload.container is Container.YAML
            else Document(self._stored.text, encoding=payload.encoding, root=self._parsed(parsed) if parsed else None)
        )
        self.base = base_of(payload, self.document.root)
        card = self.card
        self.is_nested = isinstance(card.get("data"), dict)
        spec = card.get("spec")
        is_v3 = self.is_nested and isinstance(spec, str) and spec.startswith("chara_card") and spec != "chara_card_v2"
        self.rank = 3 if is_v3 else 2 if self.is_nested else 1

    def adopt(self, text: bytes) -> None:
        """Go on from another stored text of the same card, as `text()` gave it; the fields that differ count as touched."""
        if text == self.text():
            return
        before = self.data
        self._begin(text, None)
        self._is_adopted = True
        self._note_touched(before)

    def _parsed(self, payload: Payload) -> Any:
        """The reader's parsed form, where it read the same characters as we do: UTF-8 without a mark."""
        return payload.root if payload.encoding == "utf-8" and not self._stored.mark else None

    @property
    def card(self) -> dict[str, Any]:
        """The card's object, without an envelope."""
        found: dict[str, Any] = self.document.get(self.base)
        return found

    @property
    def data(self) -> dict[str, Any]:
        """The object that holds the fields."""
        found: dict[str, Any] = self.card["data"] if self.is_nested else self.card
        return found

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what was read."""
        return self._is_adopted or self.document.is_changed

    def text(self) -> bytes:
        """The card's text in its own encoding; unchanged, the very bytes that were read."""
        return self._stored.with_text(self.document.text).bytes()

    def get(self, field: str) -> Any:
        """The stored value of a field as it is written: `name`, `tags[0]`, `book.entries[id:7].content`."""
        path = self._meant(field)
        return paths.stepped(self.document.root, (*self._primary(str(path[0])), *path[1:]))

    def set(self, field: str, value: Any) -> None:
        """Put a value into a field; `[+]` at the end of a list's name adds to it."""
        path = self._meant(field)
        kind = fields.kind_of(path)
        fields.check(kind, value, path)
        self._check_depth(path, value)
        self._check_allowed(path, value)
        whole = self._whole(path)
        self._put(str(path[0]), _placed(whole, path, _filled(kind, value, self.rank)))

    def set_typed(self, field: str, typed: str) -> None:
        """Put what a person typed into a field: texts as they are, other kinds as JSON."""
        path = self._meant(field)
        self.set(field, fields.read_value(fields.kind_of(path), typed, str(path[-1])))

    def remove(self, field: str) -> None:
        """Empty a field, or take a member out of a list or object."""
        path = self._meant(field)
        name = str(path[0])
        if len(path) > 1:
            self._check_allowed(path, None)
            self._put(name, _without(self._whole(path), path))
        elif fields.RANK[name] == 1 or name in {"extensions", "group_only_greetings", "alternate_greetings", "tags"}:
            self.set(field, {Kind.TEXT: "", Kind.TEXTS: [], Kind.TABLE: {}}[fields.KINDS[name]])
        else:
            self._check_allowed(path, None)
            for place in self._places(name):
                if self.document.has(place):
                    self.document.remove(place)
            self._touch(name)

    def finish(self) -> None:
        """Set the date of modification of a changed V3 card; a date of 0 is withheld on purpose and stays."""
        if self.is_changed and self.rank == 3 and self.data.get("modification_date") != 0:
            self._put("modification_date", int(clock.now().timestamp()))

    def rewrite(self, card: dict[str, Any]) -> None:
        """Make the card's object equal to `card`; what does not differ keeps its text."""
        before = self.card
        self.document.set(self.base, card)
        self.is_nested = isinstance(card.get("data"), dict)
        nested = before.get("data")
        self._note_touched(nested if isinstance(nested, dict) else before)

    def _note_touched(self, before: dict[str, Any]) -> None:
        now = self.data
        for name in fields.KINDS:
            if before.get(name, self) != now.get(name, self):
                self._touch(name)

    def _touch(self, name: str) -> None:
        if name not in self.touched:
            self.touched.append(name)

    def _put(self, name: str, value: Any) -> None:
        was = self.document.text if isinstance(self.document, Document) else None
        for place in self._places(name):
            self.document.set(place, value)
        if was is None or was != self.document.text:
            self._touch(name)

    def _whole(self, path: Path) -> Any:
        """The field that a path lies in, as a copy of the right type, with what the path needs on its way."""
        name, kind = str(path[0]), fields.KINDS[str(path[0])]
        value = copy.deepcopy(self.document.get(self._primary(name)))
        if len(path) == 1:
            return value
        if kind is Kind.TEXTS and not isinstance(value, list):
            return list(Fields({name: value}, Notes()).texts(name))
        if kind is Kind.BOOK and not isinstance(value, dict):
            return {"extensions": {}, "entries": value if isinstance(value, list) else []}
        if kind is Kind.ASSETS and not isinstance(value, list):
            return []
        return value if isinstance(value, dict | list) else {}

    def _meant(self, field: str) -> Path:
        """The steps of a written field with aliases, ids and places resolved."""
        path = paths.parsed(field)
        name = fields.ALIASES.get(str(path[0]), path[0])
        if name in _SELDOM:
            raise InvalidInput(
                "The version of a card is not a field.",
                "Use: ainfluencer card convert IN OUT --to v2.",
                field=str(name),
            )
        path = (name, *path[1:])
        fields.kind_of(path)
        if not any(isinstance(step, str) and step.startswith("[") for step in path):
            return path
        return self._resolved(path)

    def _resolved(self, path: Path) -> Path:
        out: Path = ()
        for step in path:
            if isinstance(step, str) and step.startswith("["):
                out = (*out, _place(self._whole((*out, 0)), out[1:], step, out))
            else:
                out = (*out, step)
        return out

    def _check_depth(self, path: Path, value: Any) -> None:
        is_yaml = self._payload.container is Container.YAML
        most = limits.MAX_YAML_DEPTH if is_yaml else limits.MAX_DEPTH
        fields.check_depth(value, path, most - len(self._primary(str(path[0]))) - len(path))

    def _check_allowed(self, path: Path, value: Any) -> None:
        name = str(path[0])
        if fields.RANK[name] > self.rank and not self.document.has(self._primary(name)):
            wanted = f"v{fields.RANK[name]}"
            raise InvalidInput(
                f"A V{self.rank} card has no place for {name}.",
                f"Convert it first: ainfluencer card convert IN OUT --to {wanted}.",
                code="field_not_in_version",
                field=shown(path),
            )
        known = Fields(self.data, Notes()).whole(name) if name == "creation_date" else None
        if known is not None and value != known:
            raise Conflict(
                "The date of creation never changes once it is set.", "Leave it out.", code="creation_date_fixed"
            )
        if name == "source" and not self._only_adds(path, value):
            raise Conflict(
                "The sources of a card are only ever added to.", "Use source[+]=….", code="source_append_only"
            )

    def _only_adds(self, path: Path, value: Any) -> bool:
        stored = self.data.get("source")
        now = stored if isinstance(stored, list) else list(Fields(self.data, Notes()).texts("source"))
        if len(path) == 1:
            return isinstance(value, list) and value[: len(now)] == now
        return value is not None and path[1] == len(now)

    def _primary(self, name: str) -> Path:
        return self._places(name)[0]

    def _places(self, name: str) -> list[Path]:
        """Where a field is written: its own place, then every copy that the card has of it."""
        if self.is_nested:
            mirrors = [key for key in (name, _MIRRORS.get(name, "")) if key in self.card and key != "extensions"]
            return [(*self.base, "data", name), *((*self.base, key) for key in mirrors)]
        return [(*self.base, key) for key in self._flat_keys(name)]

    def _flat_keys(self, name: str) -> list[str]:
        """Keys of a flat card for a field: those that are there, else the spelling that the card uses for the others."""
        card = self.card
        theirs = [key for table in (PYGMALION, TEXTGEN) for key, ours in table.items() if ours == name]
        if name == "creator_notes":
            theirs = ["creatorcomment"]
        there = [key for key in dict.fromkeys((name, *theirs)) if key in card]
        if there:
            return there
        for table in (PYGMALION, TEXTGEN):
            spelled = next((key for key, ours in table.items() if ours == name), "")
            if spelled and any(key in card for key in table):
                return [spelled]
        return [name]


def base_of(payload: Payload, root: Any) -> Path:
    """The path from the document to the card's object, through the envelopes that the reader found."""
    path: Path = ()
    for layer in payload.wrapping:
        if layer.startswith("envelope:"):
            key = layer.removeprefix("envelope:")
            inner = paths.stepped(root, path)
            path = (*path, int(key) if isinstance(inner, list) else key)
    return path


def _place(whole: Any, path: Path, step: str, shown_path: Path) -> int | str:
    """The place in a list (or the key in an object of entries) that [+] or [id:NAME] means."""
    holder = paths.stepped(whole, path) if path else whole
    if step == "[+]":
        if not isinstance(holder, list):
            raise InvalidInput(f"{shown(shown_path)} is not a list in this card.", "Convert or lint --fix it first.")
        return len(holder)
    if not isinstance(holder, list | dict):
        raise PathMissing((*shown_path, step))
    wanted = step[1:-1].removeprefix("id:")
    items = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
    found = [key for key, item in items if isinstance(item, dict) and str(item.get("id", item.get("uid"))) == wanted]
    if len(found) != 1:
        raise InvalidInput(
            f"{shown(shown_path)} has {len(found) or 'no'} entries with the id {wanted}.",
            "Name the entry by its place: book.entries[0].",
            code="entry_id_unclear",
            field=shown(shown_path),
        )
    return found[0]


def _filled(kind: Kind, value: Any, rank: int) -> Any:
    """A new lorebook or entry with the parts that its specification requires."""
    if kind is Kind.BOOK:
        return {**value, "extensions": value.get("extensions", {})}
    if kind is not Kind.ENTRY:
        return value
    required = {"keys": [], "extensions": {}, "enabled": True, "insertion_order": 0}
    if rank == 3:
        required["use_regex"] = False
    return {**value, **{key: given for key, given in required.items() if key not in value}}


def _placed(whole: Any, path: Path, value: Any) -> Any:
    """`whole` with the value at the path's place inside it."""
    if len(path) == 1:
        return value
    holder = whole
    for at, step in enumerate(path[1:-1], start=1):
        holder = _entered(holder, step, path[: at + 1])
    last = path[-1]
    if isinstance(holder, list) and isinstance(last, int) and last == len(holder):
        holder.append(value)
    elif isinstance(holder, list) and isinstance(last, int) and last < len(holder):
        holder[last] = value
    elif isinstance(holder, dict):
        holder[_spelled(holder, last)] = value
    else:
        raise PathMissing(path)
    return whole


def _without(whole: Any, path: Path) -> Any:
    """`whole` without what lies at the path inside it; `PathMissing` when there is nothing."""
    holder = whole
    for step in path[1:]:
        key = _spelled(holder, step) if isinstance(holder, dict) else step
        is_there = key in holder if isinstance(holder, dict) else isinstance(holder, list) and _is_place(key, holder)
        if not is_there:
            raise PathMissing(path)
        inside, holder = holder, holder[key]
    del inside[key]
    return whole


def _is_place(step: str | int, holder: list[Any]) -> bool:
    return isinstance(step, int) and step < len(holder)


def _entered(holder: Any, step: str | int, path: Path) -> Any:
    """One step inwards; what is missing in an object begins as an object, or as a list for entries and keys."""
    if isinstance(holder, list):
        if isinstance(step, int) and step < len(holder):
            return holder[step]
        raise PathMissing(path)
    if not isinstance(holder, dict):
        raise PathMissing(path)
    key = _spelled(holder, step)
    if holder.get(key) is None:
        holder[key] = [] if step in {"entries", "keys", "secondary_keys"} else {}
    return holder[key]


def _spelled(holder: dict[str, Any], step: str | int) -> str:
    """The key by which an object knows a step: a place among its members, or world info's own names."""
    if isinstance(step, int):
        keys = list(holder)
        if step >= len(keys):
            raise PathMissing((step,))
        return str(keys[step])
    theirs = _WORLD_INFO.get(step, "")
    return theirs if theirs in holder and step not in holder else step
