"""Questions about files."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.media.models import MediaFile


async def get(session: AsyncSession, actor: Actor, file_id: str) -> MediaFile:
    """One file of the actor's workspace."""
    file = await session.scalar(
        select(MediaFile).where(MediaFile.id == file_id, MediaFile.workspace_id == actor.workspace_id)
    )
    if not file:
        raise NotFound("There is no such file.")
    return file


async def get_many(session: AsyncSession, actor: Actor, ids: Iterable[str]) -> dict[str, MediaFile]:
    """Several files by id, in one query; unknown ids are left out."""
    rows = await session.scalars(
        select(MediaFile).where(MediaFile.id.in_(set(ids)), MediaFile.workspace_id == actor.workspace_id)
    )
    return {row.id: row for row in rows}
