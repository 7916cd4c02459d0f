"""Verbs on files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.media.probe import Probe, probe
from ainfluencer.media.provenance import has_manifest


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes to be kept: the file's name, a name for people, and what a probe said of them where one did."""

    data: bytes
    filename: str = ""
    name: str = ""
    found: Probe | None = None


async def store(
    session: AsyncSession, actor: Actor, data: bytes, *, filename: str = "", name: str = "", found: Probe | None = None
) -> MediaFile:
    """Probe and keep these bytes; the same content in the same workspace is one row. `found`: what a probe said before.

    Raises `InvalidInput` for a broken picture, `LimitReached` (code disk_full) when the disk is full.
    """
    return (await store_many(session, actor, [Incoming(data, filename, name, found)]))[0]


async def store_many(session: AsyncSession, actor: Actor, files: Sequence[Incoming]) -> list[MediaFile]:
    """The same for several, with one question to the database and one answer."""
    actor.require(Right.CREATE)
    probed = [(one, one.found or probe(one.data)) for one in files]
    digests = [storage.put(one.data, found.mime) for one, found in probed]
    if not digests:
        return []
    asked = select(MediaFile).where(MediaFile.workspace_id == actor.workspace_id, MediaFile.sha256.in_(digests))
    known = {file.sha256: file for file in await session.scalars(asked)}
    for (one, found), digest in zip(probed, digests, strict=True):
        if digest not in known:
            known[digest] = _file(actor, one, found, digest)
            session.add(known[digest])
    await session.flush()
    return [known[digest] for digest in digests]


def _file(actor: Actor, one: Incoming, found: Probe, digest: str) -> MediaFile:
    return MediaFile(
        workspace_id=actor.workspace_id,
        sha256=digest,
        mime=found.mime,
        kind=found.kind,
        name=(one.name or one.filename)[:200],
        size_bytes=len(one.data),
        width=found.width,
        height=found.height,
        duration_seconds=found.duration_seconds,
        phash=found.phash,
        colour=found.colour,
        is_signed=has_manifest(one.data),
    )
