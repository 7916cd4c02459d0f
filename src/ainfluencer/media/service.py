"""Verbs on files."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.media.probe import Probe, probe
from ainfluencer.media.provenance import has_manifest


async def store(
    session: AsyncSession, actor: Actor, data: bytes, *, filename: str = "", name: str = "", found: Probe | None = None
) -> MediaFile:
    """Probe and keep these bytes; the same content in the same workspace is one row. `found`: what a probe said before.

    Raises `InvalidInput` for a broken picture, `LimitReached` (code disk_full) when the disk is full.
    """
    actor.require(Right.CREATE)
    found = found or probe(data)
    digest = storage.put(data, found.mime)
    known = await session.scalar(
        select(MediaFile).where(MediaFile.workspace_id == actor.workspace_id, MediaFile.sha256 == digest)
    )
    if known:
        return known
    file = MediaFile(
        workspace_id=actor.workspace_id,
        sha256=digest,
        mime=found.mime,
        kind=found.kind,
        name=(name or filename)[:200],
        size_bytes=len(data),
        width=found.width,
        height=found.height,
        duration_seconds=found.duration_seconds,
        phash=found.phash,
        colour=found.colour,
        is_signed=has_manifest(data),
    )
    session.add(file)
    await session.flush()
    return file
