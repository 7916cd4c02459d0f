"""JSON routes of a card's files: see them, fetch one, add, exchange, rename and remove them. Each change asks for the `rev`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import File, Form, Query, Response, UploadFile

from ainfluencer.cards import intake
from ainfluencer.cards.attaching import changing, kinds, listing
from ainfluencer.cards.attaching.changing import NewFile
from ainfluencer.cards.attaching.schemas import AssetChange, AssetsOut, told
from ainfluencer.cards.library import revising
from ainfluencer.cards.library.revising import OpenedCard
from ainfluencer.cards.opening import OpenCard
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])

MOST_AT_ONCE = 100


async def _done(actor: Actor, card_id: str, rev: int, make: Callable[[OpenCard], bytes]) -> AssetsOut:
    """Work out a change, store it in a transaction of its own, and tell what there is now."""
    async with database().reading() as session:
        change = await revising.propose_file(session, actor, card_id, rev=rev, make=make)
    async with database().writing() as session:
        await revising.record(session, actor, change)
    async with database().reading() as session:
        found = await revising.read(session, actor, card_id)
    return await asyncio.to_thread(told, found)


async def _read(file: UploadFile) -> NewFile:
    data = await file.read(kinds.MOST_IN_FILE + 1)
    if len(data) > kinds.MOST_IN_FILE:
        raise InvalidInput(
            f"“{(file.filename or 'The file')[:60]}” has more than {kinds.MOST_IN_FILE // 1_000_000} MB.",
            "Make it smaller.",
            code="asset_too_large",
            field="file",
        )
    return NewFile(data, file.filename or "")


@router.get("/{card_id}/assets")
async def list_assets(card_id: str, session: Read, actor: Who, version: int = 0) -> AssetsOut:
    """The files that a card carries or names, in its own order; they are counted from 0."""
    found = await revising.read(session, actor, card_id, version)
    return await asyncio.to_thread(told, found)


@router.post("/{card_id}/assets", status_code=201)
async def add_assets(
    card_id: str,
    actor: Who,
    rev: Annotated[int, Form()],
    type: Annotated[str, Form(max_length=200, description="icon, background, emotion, user_icon, or x_…")],  # noqa: A002 - the format's own word
    name: Annotated[
        str, Form(max_length=1000, description="Of a single one; else files are named after themselves")
    ] = "",
    uri: Annotated[
        str, Form(max_length=4000, description="The address of a file elsewhere, which is not fetched")
    ] = "",
    file: Annotated[list[UploadFile] | None, File(description="One or several")] = None,
) -> AssetsOut:
    """Add files to a card (V3), or name one that lies elsewhere. They go into the picture, the archive or the text."""
    sent = [one for one in file or [] if one.filename]
    if len(sent) > MOST_AT_ONCE:
        raise InvalidInput(f"Send at most {MOST_AT_ONCE} files at once.", field="file")
    new = [await _read(one) for one in sent]
    return await _done(
        actor, card_id, rev, lambda opened: changing.added(opened, type, new, name=name.strip(), uri=uri.strip())
    )


@router.patch("/{card_id}/assets/{number}")
async def change_asset(card_id: str, number: int, body: AssetChange, actor: Who) -> AssetsOut:
    """Give an asset another kind or name, or make it the main one of its kind."""
    return await _done(
        actor,
        card_id,
        body.rev,
        lambda opened: changing.changed(opened, number, kind=body.type, name=body.name, is_main=body.is_main),
    )


@router.put("/{card_id}/assets/{number}/file")
async def replace_file(
    card_id: str, number: int, actor: Who, rev: Annotated[int, Form()], file: Annotated[UploadFile, File()]
) -> AssetsOut:
    """Put another file under an asset; its kind and name stay."""
    new = await _read(file)
    return await _done(actor, card_id, rev, lambda opened: changing.replaced(opened, number, new))


@router.delete("/{card_id}/assets/{number}")
async def remove_asset(card_id: str, number: int, actor: Who, rev: int) -> AssetsOut:
    """Take an asset out, and its file where no other asset needs it. Earlier versions keep both."""
    return await _done(actor, card_id, rev, lambda opened: changing.removed(opened, [number]))


async def _found(actor: Actor, card_id: str, version: int) -> OpenedCard:
    async with database().reading() as session:
        return await revising.read(session, actor, card_id, version)


@router.get("/{card_id}/assets/{number}/file")
async def download_asset(card_id: str, number: int, actor: Who, version: int = 0) -> Response:
    """The file of an asset as a download."""
    found = await _found(actor, card_id, version)
    asset, data = await asyncio.to_thread(listing.content, found.opened, number)
    name = kinds.file_name(asset.type, asset.name, kinds.ending(data, f"x.{asset.ext}"))
    headers = {"Content-Disposition": intake.attachment(name), "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get("/{card_id}/assets/{number}/picture")
async def asset_picture(
    card_id: str,
    number: int,
    actor: Who,
    version: int = 0,
    width: Annotated[Literal["96", "160", "320"], Query()] = "160",
) -> Response:
    """A picture among the assets as a small WebP."""
    found = await _found(actor, card_id, version)
    data = await asyncio.to_thread(listing.thumbnail, found.opened, number, int(width))
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="image/webp", headers=headers)
