"""Cards in zip archives: CharX (also appended to a JPEG) and BYAF. Nothing is ever written to disk."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import backyard, limits, risum, zip_directory
from ainfluencer.cards.reading.decoding import decode
from ainfluencer.cards.reading.shape import find_card
from ainfluencer.cards.reading.values import Container, Notes, Payload, Place

_LOCAL = b"PK\x03\x04"
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What the standard library raises for an archive, or a member, that is damaged, locked or packed in an unknown way."""

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".apng", ".avif")


def starts_zip(data: bytes) -> bool:
    """Whether the file is a zip archive."""
    return data.startswith((_LOCAL, b"PK\x05\x06"))


def has_appended_zip(data: bytes) -> bool:
    """Whether a zip archive ends this file (a CharX behind a JPEG)."""
    return data.rfind(b"PK\x05\x06", max(0, len(data) - 70_000)) > 0


class Archive:
    """An opened zip with every limit applied."""

    def __init__(self, data: bytes, notes: Notes) -> None:
        _check_directory(data)
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            infos = self._zip.infolist()
            self._left = limits.MAX_UNPACKED
        except (*DAMAGED, struct.error):
            raise CardRefused(Reason.ZIP_BAD, "The archive is damaged.", "Download the file again.") from None
        self.infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if _is_unsafe(info.filename):
                notes.add(
                    "unsafe_path", f"The archive names a file outside itself ({info.filename[:60]}); it was left out."
                )
            elif info.filename and not info.is_dir():
                self.infos.setdefault(info.filename, info)
        self.has_twins = len({info.filename for info in infos}) < len(infos)

    def read(self, name: str, limit: int = limits.MAX_ZIP_MEMBER) -> bytes:
        """A member's bytes; `CardRefused` when it is encrypted, damaged or a bomb."""
        info = self.infos[name]
        if info.flag_bits & 1:
            raise CardRefused(
                Reason.ZIP_ENCRYPTED, f"{name[:60]} in the archive is encrypted.", "Export it without a password."
            )
        if info.file_size > 1_000_000 and info.file_size > info.compress_size * limits.MAX_RATIO:
            raise CardRefused(Reason.ZIP_BOMB, f"{name[:60]} in the archive grows more than {limits.MAX_RATIO} times.")
        try:
            with self._zip.open(info) as file:
                out = file.read(limit + 1)
        except DAMAGED:
            raise CardRefused(
                Reason.ZIP_BAD, f"{name[:60]} in the archive is damaged.", "Download the file again."
            ) from None
        if len(out) > limit:
            raise CardRefused(Reason.ZIP_BOMB, f"{name[:60]} in the archive is larger than {limit // 1_000_000} MB.")
        self._left -= len(out)
        if self._left < 0:
            most = f"{limits.MAX_UNPACKED // 1_000_000} MB"
            raise CardRefused(Reason.ZIP_BOMB, f"What lies in the archive grows to more than {most}.")
        return out


def _check_directory(data: bytes) -> None:
    directory = zip_directory.find(data)
    if directory and (directory.entries > limits.MAX_ZIP_ENTRIES or directory.size > limits.MAX_ZIP_DIRECTORY):
        raise CardRefused(Reason.ZIP_MANY, f"The archive lists more than {limits.MAX_ZIP_ENTRIES:,} files.")
    if directory is None or directory.start < 0:
        raise CardRefused(Reason.ZIP_BAD, "The archive is cut off.", "Download the file again.")


def _is_unsafe(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\0" in name


def read_archive(data: bytes, notes: Notes, *, is_jpeg: bool = False) -> Payload:
    """A CharX or BYAF archive."""
    archive = Archive(data, notes)
    if "card.json" in archive.infos:
        return _charx(archive, notes, is_jpeg=is_jpeg)
    if "manifest.json" in archive.infos:
        return _byaf(archive, notes)
    wrong = next((n for n in archive.infos if n.lower() == "card.json"), "")
    if wrong:
        raise CardRefused(Reason.CHARX_CASE, f"The archive holds “{wrong}” where the format says card.json.")
    raise CardRefused(Reason.CHARX_NO_CARD, "The archive holds no card.json and no manifest.json.")


def _charx(archive: Archive, notes: Notes, *, is_jpeg: bool) -> Payload:
    decoded = decode(archive.read("card.json", limits.MAX_PAYLOAD), notes, in_chunk=False)
    card, path = find_card(decoded.root, notes)
    if card is None:
        raise CardRefused(Reason.NOT_A_CARD, "The archive's card.json is not a character card.")
    lore = _module_lore(archive, card, notes)
    info = archive.infos["card.json"]
    return Payload(
        container=Container.JPEG_CHARX if is_jpeg else Container.CHARX,
        text=decoded.text,
        data=card,
        root=decoded.root,
        encoding=decoded.encoding,
        wrapping=decoded.wrapping + tuple(f"envelope:{key}" for key in path),
        places=(Place("card.json", "member", info.header_offset, info.file_size, is_used=True),),
        notes=notes,
        picture=_main_icon(archive, card, notes),
        members=tuple(archive.infos),
        module_lore=lore,
    )


def _module_lore(archive: Archive, card: dict[str, Any], notes: Notes) -> tuple[dict[str, Any], ...]:
    """The entries of Risu's module, when the card itself has none."""
    if risum.MEMBER not in archive.infos:
        return ()
    data = card.get("data")
    book = data.get("character_book") if isinstance(data, dict) else None
    has_own = isinstance(book, dict) and bool(book.get("entries"))
    found: tuple[dict[str, Any], ...] = ()
    what = "it is kept in the file as it is"
    if not has_own:
        try:
            found = tuple(risum.entries(archive.read(risum.MEMBER)))
        except CardRefused as refusal:  # the card is whole without it
            what = f"its lorebook cannot be read: {refusal.detail}"
    if found:
        what = f"its {len(found)} lorebook entries were read"
    notes.add("risu_module", f"A Risu module travels with the card; {what}.")
    return found


def _main_icon(archive: Archive, card: dict[str, Any], notes: Notes) -> bytes | None:
    data = card.get("data")
    assets = data.get("assets") if isinstance(data, dict) else None
    icons = [a for a in assets if isinstance(a, dict) and a.get("type") == "icon"] if isinstance(assets, list) else []
    icons.sort(key=lambda a: a.get("name") != "main")
    for asset in icons:
        name = member_of(str(asset.get("uri", "")), archive.infos)
        if name:
            return archive.read(name)
        notes.add("asset_missing", f"The asset {str(asset.get('uri', ''))[:80]} is not in the archive.")
    loose = next((n for n in archive.infos if "/icon/" in f"/{n}" and n.lower().endswith(_PICTURES)), "")
    return archive.read(loose) if loose else None


def member_of(uri: str, names: Any) -> str:
    """The archive member that an asset's uri names, or an empty string (`embeded://` with one d is the format's word)."""
    for prefix in ("embeded://", "embedded://", "__asset:"):
        if uri.startswith(prefix):
            path = uri[len(prefix) :].lstrip("/")
            return path if path in names else ""
    return ""


def _byaf(archive: Archive, notes: Notes) -> Payload:
    manifest = _json_member(archive, "manifest.json")
    characters = [c for c in backyard.listed(manifest.get("characters")) if isinstance(c, str)]
    if not characters:
        raise CardRefused(Reason.BYAF_BAD, "The archive's manifest names no character.")
    if len(characters) > 1:
        notes.add("several_characters", f"The archive holds {len(characters)} characters; the first was taken.")
    character = _json_member(archive, characters[0])
    scenarios = _scenarios(archive, manifest)
    card = backyard.card_of(character, scenarios, manifest)
    folder = characters[0].rpartition("/")[0]
    images = [f"{folder}/{i['path']}".lstrip("/") for i in backyard.listed(character.get("images")) if _has_path(i)]
    shown = next((i for i in images if i in archive.infos), "")
    return Payload(
        container=Container.BYAF,
        text=json.dumps(card, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        data=card,
        root=card,
        places=(Place(characters[0], "member", is_used=True),),
        notes=notes,
        picture=archive.read(shown) if shown else None,
        members=tuple(archive.infos),
    )


def _scenarios(archive: Archive, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    names = [one for one in backyard.listed(manifest.get("scenarios"))[:100] if isinstance(one, str)]
    left, found = limits.MAX_PAYLOAD, []
    for name in dict.fromkeys(names):
        found.append(_json_member(archive, name, left))
        left -= archive.infos[name].file_size
    return found


def _json_member(archive: Archive, name: str, limit: int = limits.MAX_PAYLOAD) -> dict[str, Any]:
    if name not in archive.infos:
        raise CardRefused(Reason.BYAF_BAD, f"The archive's manifest names {name[:80]}, which is missing.")
    root = decode(archive.read(name, max(0, limit)), Notes(), in_chunk=False).root
    return root if isinstance(root, dict) else {}


def _has_path(image: Any) -> bool:
    return isinstance(image, dict) and isinstance(image.get("path"), str)
