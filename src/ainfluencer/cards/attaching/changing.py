"""Attaches files to a card and takes them off: a card file in, the new card file out.

Bytes go where the file's kind has room: chunks of a PNG as Risu writes them, members of a CharX archive, and a data:
address in JSON and YAML.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ainfluencer.cards import opening
from ainfluencer.cards.attaching import kinds
from ainfluencer.cards.attaching.listing import PNGS, ZIPS, Within, no_asset, raw, within
from ainfluencer.cards.converting import assets as stored
from ainfluencer.cards.converting.versions import DEFAULT_ASSETS
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.values import Container, Notes
from ainfluencer.cards.saving import archives, saver
from ainfluencer.cards.saving import png as pictures
from ainfluencer.core.errors import InvalidInput

Asset = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be attached, and how it was called."""

    data: bytes
    filename: str = ""


@dataclass(slots=True)
class _Work:
    """A card in the middle of a change: its list, and what is put into its file or taken out.

    Assets are written one by one: odd ones of other programs, which nobody touches, stay as they are.
    """

    opened: OpenCard
    editor: CardEditor
    files: Within
    put: dict[str, bytes] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    @property
    def assets(self) -> list[Any]:
        """The list as it is now."""
        return raw(self.editor)

    def named(self, at: int) -> Asset:
        """One asset of the list, with every text that an asset has."""
        found = self.assets[at] if 0 <= at < len(self.assets) else None
        if not isinstance(found, dict):
            raise no_asset(at)
        texts = {name: found.get(name) for name in ("type", "uri", "name", "ext")}
        return {**found, **{name: one if isinstance(one, str) else "" for name, one in texts.items()}}

    def write(self, at: int, asset: Asset) -> None:
        """An asset in its place."""
        self.editor.set(f"assets[{at}]", asset)

    def append(self, asset: Asset) -> None:
        """An asset at the end of the list."""
        self.editor.set("assets[+]", asset)

    def stored(self, asset: Asset, file: NewFile) -> Asset:
        """The asset with the address under which its file lies from now on."""
        return {**asset, "uri": self._put(asset, file)}

    def _put(self, asset: Asset, file: NewFile) -> str:
        if self.files.archive:
            name = stored.stored(dict.fromkeys(self.files.archive.infos, b"") | self.put, asset, file.data)
            self.put[name] = file.data
            return f"embeded://{name}"
        if self.opened.payload.container in PNGS:
            taken = {uri.rpartition(":")[2] for uri in (*self.files.chunks, *self.put)}
            number = next(n for n in range(len(taken) + 1) if str(n) not in taken)
            self.put[f"chara-ext-asset_:{number}"] = base64.b64encode(file.data)
            return f"__asset:{number}"
        return f"data:{kinds.mime_of(str(asset['ext']))};base64,{base64.b64encode(file.data).decode()}"

    def drop(self, uri: str) -> None:
        """The file of an address goes, unless another asset names it. What a program keeps at the archive's root stays."""
        place = self.files.place(uri)
        if self.files.archive and ("/" not in place or place.startswith("x_meta/")):
            return
        uris = [str(one.get("uri", "")) for one in self.assets if isinstance(one, dict)]
        if place and place not in {self.files.place(one) for one in uris}:
            self.gone.add(place)


def added(opened: OpenCard, kind: str, files: Sequence[NewFile], *, name: str = "", uri: str = "") -> bytes:
    """The card with further assets: files (named after themselves unless there is one and a name), or an address elsewhere."""
    kind = kinds.checked_type(kind)
    if bool(files) == bool(uri):
        raise InvalidInput("An asset is a file or an address.", "Send one of the two.", field="file")

    def work(it: _Work) -> None:
        if uri:
            plain = kinds.checked_uri(uri)
            path = plain.split("?", 1)[0].split("#", 1)[0]
            asset = {"type": kind, "uri": plain, "name": name or kinds.name_of(path), "ext": kinds.ending(b"", path)}
            _join(it, asset)
        for file in files:
            ext = _checked(it.opened, kind, file)
            called = name if name and len(files) == 1 else kinds.name_of(file.filename)
            asset = {"type": kind, "uri": "", "name": kinds.checked_name(called), "ext": ext}
            _join(it, it.stored(_unlike(asset, it.assets), file))

    return _worked(opened, work)


def _join(it: _Work, asset: Asset) -> None:
    asset = _unlike({**asset, "name": kinds.checked_name(asset["name"])}, it.assets)
    if not it.assets and (asset["type"], asset["name"]) != ("icon", "main"):
        # A list without a main icon would take the card's own picture from it, which an absent list stands for.
        it.append(dict(DEFAULT_ASSETS[0]))
    if len(it.assets) >= kinds.MOST_ASSETS:
        raise InvalidInput(f"A card may have {kinds.MOST_ASSETS:,} assets.", "Take one out first.", code="too_many")
    it.append(asset)


def _unlike(asset: Asset, others: Sequence[Any]) -> Asset:
    """The asset under a name that no other of its kind has: programs find them by kind and name."""
    taken = {str(one.get("name")) for one in others if isinstance(one, dict) and one.get("type") == asset["type"]}
    stem, name, number = str(asset["name"]), str(asset["name"]), 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return {**asset, "name": name}


def replaced(opened: OpenCard, at: int, file: NewFile) -> bytes:
    """The card with another file under an asset; kind and name stay."""

    def work(it: _Work) -> None:
        asset = it.named(at)
        ext = _checked(it.opened, asset["type"], file)
        it.write(at, it.stored({**asset, "ext": ext}, file))
        it.drop(asset["uri"])

    return _worked(opened, work)


def changed(
    opened: OpenCard, at: int, *, kind: str | None = None, name: str | None = None, is_main: bool = False
) -> bytes:
    """The card with another kind or name of an asset, or with it as the main one of its kind (icon or background)."""

    def work(it: _Work) -> None:
        asset = it.named(at)
        if kind is not None:
            asset["type"] = kinds.checked_type(kind)
        if name is not None:
            asset["name"] = kinds.checked_name(name)
        if is_main and asset["type"] not in {"icon", "background"}:
            raise InvalidInput("Only an icon or a background is a main one.", "Change its kind first.", field="type")
        if is_main or asset["name"] == "main":
            asset["name"] = "main"
            _make_room(it, at, asset["type"])
        it.write(at, asset)

    return _worked(opened, work)


def _make_room(it: _Work, at: int, kind: str) -> None:
    """Another asset of the kind that is called main gets a name of its own: exactly one may be."""
    if kind not in {"icon", "background"}:
        return
    for n, one in enumerate(it.assets):
        if n != at and isinstance(one, dict) and one.get("type") == kind and one.get("name") == "main":
            it.write(n, _unlike({**it.named(n), "name": kind}, it.assets))


def removed(opened: OpenCard, numbers: Sequence[int]) -> bytes:
    """The card without these assets, and without their files where no other asset needs them."""

    def work(it: _Work) -> None:
        uris = [it.named(at)["uri"] for at in numbers]
        for at in sorted(set(numbers), reverse=True):
            it.editor.remove(f"assets[{at}]")
        for uri in uris:
            it.drop(uri)
        if not it.assets:
            it.editor.remove("assets")  # absent, it stands for the card's own picture; empty, for none

    return _worked(opened, work)


def _checked(opened: OpenCard, kind: str, file: NewFile) -> str:
    """The ending of a file that may go into this card."""
    in_text = opened.payload.container not in PNGS | ZIPS
    most = kinds.MOST_IN_TEXT if in_text else kinds.MOST_IN_FILE
    if len(file.data) > most:
        raise InvalidInput(
            f"The file has {len(file.data):,} bytes; a card of this kind takes {most:,} in one.",
            "Convert the card to CharX, which has room for files." if in_text else "Make it smaller.",
            code="asset_too_large",
            field="file",
        )
    return kinds.check_content(kind, file.data, file.filename)


def check_version(editor: CardEditor) -> None:
    """`InvalidInput` for a card whose version has no place for assets."""
    if editor.rank < 3:
        raise InvalidInput(
            f"A V{editor.rank} card has no place for assets.",
            "Convert it to V3 first: ainfluencer card convert IN OUT --to v3, or the button in the editor.",
            code="field_not_in_version",
            field="assets",
        )


def _worked(opened: OpenCard, work: Callable[[_Work], None]) -> bytes:
    """The file after a change of its list and of what lies in it; read again before anybody gets it."""
    saver.check_writable(opened.payload.container)
    editor = opened.editor()
    check_version(editor)
    it = _Work(opened, editor, within(opened))
    work(it)
    data = _stowed(opened.saved(editor, Notes()), opened.payload.container, it)
    if len(data) > limits.MAX_FILE:
        raise CardRefused(Reason.TOO_LARGE, f"A card file may have {limits.MAX_FILE // 1_000_000} MB.")
    opening.open_card(data, "card.yaml" if opened.payload.container is Container.YAML else "")
    return data


def _stowed(data: bytes, container: Container, it: _Work) -> bytes:
    gone = it.gone - it.put.keys()
    if not it.put and not gone:
        return data
    if container in PNGS:
        return pictures.with_texts(data, it.put, gone)
    return archives.with_files(data, it.put, gone)
