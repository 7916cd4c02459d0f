"""The durable work of bundles: packing and signing one."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.bundles import SUFFIX, packing
from ainfluencer.core.actor import Actor
from ainfluencer.engine.jobs import JobRun, format_of, job
from ainfluencer.engine.models import Job


@job(packing.KIND, title="Make a bundle of cards")
async def pack_bundle(run: JobRun) -> dict[str, Any]:
    """Pack and sign cards."""
    return await packing.run(run)


@format_of(packing.KIND, packing.FORMAT, mime="application/octet-stream", suffix=SUFFIX)
async def as_bundle(session: AsyncSession, actor: Actor, done: Job) -> bytes:
    """The bundle that was made."""
    return await packing.file_of(session, actor, done)
