"""Questions about the instance that need the database beside the disk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.engine.models import Job, JobState


async def failed_jobs(session: AsyncSession, actor: Actor, since: datetime, *, limit: int = 30) -> Sequence[Job]:
    """Jobs of the workspace that failed since then, newest first."""
    actor.require(Right.READ)
    rows = await session.scalars(
        select(Job)
        .where(Job.workspace_id == actor.workspace_id, Job.state == JobState.FAILED, Job.finished_at >= since)
        .order_by(Job.finished_at.desc())
        .limit(limit)
    )
    return rows.all()


async def job_counts(session: AsyncSession, actor: Actor, *, background: bool = False) -> dict[str, int]:
    """How many jobs of the workspace are in each state; with `background` also those that happen by themselves."""
    actor.require(Right.READ)
    rows = await session.execute(select(Job.state, func.count()).where(*_seen(actor, background)).group_by(Job.state))
    return {str(state): number for state, number in rows}


async def job_kinds(session: AsyncSession, actor: Actor, *, background: bool = False) -> tuple[str, ...]:
    """The kinds of jobs that the workspace has had, by name."""
    actor.require(Right.READ)
    rows = await session.scalars(select(Job.kind).where(*_seen(actor, background)).distinct().order_by(Job.kind))
    return tuple(rows)


def _seen(actor: Actor, background: bool) -> list[ColumnElement[bool]]:
    here = [Job.workspace_id == actor.workspace_id]
    return here if background else [*here, Job.is_background.is_(False)]


async def pack_jobs(session: AsyncSession, actor: Actor) -> dict[str, Job]:
    """The newest job about each model pack, by pack."""
    actor.require(Right.READ)
    return await _newest(session, actor, "pack")


async def backup_job(session: AsyncSession, actor: Actor) -> Job | None:
    """The newest job that made, or makes, a backup."""
    actor.require(Right.READ)
    return (await _newest(session, actor, "instance")).get("backup")


async def _newest(session: AsyncSession, actor: Actor, subject_kind: str) -> dict[str, Job]:
    newest = (
        select(func.max(Job.id))
        .where(Job.workspace_id == actor.workspace_id, Job.subject_kind == subject_kind)
        .group_by(Job.subject_id)
    )
    rows = await session.scalars(select(Job).where(Job.id.in_(newest)))
    return {job.subject_id: job for job in rows}
