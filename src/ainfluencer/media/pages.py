"""Serves files and thumbnails to people who may see them."""

from __future__ import annotations

import asyncio

from fastapi.responses import FileResponse

from ainfluencer.core.errors import NotFound
from ainfluencer.media import queries, storage, thumbnails
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)
# The address of a file never changes its content, but it needs a sign-in: browsers may keep it, caches between not.
_KEEP = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/media/{file_id}/{width}.webp", name="media.thumbnail")
async def thumbnail(file_id: str, width: int, session: Read, actor: Who) -> FileResponse:
    """A smaller copy."""
    file = await queries.get(session, actor, file_id)
    path = await asyncio.to_thread(thumbnails.thumbnail, file, width)
    return FileResponse(path, media_type="image/webp", headers=_KEEP)


@router.get("/media/{file_id}", name="media.file")
async def original(file_id: str, session: Read, actor: Who, download: bool = False) -> FileResponse:
    """The stored bytes, signed as they were made."""
    file = await queries.get(session, actor, file_id)
    path = await asyncio.to_thread(storage.path_of, file.sha256, file.mime)
    if file.kind == "other" and not download:
        raise NotFound("This kind of file is only offered as a download.", "Add ?download=true to the address.")
    name = f"{file.name or file.sha256[:12]}{path.suffix}" if download else None
    return FileResponse(
        path, media_type=file.mime, filename=name, headers=_KEEP | {"X-Content-Type-Options": "nosniff"}
    )
