"""Source files of a workspace: kept as they came, read when they are needed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from ainfluencer.cards.forge import texts
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import KIND
from ainfluencer.cards.forge.texts import Source
from ainfluencer.cards.storing import storable
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import LimitReached, NotFound
from ainfluencer.core.ids import new_id
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.media import storage

MOST_FILES = 500
MOST_BYTES = 500_000_000
TEMPORARY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Read:
    """A source that was read outside of any transaction, ready to be stored."""

    data: bytes
    filename: str
    source: Source


async def read(data: bytes, filename: str) -> Read:
    """Read a file beside the event loop. Raises what `texts.read` raises."""
    return Read(data, storable(PurePath(filename).name)[:255], await asyncio.to_thread(texts.read, data, filename))


async def keep(session: AsyncSession, actor: Actor, found: Read, *, temporary: bool = False) -> ForgeSource:
    """Store a source; the same file under the same name is stored once. `LimitReached` when the shelf is full."""
    actor.require(Right.CREATE)
    digest = storage.sha256(found.data)
    if not temporary:
        same = (
            ForgeSource.sha256 == digest,
            ForgeSource.filename == found.filename,
            ForgeSource.is_temporary.is_(False),
        )
        known = await session.scalar(select(ForgeSource).where(ForgeSource.workspace_id == actor.workspace_id, *same))
        if known is not None:
            return known
    await _check_room(session, actor, len(found.data))
    row = ForgeSource(
        id=new_id(),
        workspace_id=actor.workspace_id,
        filename=found.filename,
        kind=found.source.kind,
        title=found.source.title[:200],
        size_bytes=len(found.data),
        characters=len(found.source.text),
        words=len(found.source.text.split()),
        sha256=digest,
        is_temporary=temporary,
        data=found.data,
    )
    session.add(row)
    await session.flush()
    return row


async def _check_room(session: AsyncSession, actor: Actor, size: int) -> None:
    here = ForgeSource.workspace_id == actor.workspace_id
    count, held = (
        await session.execute(select(func.count(), func.coalesce(func.sum(ForgeSource.size_bytes), 0)).where(here))
    ).one()
    if count >= MOST_FILES or held + size > MOST_BYTES:
        raise LimitReached(
            f"The forge keeps {MOST_FILES} source files and {MOST_BYTES // 1_000_000} MB in a workspace.",
            "Delete files that are done with.",
        )


async def list_sources(
    session: AsyncSession, actor: Actor, *, cursor: str = "", limit: int = 50
) -> tuple[list[ForgeSource], str | None]:
    """The workspace's source files, newest first; those that came with one job are left out."""
    actor.require(Right.READ)
    here = (ForgeSource.workspace_id == actor.workspace_id, ForgeSource.is_temporary.is_(False))
    question = select(ForgeSource).where(*here).order_by(ForgeSource.id.desc()).limit(limit + 1)
    if cursor:
        question = question.where(ForgeSource.id < cursor)
    rows = list(await session.scalars(question))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def get(session: AsyncSession, actor: Actor, source_id: str, *, data: bool = False) -> ForgeSource:
    """One source file, its bytes only with `data`; `NotFound` otherwise."""
    actor.require(Right.READ)
    question = select(ForgeSource).where(ForgeSource.id == source_id, ForgeSource.workspace_id == actor.workspace_id)
    row = await session.scalar(question.options(undefer(ForgeSource.data)) if data else question)
    if row is None:
        raise NotFound("There is no such source file.", "Upload it again.")
    return row


async def load(session: AsyncSession, actor: Actor, ids: Sequence[str]) -> list[tuple[bytes, str]]:
    """Bytes and names of several sources in that order."""
    rows = [await get(session, actor, one, data=True) for one in ids]
    return [(row.data, row.filename) for row in rows]


async def delete(session: AsyncSession, actor: Actor, source_id: str) -> None:
    """Delete a source file."""
    actor.require(Right.CREATE)
    await session.delete(await get(session, actor, source_id))
    await session.flush()


async def forget(session: AsyncSession, actor: Actor, ids: Sequence[str]) -> None:
    """Delete those of these sources that came with one job."""
    here = (ForgeSource.workspace_id == actor.workspace_id, ForgeSource.is_temporary.is_(True))
    await session.execute(sql_delete(ForgeSource).where(*here, ForgeSource.id.in_(list(ids))))


async def sweep(session: AsyncSession, workspace_id: str = "") -> int:
    """Delete what came with a job a day ago, of one workspace or of every one; a job that waits or runs keeps its own."""
    old = ForgeSource.created_at < clock.now() - timedelta(hours=TEMPORARY_HOURS)
    question = select(ForgeSource.id).where(ForgeSource.is_temporary.is_(True), old)
    live = select(Job.payload).where(Job.kind == KIND, Job.state.in_(LIVE))
    if workspace_id:
        question, live = (
            question.where(ForgeSource.workspace_id == workspace_id),
            live.where(Job.workspace_id == workspace_id),
        )
    found = set(await session.scalars(question))
    if not found:
        return 0
    for payload in await session.scalars(live):
        found -= {*payload.get("source_ids", ()), payload.get("card_id", "")}
    ids = sorted(found)
    for at in range(0, len(ids), 500):
        await session.execute(sql_delete(ForgeSource).where(ForgeSource.id.in_(ids[at : at + 500])))
    return len(ids)
