"""The file of a version: the very bytes that came, or its text put into the file that it was edited from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.cards import opening
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.library.fingerprints import folded
from ainfluencer.cards.models import CardRow, CardVersion
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import saver
from ainfluencer.media import storage

SUFFIXES = {
    "png": ".png", "apng": ".png", "json": ".json", "charx": ".charx", "jpeg+charx": ".jpeg", "byaf": ".byaf",
    "png+exif": ".png", "webp": ".webp", "jpeg": ".jpg", "yaml": ".yaml",
}  # fmt: skip
MIMES = {
    ".png": "image/png", ".json": "application/json", ".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".webp": "image/webp",
    ".yaml": "application/yaml",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardFile:
    """A file to hand out."""

    data: bytes
    filename: str
    mime: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is needed of a version to make its file without a database. `payload` is None where the base has the text."""

    base_sha256: str
    base_mime: str
    filename: str
    container: str
    payload: bytes | None


def kept(version: CardVersion) -> Kept:
    """The part of a version that makes its file; its payload must be loaded unless the base has the text."""
    text = None if version.is_base else version.payload
    return Kept(version.base_sha256, version.base_mime, version.filename, version.container, text)


def opened_base(kept: Kept) -> OpenCard:
    """The file that a version's text was edited from."""
    data = storage.path_of(kept.base_sha256, kept.base_mime).read_bytes()
    return opening.open_card(data, "card.yaml" if kept.container == "yaml" else kept.filename)


def opened(kept: Kept) -> OpenCard:
    """A version as a card file. Reads the disk: call it beside the event loop."""
    base = opened_base(kept)
    if kept.payload is None:
        return base
    editor = base.editor()
    editor.adopt(kept.payload)
    return written(base, editor, kept)


def written(base: OpenCard, editor: CardEditor, kept: Kept) -> OpenCard:
    """The edited card in its file, opened again."""
    data = saver.save(base.data, base.payload, editor, Notes())
    return opening.open_card(data, "card.yaml" if kept.container == "yaml" else kept.filename)


def file_of(row: CardRow, version: CardVersion, opened: OpenCard) -> CardFile:
    """The file with a name for people: unedited, the name that it came with."""
    suffix = SUFFIXES[opened.payload.container.value]
    name = version.filename if version.is_base and version.filename else f"{stem(row.name)}{suffix}"
    return CardFile(opened.data, name, mime_of(suffix))


def mime_of(suffix: str) -> str:
    """The media type that a browser is told for a file ending."""
    return MIMES.get(suffix, "application/octet-stream")


def stem(name: str) -> str:
    """A file name for a card of that name that every system takes."""
    plain = re.sub(r"[^\w .'-]+", "", name).strip(" .")[:80].strip()
    return plain or re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-") or "card"
