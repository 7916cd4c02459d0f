"""A zip of several originals as an answer: written to a file, sent in pieces, then thrown away."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fastapi.responses import FileResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.library import queries, service
from ainfluencer.library.schemas import AssetOut


async def answer(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> FileResponse:
    """The zip of these assets (LIB-011); `InvalidInput` when none of them is there."""
    if not 0 < len(asset_ids) <= service.MAX_BULK:
        raise InvalidInput(f"Select between 1 and {service.MAX_BULK} items.", "Change the selection.")
    items = await queries.many(session, actor, asset_ids)
    if not items:
        raise InvalidInput("None of these items is in the library.", "Select something that is there.")
    path = await asyncio.to_thread(_written, items)
    return FileResponse(
        path,
        media_type="application/zip",
        filename="ainfluencer-media.zip",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def _written(items: Sequence[AssetOut]) -> Path:
    # A file instead of memory: five hundred originals are half a gigabyte.
    with tempfile.NamedTemporaryFile(prefix="ainfluencer-", suffix=".zip", delete=False) as place:
        path = Path(place.name)
    service.bundle(items, path)
    return path
