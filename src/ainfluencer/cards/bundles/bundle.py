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
from ainfluencer.cards.bundles.shapes import About
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.archives import Archive
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.understanding import drafting
from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput

__all__ = ["MOST_UNPACKED", "About", "Bundle", "BundleRefused", "Item", "check_card", "pack", "read"]

_FORMAT, _VERSION = "ainfluencer-card-bundle", 1
_LIST, _SIGNATURE = "bundle.json", "signature"
MOST_UNPACKED = 2_000_000_000
"""Bytes of all cards of one bundle together; a small file cannot promise more."""


class BundleRefused(InvalidInput):
    """A file that is no bundle, or one that was changed after it was signed."""

    code = "bundle_damaged"
    default_next_step = "Get it again from where it was published."


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


class _Head(BaseModel):
    """What a list of any version begins with."""

    format: str = ""
    version: int = 0


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
    if out.tell() > limits.MAX_FILE:
        raise InvalidInput(
            f"The bundle has {out.tell() // 1_000_000} MB; nobody could open more than {limits.MAX_FILE // 1_000_000}.",
            "Make two of it.",
            code="bundle_size",
        )
    return out.getvalue()


def check_card(data: bytes, name: str) -> None:
    """`CardRefused` or `PolicyRefused` for a file that no bundle takes."""
    _described("cards/card", data, name)


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
        raise _no_bundle() from None
    listed = _listed(text)
    if not keys.holds(listed.public_key, signature, text):
        raise BundleRefused("The bundle was changed after it was signed.", code="bundle_forged")
    _check_members(listed, archive)
    about = About.model_validate(listed.model_dump(include=set(About.model_fields)))
    return Bundle(
        about, listed.created_at, listed.public_key, keys.fingerprint(listed.public_key), listed.cards, archive
    )


def _listed(text: bytes) -> _Listed:
    """The list, understood. That it is of a newer version is said before anything that an older one cannot know."""
    try:
        head = _Head.model_validate_json(text)
        if head.format != _FORMAT:
            raise _no_bundle()
        if head.version > _VERSION:
            raise BundleRefused("The bundle was made by a newer version.", "Update AInfluencer.", code="bundle_newer")
        return _Listed.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(str(one) for one in error.errors()[0]["loc"])
        raise BundleRefused(f"The bundle's list cannot be read ({place}).") from None


def _no_bundle() -> BundleRefused:
    return BundleRefused("This file is not a bundle of cards.", "Choose a .cardbundle file.", code="not_a_bundle")


def _check_members(listed: _Listed, archive: Archive) -> None:
    """Whether the list and the zip speak of the same files, each once."""
    missing = next((item.file for item in listed.cards if item.file not in archive.infos), "")
    if missing:
        raise BundleRefused(f"{missing} is missing from the bundle.")
    # Which of two members of one name is read depends on the reader: the checked one need not be the one that comes in.
    if archive.has_twins or len({item.file for item in listed.cards}) < len(listed.cards):
        raise BundleRefused("The bundle holds two files of one name.", code="bundle_forged")
    if sum(item.bytes for item in listed.cards) > MOST_UNPACKED:
        raise BundleRefused(
            f"The bundle unpacks to more than {MOST_UNPACKED // 1_000_000_000} GB.",
            "Ask its maker for smaller ones.",
            code="bundle_too_large",
        )


def _checked(archive: Archive, item: Item) -> bytes:
    try:
        data = archive.read(item.file, item.bytes + 1)
    except CardRefused as refusal:
        raise BundleRefused(f"{item.file} in the bundle cannot be read: {refusal.detail}") from None
    if len(data) != item.bytes or hashlib.sha256(data).hexdigest() != item.sha256:
        raise BundleRefused(f"{item.file} in the bundle was changed after it was signed.", code="bundle_forged")
    return data
