"""The assets of a card as its file has them: which lie inside, which are elsewhere, which are missing."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from ainfluencer.cards.attaching import kinds
from ainfluencer.cards.converting import assets as stored
from ainfluencer.cards.converting.assets import ChunkPlace
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading import archives
from ainfluencer.cards.reading.coerce import clean
from ainfluencer.cards.reading.values import Container, Notes
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.media import probe

PNGS = frozenset({Container.PNG, Container.APNG})
ZIPS = frozenset({Container.CHARX, Container.JPEG_CHARX})
_DATA = re.compile(r"data:([\w.+/-]*)((?:;[\w=.+-]+)*?)(;base64)?,", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attached:
    """One asset. `place`: inside, data (a data: address), remote, default (the card's own picture) or missing.

    `size` in bytes, 0 where nobody knows it.
    """

    at: int
    type: str
    name: str
    ext: str
    uri: str
    place: str
    size: int

    @property
    def is_main(self) -> bool:
        """Whether it is the icon or the background that programs take."""
        return self.name == "main" and self.type in {"icon", "background"}

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it; a data: address in short."""
        uri = f"{self.uri[:40]}…" if self.place == "data" and len(self.uri) > 40 else self.uri[: kinds.LONGEST_URI]
        head = {"index": self.at, "type": self.type, "name": self.name, "ext": self.ext, "uri": uri}
        return head | {"place": self.place, "bytes": self.size, "is_main": self.is_main}


@dataclass(slots=True)
class Within:
    """What lies inside a card's file, by the addresses that name it. Bytes are only read when they are asked for."""

    opened: OpenCard
    chunks: Mapping[str, ChunkPlace] = field(default_factory=dict)
    archive: archives.Archive | None = None

    def place(self, uri: str) -> str:
        """The chunk's keyword or the member that an address names; empty when it names nothing here."""
        if found := self.chunks.get(uri):
            return found.keyword
        return archives.member_of(uri, self.archive.infos) if self.archive else ""

    def size(self, uri: str) -> int | None:
        """Bytes of what an address of this file names; None when it names nothing."""
        if place := self.chunks.get(uri):
            value = self.opened.data[place.start : place.end]
            return max(0, len(value) * 3 // 4 - value[-2:].count(b"="))
        member = self.place(uri)
        return self.archive.infos[member].file_size if self.archive and member else None

    def read(self, uri: str) -> bytes | None:
        """The bytes; None when the file has none under that address or they are damaged."""
        if place := self.chunks.get(uri):
            return _decoded(self.opened.data[place.start : place.end])
        member = self.place(uri)
        return self.archive.read(member) if self.archive and member else None


def within(opened: OpenCard) -> Within:
    """What lies inside a card's file."""
    container = opened.payload.container
    if container in PNGS:
        return Within(opened, stored.chunk_places(opened.data))
    if container in ZIPS:
        return Within(opened, archive=archives.Archive(opened.data, Notes()))
    return Within(opened)


def raw(editor: CardEditor) -> list[Any]:
    """The stored list, whatever is in it."""
    found = editor.data.get("assets")
    return list(found) if isinstance(found, list) else []


def listed(opened: OpenCard) -> list[Attached]:
    """Every asset, by its place in the card's list; what is no asset at all is left out."""
    files = within(opened)
    found = enumerate(raw(opened.editor()))
    return [_attached(at, one, files) for at, one in found if isinstance(one, dict)]


def _attached(at: int, one: dict[str, Any], files: Within) -> Attached:
    texts = {name: clean(str(one.get(name) or ""), Notes()) for name in ("type", "name", "ext", "uri")}
    place, size = _placed(texts["uri"], files)
    return Attached(at, **texts, place=place, size=size)


def _placed(uri: str, files: Within) -> tuple[str, int]:
    size = files.size(uri)
    if size is not None:
        return "inside", size
    if _DATA.match(uri):
        return "data", len(_of_data(uri) or b"")
    if uri.lower().startswith(("https://", "http://")):
        return "remote", 0
    if uri == "ccdefault:":
        return "default", len(files.opened.payload.picture or b"")
    return "missing", 0


def content(opened: OpenCard, at: int) -> tuple[Attached, bytes]:
    """An asset with its bytes. `NotFound` when there is no such asset or its file is not here."""
    found = next((one for one in listed(opened) if one.at == at), None)
    if found is None:
        raise no_asset(at)
    data = within(opened).read(found.uri) if found.place == "inside" else None
    data = _of_data(found.uri) if found.place == "data" else data
    data = opened.payload.picture if found.place == "default" else data
    if data is None:
        raise NotFound(
            f"The file of asset {at} is not in this card.",
            f"It is named as {found.uri[:120]}. Upload it, or take the asset out.",
            code="asset_elsewhere",
        )
    return found, data


def no_asset(at: int) -> NotFound:
    """The refusal of a number that no asset has."""
    return NotFound(f"This card has no asset {at}.", "List its assets; they are counted from 0.", code="no_asset")


def thumbnail(opened: OpenCard, at: int, width: int) -> bytes:
    """A small WebP of a picture that the card carries. `InvalidInput` for what is no picture that opens here."""
    from PIL import ImageOps

    _, data = content(opened, at)
    if not kinds.picture_kind(data):
        raise InvalidInput("This asset is no picture.", "Download it instead.", code="not_a_picture")
    image = ImageOps.exif_transpose(probe.open_image(data))
    image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    image.thumbnail((width, width))
    out = BytesIO()
    image.save(out, "WEBP", quality=80)
    return out.getvalue()


def _of_data(uri: str) -> bytes | None:
    found = _DATA.match(uri)
    if not found:
        return None
    body = uri[found.end() :]
    return _decoded(body.encode("ascii", "ignore")) if found[3] else unquote_to_bytes(body)


def _decoded(value: bytes) -> bytes | None:
    try:
        return base64.b64decode(value)
    except binascii.Error:
        return None
