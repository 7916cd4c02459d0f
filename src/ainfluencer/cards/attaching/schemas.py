"""What the routes of a card's files take and give."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ainfluencer.cards.attaching import kinds, listing
from ainfluencer.cards.attaching.listing import PNGS, ZIPS
from ainfluencer.cards.library.revising import OpenedCard


class AssetOut(BaseModel):
    """One asset of a card. `place`: inside, data, remote, default (the card's own picture) or missing."""

    index: int
    type: str
    name: str
    ext: str
    uri: str
    place: str
    bytes: int
    is_main: bool
    is_picture: bool
    file_url: str = Field(description="Its file; empty where the card does not carry it")


class AssetsOut(BaseModel):
    """The assets of a card in its own order. `rank` below 3 has no place for any; `rev` is what a change asks for."""

    rev: int
    version: int
    rank: int
    container: str
    holds: str = Field(description="Where a new file goes: chunks of the picture, members of the archive, or the text")
    most_bytes: int = Field(description="Bytes that one file may have here")
    items: list[AssetOut]


class AssetChange(BaseModel):
    """What becomes of an asset; left out means unchanged."""

    rev: int
    type: str | None = Field(None, max_length=200)
    name: str | None = Field(None, max_length=1000)
    is_main: bool = Field(default=False, description="Make it the one icon (or background) that programs take")


def told(found: OpenedCard) -> AssetsOut:
    """The assets of a card of the library."""
    opened = found.opened
    container = opened.payload.container
    base = f"/api/v2/cards/{found.row.id}/assets"
    here = {"inside", "data", "default"}
    items = [
        AssetOut(
            **one.as_dict(),
            is_picture=one.place in here and one.ext.lower() in PICTURES,
            file_url=f"{base}/{one.at}/file" if one.place in here and one.size else "",
        )
        for one in listing.listed(opened)
    ]
    in_text = container not in PNGS | ZIPS
    return AssetsOut(
        rev=found.row.rev,
        version=found.version.number,
        rank=opened.editor().rank,
        container=container.value,
        holds="text" if in_text else "picture" if container in PNGS else "archive",
        most_bytes=kinds.MOST_IN_TEXT if in_text else kinds.MOST_IN_FILE,
        items=items,
    )


PICTURES = frozenset({"png", "apng", "jpg", "jpeg", "gif", "webp"})
"""Endings of pictures that open here; a thumbnail shows whether they do."""
