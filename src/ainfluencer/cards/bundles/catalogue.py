"""What bundles there are in a folder, or behind an address that lists them.

A folder needs nothing but the files. An address leads to a list: {"bundles": [{"url", "name", "description", "author",
"fingerprint", "sha256", "bytes", "cards"}]}, as `listing` writes it for a folder; a relative url counts from the list.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import quote, urljoin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ainfluencer.cards.bundles import SUFFIX, bundle
from ainfluencer.cards.bundles.bundle import BundleRefused
from ainfluencer.cards.reading import limits
from ainfluencer.core.errors import InvalidInput, UnexpectedReply
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.replies import raise_for

MOST = 1000


class Offer(BaseModel):
    """One bundle that can be had. `url` is an address or a path; `problem` says why a file is none."""

    model_config = ConfigDict(frozen=True)

    url: str = Field(max_length=2000)
    name: str = Field("", max_length=120)
    description: str = Field("", max_length=2000)
    author: str = Field("", max_length=120)
    licence: str = Field("", max_length=60)
    fingerprint: str = Field("", max_length=60)
    sha256: str = Field("", max_length=64)
    bytes: int = 0
    cards: int = 0
    problem: str = ""


class _Listing(BaseModel):
    bundles: list[Offer] = Field(max_length=MOST)


def in_folder(folder: Path) -> list[Offer]:
    """The bundles in a folder, by name; `InvalidInput` when it cannot be read."""
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix.lower() == SUFFIX and one.is_file())
    except OSError as error:
        raise InvalidInput(f"“{folder}” cannot be read: {error.strerror}.", "Choose a folder with bundles.") from None
    return [_offered(file) for file in files[:MOST]]


def _offered(file: Path) -> Offer:
    try:
        if file.stat().st_size > limits.MAX_FILE:
            return Offer(url=str(file), name=file.stem[:120], problem="It is too large.")
        data = file.read_bytes()
        made = bundle.read(data)
    except OSError as error:
        return Offer(url=str(file), name=file.stem[:120], problem=f"It cannot be read: {error.strerror}.")
    except BundleRefused as refusal:
        return Offer(url=str(file), name=file.stem[:120], problem=refusal.detail)
    about = made.about
    return Offer(
        url=str(file),
        name=about.name,
        description=about.description,
        author=about.author,
        licence=about.licence,
        fingerprint=made.fingerprint,
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        cards=len(made.cards),
    )


def listing(folder: Path) -> bytes:
    """The list of a folder's bundles, to be served beside them."""
    offers = [one.model_copy(update={"url": quote(Path(one.url).name)}) for one in in_folder(folder) if not one.problem]
    return json.dumps(
        {"bundles": [one.model_dump(exclude={"problem"}) for one in offers]}, ensure_ascii=False, indent=1
    ).encode()


async def at_address(url: str) -> list[Offer]:
    """The bundles that a list on another server offers. Raises the errors of an outside call."""
    reply = await _get(url, max_bytes=4_000_000)
    try:
        found = _Listing.model_validate_json(reply)
    except ValidationError:
        raise UnexpectedReply(
            "bundles", "There is no list of bundles at that address.", "Ask for the address of its bundles.json."
        ) from None
    return [one.model_copy(update={"url": urljoin(url, one.url), "problem": ""}) for one in found.bundles]


async def fetch(offer: Offer) -> bytes:
    """The bytes of an offered bundle, checked against the list where it names a hash."""
    if not offer.url.startswith(("http://", "https://")):
        return _local(Path(offer.url))
    data = await _get(offer.url, max_bytes=limits.MAX_FILE)
    if offer.sha256 and hashlib.sha256(data).hexdigest() != offer.sha256:
        raise BundleRefused("The bundle is not the one that the list describes.", code="bundle_forged")
    return data


def _local(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limits.MAX_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"“{path}” cannot be read: {error.strerror}.", "Check the path.") from None


async def _get(url: str, *, max_bytes: int) -> bytes:
    reply = raise_for(await OutsideClient("bundles").request("GET", url, max_bytes=max_bytes, timeout=120))
    return reply.content
