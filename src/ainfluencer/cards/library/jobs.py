"""The library's durable work: importing many files, packing many cards."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.library import exporting, importing
from ainfluencer.core.actor import Actor
from ainfluencer.engine.jobs import JobRun, format_of, job
from ainfluencer.engine.models import Job


@job(importing.KIND, title="Import cards")
async def import_cards(run: JobRun) -> dict[str, Any]:
    """Take many files in; after a crash it goes on where the rows say it stopped."""
    return await importing.run(run)


@job(exporting.KIND, title="Export cards")
async def export_cards(run: JobRun) -> dict[str, Any]:
    """Pack many cards; after a crash it begins anew, for it changes nothing."""
    return await exporting.run(run)


@format_of(exporting.KIND, "zip", mime="application/zip", suffix=".zip")
async def as_zip(session: AsyncSession, actor: Actor, done: Job) -> bytes:
    """The zip of an export."""
    return await exporting.zip_of(session, actor, done)
