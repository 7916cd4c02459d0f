"""How a parcel becomes an AT Protocol record: its key, its facets in UTF-8 bytes, its pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ainfluencer.core import clock
from ainfluencer.integrations import text
from ainfluencer.integrations.values import Parcel, ParcelMedia

COLLECTION = "app.bsky.feed.post"
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"  # base32-sortable, atproto.com/specs/tid
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SIMPLE_IMAGES = 4  # more go into the gallery embed


def record_key(parcel: Parcel) -> str:
    """The same TID at every attempt of a parcel: its instant, with the hash of its key below the millisecond."""
    digest = int.from_bytes(hashlib.sha256(parcel.key.encode()).digest()[:8], "big")
    millis = int(_instant(parcel).timestamp() * 1000)
    number = (millis * 1000 + digest % 1000) << 10 | (digest >> 16) & 1023
    return "".join(_SORTABLE[number >> shift & 31] for shift in range(60, -1, -5))


def post_record(parcel: Parcel, blobs: Sequence[Mapping[str, Any]], people: Mapping[str, str]) -> dict[str, Any]:
    """The record of a post. `people`: DID by handle, for the mentions that could be resolved."""
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": parcel.text,
        "createdAt": _instant(parcel).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }
    if _LANGUAGE.fullmatch(parcel.language):
        record["langs"] = [parcel.language]
    if found := facets(parcel.text, people):
        record["facets"] = found
    if blobs:
        record["embed"] = _embed(parcel.media, blobs)
    if parcel.ai_made:
        label = {"val": "ai-generated"}
        record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": [label]}
    return record


def facets(written: str, people: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links, hashtags and mentions of a text, addressed by UTF-8 byte, in the order in which they stand."""
    kind = "app.bsky.richtext.facet"
    tags = [tag for tag in text.hashtags(written) if text.graphemes(tag.text[1:]) <= 64]
    names = [
        (name, people[name.text[1:].lower()]) for name in text.mentions(written) if name.text[1:].lower() in people
    ]
    found = [
        *((link, {"$type": f"{kind}#link", "uri": link.text}) for link in text.links(written)),
        *((tag, {"$type": f"{kind}#tag", "tag": tag.text[1:]}) for tag in tags),
        *((name, {"$type": f"{kind}#mention", "did": did}) for name, did in names),
    ]
    return [
        {"index": {"byteStart": _bytes(written[: f.start]), "byteEnd": _bytes(written[: f.end])}, "features": [feature]}
        for f, feature in sorted(found, key=lambda pair: pair[0].start)
    ]


def handles(written: str) -> list[str]:
    """The handles that a text mentions; a word without a dot is none."""
    return list(dict.fromkeys(m.text[1:].lower() for m in text.mentions(written) if "." in m.text))


def _embed(media: Sequence[ParcelMedia], blobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    images: list[dict[str, Any]] = [
        {"image": blob, "alt": item.alt_text, "aspectRatio": {"width": item.width, "height": item.height}}
        for item, blob in zip(media, blobs, strict=True)
    ]
    if len(images) <= _SIMPLE_IMAGES:
        return {"$type": "app.bsky.embed.images", "images": images}
    items = [{"$type": "app.bsky.embed.gallery#image", **image} for image in images]
    return {"$type": "app.bsky.embed.gallery", "items": items}


def _instant(parcel: Parcel) -> datetime:
    # Without an instant of its own a parcel would get another key at every attempt.
    return parcel.created_at or clock.parse_instant("2026-01-01T00:00:00Z")


def _bytes(part: str) -> int:
    return len(part.encode())
