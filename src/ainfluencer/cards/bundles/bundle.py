"""A bundle: a zip of cards, bundle.json that lists them with their hashes, and a signature over that list."""

# bundle.json   {"format", "version", "name", ..., "public_key", "cards": [{"file", "sha256", "bytes", "name", ...}]}
# signature     64 bytes, Ed25519 over the bytes of bundle.json
# cards/...     the card files, to the last byte as they were packed
# Everything that is read from a bundle is covered by the signature: by the list itself, or by a hash in it.

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ainfluencer.cards import opening
from ainfluencer.cards.bundles import MOST_CARDS, keys
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.archives import Archive
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.understanding import drafting
from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput

_FORMAT, _VERSION = "ainfluencer-card-bundle", 1
_LIST, _SIGNATURE = "bundle.json", "signature"


class BundleRefused(InvalidInput):
    """A file that is no bundle, or one that was changed after it was signed."""

    code = "bundle_damaged"
    default_next_step = "Get it again from where it was published."


class About(BaseModel):
    """What its maker says of a bundle. `licence` is a short name such as CC-BY-4.0."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=2000)
    author: str = Field("", max_length=120)
    licence: str = Field("", max_length=60)
    homepage: str = Field("", max_length=300, pattern=r"^(?:https?://[^\s]+)?$")


class Item(BaseModel):
    """One card of a bundle, as its list describes it."""

    model_config = ConfigDict(frozen=True)

    file: str = Field(pattern=r"^cards/[^/\\:\n]{1,120}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=1, le=limits.MAX_FILE)
    name: str = Field(max_length=300)
    spec: str = Field("", max_length=20)
    container: str = Field("", max_length=20)
    creator: str = Field("", max_length=200)
    tags: tuple[str, ...] = Field((), max_length=100)
    rating: str = Field("", max_length=20)
    lorebook_entries: int = 0


class _Listed(About):
    format: str
    version: int
    created_at: str = Field(max_length=40)
    public_key: str = Field(max_length=60)
    cards: tuple[Item, ...] = Field(min_length=1, max_length=MOST_CARDS)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose signature and hashes were checked. `fingerprint` is how its key is compared."""

    about: About
    created_at: str
    public_key: str
    fingerprint: str
    cards: tuple[Item, ...]
    _archive: Archive

    def card(self, item: Item) -> bytes:
        """The bytes of one of its cards, checked against the list."""
        return _checked(self._archive, item)

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        listed = [item.model_dump(mode="json") for item in self.cards]
        about = self.about.model_dump(include=set(About.model_fields))
        return {
            **about,
            "created_at": self.created_at,
            "public_key": self.public_key,
            "fingerprint": self.fingerprint,
            "cards": listed,
        }


def pack(about: About, files: Sequence[tuple[str, bytes]], key: Ed25519PrivateKey) -> bytes:
    """A bundle of card files (name, bytes). Every one must be a card that may be passed on; `CardRefused` or `PolicyRefused` else."""
    if not 1 <= len(files) <= MOST_CARDS:
        raise InvalidInput(f"A bundle has 1 to {MOST_CARDS:,} cards.", "Choose other cards.", code="bundle_size")
    items = [
        _described(place, data, name)
        for place, (name, data) in zip(_places(name for name, _ in files), files, strict=True)
    ]
    listed = about.model_dump() | {
        "format": _FORMAT,
        "version": _VERSION,
        "created_at": clock.now().isoformat(timespec="seconds"),
        "public_key": keys.public_of(key),
        "cards": [item.model_dump(mode="json") for item in items],
    }
    text = json.dumps(listed, ensure_ascii=False, indent=1).encode()
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        archive.writestr(_LIST, text, zipfile.ZIP_DEFLATED)
        archive.writestr(_SIGNATURE, key.sign(text))
        for item, (_, data) in zip(items, files, strict=True):
            is_packed = PurePath(item.file).suffix.lower() in {".png", ".charx", ".jpeg", ".jpg", ".webp"}
            archive.writestr(item.file, data, zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _places(names: Iterable[str]) -> list[str]:
    """A place for each file that every system can write; two of one name are told apart by a number."""
    taken: set[str] = set()
    out = []
    for name in names:
        path = PurePath(name)
        stem = re.sub(r"[^\w .()-]+", "_", path.stem).strip(" .")[:80] or "card"
        suffix = re.sub(r"[^\w.]", "", path.suffix)[:8] or ".json"
        place, number = f"{stem}{suffix}", 1
        while place.casefold() in taken:
            number += 1
            place = f"{stem} ({number}){suffix}"
        taken.add(place.casefold())
        out.append(f"cards/{place}")
    return out


def _described(place: str, data: bytes, name: str) -> Item:
    opened = opening.open_card(data, name)
    card = opened.card
    return Item(
        file=place,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        name=card.name[:300] or PurePath(name).stem,
        spec=card.spec,
        container=opened.payload.container.value,
        creator=card.creator[:200],
        tags=card.tags[:100],
        rating=drafting.rated(card, Notes()).rating.value,
        lorebook_entries=len(card.book.entries) if card.book else 0,
    )


def read(data: bytes) -> Bundle:
    """A bundle whose list was signed by the key that it names. `BundleRefused` for everything else."""
    try:
        archive = Archive(data, Notes())
        text = archive.read(_LIST, limits.MAX_ZIP_DIRECTORY)
        signature = archive.read(_SIGNATURE, 64)
    except (CardRefused, KeyError):
        raise BundleRefused(
            "This file is not a bundle of cards.", "Choose a .cardbundle file.", code="not_a_bundle"
        ) from None
    try:
        listed = _Listed.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(str(one) for one in error.errors()[0]["loc"])
        raise BundleRefused(f"The bundle's list cannot be read ({place}).") from None
    if listed.format != _FORMAT:
        raise BundleRefused("This file is not a bundle of cards.", "Choose a .cardbundle file.", code="not_a_bundle")
    if listed.version > _VERSION:
        raise BundleRefused("The bundle was made by a newer version.", "Update AInfluencer.", code="bundle_newer")
    if not keys.holds(listed.public_key, signature, text):
        raise BundleRefused("The bundle was changed after it was signed.", code="bundle_forged")
    missing = next((item.file for item in listed.cards if item.file not in archive.infos), "")
    if missing:
        raise BundleRefused(f"{missing} is missing from the bundle.")
    about = About.model_validate(listed.model_dump(include=set(About.model_fields)))
    return Bundle(
        about, listed.created_at, listed.public_key, keys.fingerprint(listed.public_key), listed.cards, archive
    )


def _checked(archive: Archive, item: Item) -> bytes:
    try:
        data = archive.read(item.file, item.bytes + 1)
    except CardRefused as refusal:
        raise BundleRefused(f"{item.file} in the bundle cannot be read: {refusal.detail}") from None
    if len(data) != item.bytes or hashlib.sha256(data).hexdigest() != item.sha256:
        raise BundleRefused(f"{item.file} in the bundle was changed after it was signed.", code="bundle_forged")
    return data
