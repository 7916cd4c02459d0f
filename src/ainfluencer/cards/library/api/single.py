"""JSON routes of one card: what it is and says, edits, the marks beside it, the bin, its picture."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import File, Form, Query, Response, UploadFile
from fastapi.responses import FileResponse

from ainfluencer.cards import intake, service
from ainfluencer.cards.library import arranging, kinship, listing, pictures, revising, tending
from ainfluencer.cards.library.handing import Handed, handed, is_open, seal
from ainfluencer.cards.library.pictures import Crop
from ainfluencer.cards.library.revising import Change
from ainfluencer.cards.library.schemas import Beside, Bulk, CardOut, Conversion, Edit, Fixes, Kin
from ainfluencer.cards.linting import budget, linter
from ainfluencer.cards.queries import get
from ainfluencer.cards.reading.coerce import plain
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.media import queries as media
from ainfluencer.media import thumbnails
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])

To = Literal["", "v1", "v2", "v3", "json", "png", "charx", "yaml"]


async def out(session: Read, actor: Who, card_id: str) -> CardOut:
    """One card as lists show it, also from the bin."""
    row = await get(session, actor, card_id, deleted=True)
    if row.kind != "card":
        raise NotFound("This is a brief, not a card of the library.", "Open the character that was made of it.")
    return (await listing.described(session, actor, [row]))[0]


async def recorded(actor: Actor, change: Change) -> CardOut:
    """Store a change that was worked out, in a transaction of its own."""
    async with database().writing() as session:
        row = await revising.record(session, actor, change)
        return (await listing.described(session, actor, [row]))[0]


@router.get("/{card_id}")
async def show(card_id: str, session: Read, actor: Who) -> CardOut:
    """One card; `deleted_at` says whether it lies in the bin."""
    return await out(session, actor, card_id)


@router.patch("/{card_id}")
async def edit(card_id: str, body: Edit, actor: Who) -> CardOut:
    """Change fields. Answers 409 (changed_meanwhile) when `rev` is not the card's any more."""
    async with database().reading() as session:
        change = await service.propose(
            session, actor, card_id, rev=body.rev, set=body.set, typed=body.typed, remove=body.remove
        )
    return await recorded(actor, change)


@router.put("/{card_id}/marks")
async def mark(card_id: str, body: Beside, session: Write, actor: Who) -> CardOut:
    """Favourite, note and tags of ours: kept beside the card, its file stays as it is."""
    await arranging.put_beside(session, actor, card_id, body)
    return await out(session, actor, card_id)


@router.delete("/{card_id}", status_code=204)
async def remove(card_id: str, session: Write, actor: Who) -> None:
    """Put it into the bin; from the bin, DELETE with nothing else does not erase it."""
    await get(session, actor, card_id)
    await arranging.do(session, actor, Bulk(ids=[card_id], action="delete"))


@router.post("/{card_id}/restoration")
async def restore(card_id: str, session: Write, actor: Who) -> CardOut:
    """Take it out of the bin."""
    await get(session, actor, card_id, deleted=True)
    await arranging.do(session, actor, Bulk(ids=[card_id], action="restore"))
    return await out(session, actor, card_id)


@router.post("/{card_id}/erasure", status_code=204)
async def erase(card_id: str, session: Write, actor: Who) -> None:
    """Erase a card of the bin with all its versions. Its character stays."""
    row = await get(session, actor, card_id, deleted=True)
    if row.deleted_at is None or row.kind != "card":
        raise NotFound("This card does not lie in the bin.", "Delete it first.")
    await arranging.do(session, actor, Bulk(ids=[card_id], action="erase"))


@router.get("/{card_id}/content")
async def content(card_id: str, session: Read, actor: Who, version: int = 0) -> dict[str, Any]:
    """What the card says, all versions of the format alike; `warnings` tell what is odd about the file."""
    found = await service.read(session, actor, card_id, version)
    notes = [{"code": note.code, "detail": note.detail} for note in found.opened.payload.notes]
    return {
        "id": card_id,
        "rev": found.row.rev,
        "version": found.version.number,
        "container": found.opened.payload.container.value,
        "card": plain(asdict(found.opened.card)),
        "warnings": notes,
    }


async def _handed(actor: Actor, card_id: str, version: int, to: str, *, allow_loss: bool) -> tuple[Handed, int]:
    async with database().reading() as session:
        found = await service.read(session, actor, card_id, version)
        made = await handed(found, to, allow_loss=allow_loss)
        return made, found.version.number if is_open(found.version) else 0


@router.get("/{card_id}/download")
async def download(card_id: str, actor: Who, version: int = 0, to: To = "", allow_loss: bool = False) -> Response:
    """A version as a file: unedited, the very bytes that came. `to` makes another form of it; what that would lose is
    refused (422 would_lose) unless `allow_loss`.
    """
    made, open_number = await _handed(actor, card_id, version, to, allow_loss=allow_loss)
    if open_number:
        async with database().writing() as session:
            await seal(session, actor, card_id, open_number)
    return file_answer(made)


def file_answer(made: Handed) -> Response:
    """A file as a download, under its own name."""
    headers = {"Content-Disposition": intake.attachment(made.file.filename), "X-Content-Type-Options": "nosniff"}
    return Response(made.file.data, media_type=made.file.mime, headers=headers)


@router.get("/{card_id}/losses")
async def losses(card_id: str, actor: Who, to: To, version: int = 0) -> dict[str, Any]:
    """What a download in that form would lose, before anybody does it."""
    made, _ = await _handed(actor, card_id, version, to, allow_loss=True)
    return made.report()


@router.get("/{card_id}/lint")
async def lint(
    card_id: str,
    session: Read,
    actor: Who,
    context: Annotated[int, Query(ge=256, le=2_000_000)] = budget.DEFAULT_CONTEXT,
    version: int = 0,
) -> dict[str, Any]:
    """Findings with codes, the score, and the token budget against a context of so many tokens."""
    found = await service.read(session, actor, card_id, version)
    report = await asyncio.to_thread(linter.lint, found.opened, context)
    return {"rev": found.row.rev, "version": found.version.number, **report.as_dict()}


@router.post("/{card_id}/fixes")
async def fix(card_id: str, body: Fixes, actor: Who) -> CardOut:
    """Mend what has a safe fix: the findings of `codes`, or all of them."""
    async with database().reading() as session:
        change = await tending.propose_fixes(session, actor, card_id, rev=body.rev, codes=body.codes)
    return await recorded(actor, change)


@router.post("/{card_id}/conversion")
async def convert(card_id: str, body: Conversion, actor: Who) -> CardOut:
    """Make the card itself another version or kind of file, as a new version that can be taken back."""
    async with database().reading() as session:
        change = await tending.propose_conversion(
            session, actor, card_id, rev=body.rev, to=body.to, allow_loss=body.allow_loss
        )
    return await recorded(actor, change)


@router.get("/{card_id}/picture")
async def picture(
    card_id: str, session: Read, actor: Who, width: Literal["96", "160", "320", "480", "640", "1280"] = "320"
) -> FileResponse:
    """The card's picture as a small WebP."""
    row = await get(session, actor, card_id, deleted=True)
    if row.picture_file_id is None:
        raise NotFound("This card has no picture.", "Give it one: PUT a picture to this address.", code="no_picture")
    file = await media.get(session, actor, row.picture_file_id)
    path = await asyncio.to_thread(thumbnails.thumbnail, file, int(width))
    return FileResponse(path, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})


@router.put("/{card_id}/picture")
async def change_picture(
    card_id: str,
    actor: Who,
    rev: Annotated[int, Form()],
    file: Annotated[UploadFile | None, File(description="Left out: another part of the present picture")] = None,
    x: Annotated[int, Form()] = 0,
    y: Annotated[int, Form()] = 0,
    width: Annotated[int, Form(description="0 keeps the whole picture")] = 0,
    height: Annotated[int, Form()] = 0,
) -> CardOut:
    """Another picture, cut to a box of its pixels. Only the picture is written anew; a card in JSON becomes a PNG."""
    data = (await intake.uploaded(file, ""))[0] if file is not None and file.filename else None
    async with database().reading() as session:
        change = await pictures.propose_picture(
            session, actor, card_id, rev=rev, picture=data, crop=Crop(x, y, width, height)
        )
    return await recorded(actor, change)


@router.get("/{card_id}/duplicates")
async def duplicates(card_id: str, session: Read, actor: Who) -> dict[str, list[Kin]]:
    """Other cards that are the same file or text, or nearly the same text or picture."""
    return {"items": await kinship.kin_of(session, actor, card_id)}
