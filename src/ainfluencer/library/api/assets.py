"""The library over the API (LIB-002 to LIB-016)."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Query, Response, UploadFile
from pydantic import BaseModel, Field

from ainfluencer.core.errors import NotFound
from ainfluencer.library import bundles, queries, service
from ainfluencer.library.schemas import AssetOut, AssetPage, Filter, Stats
from ainfluencer.studio import queries as studio
from ainfluencer.studio import service as studio_service
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/assets", tags=["library"])


class Selection(BaseModel):
    """Several assets."""

    asset_ids: list[str] = Field(min_length=1, max_length=service.MAX_BULK)
    reason: str = ""


class Changes(BaseModel):
    """Fields that a person may change; left out means unchanged."""

    title: str | None = None
    alt_text: str | None = None
    favourite: bool | None = None


class Tags(BaseModel):
    """Some tags."""

    tags: list[str]


class Count(BaseModel):
    """How many were changed."""

    count: int


async def _out(session: Read, actor: Who, asset_id: str) -> AssetOut:
    found = await queries.many(session, actor, [asset_id])
    if not found:
        raise NotFound("There is no such asset.", "It may have been deleted; look in the list.")
    return found[0]


@router.get("")
async def index(
    session: Read,
    actor: Who,
    wanted: Annotated[Filter, Query()],
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 60,
) -> AssetPage:
    """Assets that match every filter given."""
    return await queries.list_assets(session, actor, wanted, cursor=cursor, limit=limit)


@router.get("/stats")
async def stats(session: Read, actor: Who, character_id: str = "") -> Stats:
    """Counts by kind and state."""
    return await queries.stats(session, actor, character_id)


@router.post("", status_code=201)
async def upload(
    session: Write,
    actor: Who,
    file: Annotated[UploadFile, File()],
    character_id: Annotated[str, Form()] = "",
    alt_text: Annotated[str, Form()] = "",
    is_ai: Annotated[bool, Form()] = True,
) -> AssetOut:
    """Bring a file. Say truthfully whether a model made it: it decides the label."""
    asset = await studio_service.add_upload(
        session,
        actor,
        await file.read(),
        filename=file.filename or "upload",
        character_id=character_id or None,
        alt_text=alt_text,
        is_ai=is_ai,
    )
    return await _out(session, actor, asset.id)


@router.get("/{asset_id}")
async def show(asset_id: str, session: Read, actor: Who) -> AssetOut:
    """One asset."""
    return await _out(session, actor, asset_id)


@router.patch("/{asset_id}")
async def change(asset_id: str, changes: Changes, session: Write, actor: Who) -> AssetOut:
    """Title, alt text, favourite."""
    await service.update(
        session, actor, asset_id, title=changes.title, alt_text=changes.alt_text, favourite=changes.favourite
    )
    return await _out(session, actor, asset_id)


@router.delete("/{asset_id}", status_code=204)
async def remove(asset_id: str, session: Write, actor: Who) -> None:
    """Take it out of the library."""
    await studio.get_asset(session, actor, asset_id)
    await service.remove(session, actor, [asset_id])


@router.post("/approvals")
async def approve(selection: Selection, session: Write, actor: Who) -> Count:
    """Approve several."""
    return Count(count=len(await service.approve(session, actor, selection.asset_ids)))


@router.post("/rejections")
async def reject(selection: Selection, session: Write, actor: Who) -> Count:
    """Reject several, with a reason."""
    return Count(count=len(await service.reject(session, actor, selection.asset_ids, selection.reason)))


@router.post("/removals")
async def remove_many(selection: Selection, session: Write, actor: Who) -> Count:
    """Take several out of the library."""
    return Count(count=await service.remove(session, actor, selection.asset_ids))


@router.post("/tidying")
async def tidy(session: Write, actor: Who, older_than_days: Annotated[int, Query(ge=0, le=3650)] = 30) -> Count:
    """Remove what was rejected that long ago and never used (IMG-017)."""
    return Count(count=await service.tidy(session, actor, older_than_days=older_than_days))


@router.post("/restorations")
async def restore_many(selection: Selection, session: Write, actor: Who) -> Count:
    """Bring back what was removed."""
    return Count(count=len(await service.restore(session, actor, selection.asset_ids)))


@router.post("/bundles")
async def bundle(selection: Selection, session: Read, actor: Who) -> Response:
    """A zip of the originals with a manifest.json."""
    return await bundles.answer(session, actor, selection.asset_ids)


@router.post("/{asset_id}/tags")
async def add_tags(asset_id: str, body: Tags, session: Write, actor: Who) -> Tags:
    """Add tags."""
    return Tags(tags=await service.add_tags(session, actor, asset_id, body.tags))


@router.delete("/{asset_id}/tags")
async def remove_tags(asset_id: str, body: Tags, session: Write, actor: Who) -> Tags:
    """Remove tags."""
    return Tags(tags=await service.remove_tags(session, actor, asset_id, body.tags))
