"""What a reader hands on: where the card lay, its text as it was, and what was odd about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Container(StrEnum):
    """What kind of file the card came in."""

    PNG = "png"
    APNG = "apng"
    EXIF_PNG = "png+exif"
    JSON = "json"
    CHARX = "charx"
    JPEG_CHARX = "jpeg+charx"
    BYAF = "byaf"
    WEBP = "webp"
    JPEG = "jpeg"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Note:
    """Something odd that did not stop the reading: a stable code and a sentence."""

    code: str
    detail: str


MOST_OF_A_CODE = 100


class Notes(list[Note]):
    """Collects notes; the same code and sentence only once, and of one code no more than a hundred."""

    def add(self, code: str, detail: str) -> None:
        """Remember an oddity."""
        told = [one.detail for one in self if one.code == code]
        if detail not in told and len(told) < MOST_OF_A_CODE:
            self.append(Note(code, detail))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a candidate payload lies in the file: for a PNG its chunk, for an archive its member."""

    keyword: str  # chara, ccv3, card.json, UserComment ...
    kind: str  # tEXt, zTXt, iTXt, member, exif, whole
    offset: int = 0  # of the chunk's length field, or 0
    length: int = 0  # of the chunk's data, or of the member
    is_used: bool = False
    problem: str = ""  # why it was passed over


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the card refers to (V3 assets), or a picture that came in the archive."""

    kind: str
    uri: str
    name: str
    ext: str
    member: str = ""  # name inside the archive, when it was found there


@dataclass(slots=True)
class Payload:
    """A card's text as it lay in its container.

    `text` is the JSON (or YAML) exactly as stored once transport encodings (base64, zlib, a byte-order mark) are
    taken off; an editor writes it back with only the touched keys re-serialised. `data` is its parsed form.
    """

    container: Container
    text: bytes
    data: dict[str, Any]  # the card object itself, envelopes removed
    root: Any  # the parsed document with its envelope
    encoding: str = "utf-8"
    wrapping: tuple[str, ...] = ()  # transport layers from the outside in: base64, base64, envelope:card
    places: tuple[Place, ...] = ()
    notes: Notes = field(default_factory=Notes)
    picture: bytes | None = None  # a picture file to show: the PNG itself, or the archive's main icon
    members: tuple[str, ...] = ()  # names in the archive
    module_lore: tuple[dict[str, Any], ...] = ()  # Risu's own entries, where its module holds the card's lorebook
