"""What bundles there are in a folder, or behind an address that lists them.

A folder needs nothing but the files. An address leads to a list: {"bundles": [{"url", "name", "description", "author",
"fingerprint", "sha256", "bytes", "cards"}]}, as `listing` writes it for a folder; a relative url counts from the list.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import quote, urljoin

from pydantic import BaseModel, Field, ValidationError

from ainfluencer.cards.bundles import SUFFIX, bundle
from ainfluencer.cards.bundles.bundle import BundleRefused
from ainfluencer.cards.bundles.folders import is_far
from ainfluencer.cards.bundles.shapes import Offer
from ainfluencer.cards.reading import limits
from ainfluencer.core.errors import InvalidInput, UnexpectedReply, Unreachable
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.replies import raise_for

MOST = 1000
_LONGEST = 2000


class _Listing(BaseModel):
    bundles: list[Offer] = Field(max_length=MOST)


def in_folder(folder: Path, *, stays: bool = False) -> list[Offer]:
    """The bundles in a folder, by name; with `stays`, links that lead out of it are passed over.

    `InvalidInput` when the folder cannot be read.
    """
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix.lower() == SUFFIX and one.is_file())
        if stays:
            files = [one for one in files if one.resolve().is_relative_to(folder.resolve())]
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
    return [_placed(one, url) for one in found.bundles]


def _placed(offer: Offer, url: str) -> Offer:
    """An offer with its whole address. One that leads to a file of this machine is told and never followed."""
    try:
        place = urljoin(url, offer.url)
    except ValueError:
        place = ""
    if not is_far(place) or len(place) > _LONGEST:
        return offer.model_copy(
            update={"url": offer.url[:_LONGEST], "problem": "Its address leads nowhere on the web."}
        )
    return offer.model_copy(update={"url": place, "problem": ""})


async def fetch_from(place: str) -> bytes:
    """The bytes of a bundle at an address, or of a file."""
    return await fetch(Offer(url=place))


async def fetch(offer: Offer) -> bytes:
    """The bytes of an offered bundle, checked against the list where it names a hash."""
    if not is_far(offer.url):
        return local(Path(offer.url))
    data = await _get(offer.url, max_bytes=limits.MAX_FILE)
    if offer.sha256 and hashlib.sha256(data).hexdigest() != offer.sha256:
        raise BundleRefused("The bundle is not the one that the list describes.", code="bundle_forged")
    return data


def local(path: Path) -> bytes:
    """The bytes of a bundle on this machine; `InvalidInput` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(limits.MAX_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"“{path}” cannot be read: {error.strerror}.", "Check the path.") from None


async def _get(url: str, *, max_bytes: int) -> bytes:
    try:
        reply = raise_for(await OutsideClient("bundles").request("GET", url, max_bytes=max_bytes, timeout=120))
    except Unreachable as lost:  # nothing here is tried again by itself
        raise Unreachable(lost.slug, lost.detail, "Check the address and the network, then try again.") from None
    return reply.content
