"""Source files: text, Markdown, JSON, HTML, DOCX, ODT, EPUB, character cards, and pictures where a maker sees them."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import File, Query, Response, UploadFile
from pydantic import BaseModel

from ainfluencer.cards.forge import service, sources, texts
from ainfluencer.cards.forge.api import bodies
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import Options
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/files", tags=["forge"])
_SHOWN = 20_000


class SourceOut(BaseModel):
    """A source file. `kind`: text, card or picture."""

    id: str
    filename: str
    kind: str
    title: str
    size_bytes: int
    characters: int
    words: int
    sha256: str
    created_at: datetime
    state: str = "ready"


class SourcePage(BaseModel):
    """Source files, newest first."""

    items: list[SourceOut]
    next_cursor: str | None = None


def _out(row: ForgeSource) -> SourceOut:
    return SourceOut.model_validate(row, from_attributes=True)


@router.post("", status_code=201)
async def upload_file(actor: Who, file: Annotated[UploadFile, File()]) -> SourceOut:
    """Upload one. It is read at once, so that a file that cannot be used is refused with the reason."""
    actor.require(Right.CREATE)
    found = await bodies.read_upload(file)
    await service.looked(actor, service.Request(Options(), texts=(found,)))
    async with database().writing() as session:
        return _out(await sources.keep(session, actor, found))


@router.get("")
async def list_files(
    session: Read, actor: Who, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> SourcePage:
    """The workspace's source files."""
    rows, more = await sources.list_sources(session, actor, cursor=cursor, limit=limit)
    return SourcePage(items=[_out(row) for row in rows], next_cursor=more)


@router.get("/{source_id}")
async def show_file(source_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """One, with the beginning of its text."""
    row = await sources.get(session, actor, source_id, data=True)
    text = (await asyncio.to_thread(texts.read, row.data, row.filename)).text
    return _out(row).model_dump(mode="json") | {"text": text[:_SHOWN], "is_cut": len(text) > _SHOWN}


@router.get("/{source_id}/original")
async def download_file(source_id: str, session: Read, actor: Who) -> Response:
    """The file exactly as it came."""
    row = await sources.get(session, actor, source_id, data=True)
    headers = {"Content-Disposition": f'attachment; filename="source-{row.id}"', "X-Content-Type-Options": "nosniff"}
    return Response(row.data, media_type="application/octet-stream", headers=headers)


@router.delete("/{source_id}", status_code=204)
async def delete_file(source_id: str, session: Write, actor: Who) -> None:
    """Delete it."""
    await sources.delete(session, actor, source_id)
