"""Questions about jobs, their logs and the workers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.engine.models import LIVE, Job, JobLog, JobState, Worker

ALIVE_SECONDS = 20  # a worker that was not seen for longer counts as gone


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows and where the next one begins ("" at the end)."""

    items: Sequence[Any]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class JobFilter:
    """What to list; empty fields do not filter.

    Background work is left out unless `background`, or a kind or a subject is asked for by name.
    """

    kind: str = ""
    states: tuple[str, ...] = ()
    subject: tuple[str, str] = ("", "")
    queue: str = ""
    background: bool = False

    @property
    def shows_background(self) -> bool:
        """Whether background work is among it."""
        return self.background or bool(self.kind or self.subject[0])


async def get(session: AsyncSession, actor: Actor, job_id: str) -> Job:
    """One job of the actor's workspace, or `NotFound`."""
    actor.require(Right.READ)
    job: Job | None = await session.scalar(select(Job).where(Job.id == job_id, Job.workspace_id == actor.workspace_id))
    if job is None:
        raise NotFound("There is no such job.")
    return job


async def find_live(session: AsyncSession, actor: Actor, kind: str, subject: tuple[str, str]) -> Job | None:
    """The pending or running job of that kind about that subject, if there is one."""
    found: Job | None = await session.scalar(
        select(Job)
        .where(
            Job.workspace_id == actor.workspace_id,
            Job.subject_kind == subject[0],
            Job.subject_id == subject[1],
            Job.kind == kind,
            Job.state.in_(LIVE),
        )
        .limit(1)
    )
    return found


async def list_jobs(
    session: AsyncSession, actor: Actor, wanted: JobFilter | None = None, *, cursor: str = "", limit: int = 50
) -> Page:
    """Newest first, `limit` at most 200; `cursor` is the `next_cursor` of the page before."""
    actor.require(Right.READ)
    wanted = wanted or JobFilter()
    limit = min(200, max(1, limit))
    # Live jobs are few, and to be found by their states: the empty text keeps SQLite from walking all jobs in order.
    place = Job.id + "" if wanted.states and set(wanted.states) <= set(LIVE) else Job.id
    query = select(Job).where(Job.workspace_id == actor.workspace_id).order_by(place.desc()).limit(limit + 1)
    if not wanted.shows_background:
        query = query.where(Job.is_background.is_(False))
    if wanted.kind:
        query = query.where(Job.kind == wanted.kind)
    if len(wanted.states) == 1:
        query = query.where(Job.state == wanted.states[0])
    elif wanted.states:
        query = query.where(Job.state.in_(wanted.states))
    if wanted.queue:
        query = query.where(Job.queue == wanted.queue)
    if wanted.subject[0]:
        query = query.where(Job.subject_kind == wanted.subject[0])
    if wanted.subject[1]:
        query = query.where(Job.subject_id == wanted.subject[1])
    if cursor:
        query = query.where(Job.id < cursor)
    rows = (await session.scalars(query)).all()
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else "")


async def list_logs(session: AsyncSession, actor: Actor, job_id: str, *, cursor: str = "", limit: int = 200) -> Page:
    """The job's log, oldest first. The cursor of the last page stays usable: ask again with it for newer lines."""
    await get(session, actor, job_id)
    limit = min(1000, max(1, limit))
    query = select(JobLog).where(JobLog.job_id == job_id).order_by(JobLog.number).limit(limit)
    if cursor:
        query = query.where(JobLog.number > _place(cursor))
    rows = (await session.scalars(query)).all()
    return Page(rows, str(rows[-1].number) if rows else cursor)


async def newest_logs(session: AsyncSession, actor: Actor, job_id: str, *, limit: int) -> list[JobLog]:
    """The last lines of the job's log, oldest first."""
    await get(session, actor, job_id)
    query = select(JobLog).where(JobLog.job_id == job_id).order_by(JobLog.number.desc()).limit(limit)
    return list(reversed((await session.scalars(query)).all()))


async def every_log(session: AsyncSession, actor: Actor, job_id: str) -> list[JobLog]:
    """The whole log of the job, oldest first."""
    await get(session, actor, job_id)
    return list(await session.scalars(select(JobLog).where(JobLog.job_id == job_id).order_by(JobLog.number)))


def _place(cursor: str) -> int:
    if not re.fullmatch("[0-9]{1,18}", cursor):
        raise InvalidInput("This cursor is none of the log.", "Take the cursor of an answer, or leave it out to begin at the start.", field="cursor")  # fmt: skip
    return int(cursor)


async def count_jobs(session: AsyncSession, actor: Actor) -> int:
    """How many jobs the workspace has."""
    return await session.scalar(select(func.count()).where(Job.workspace_id == actor.workspace_id)) or 0


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What the status page shows: who executes, when it was last seen, and what waits."""

    workers: tuple[dict[str, Any], ...]
    alive: bool
    last_seen_at: datetime | None
    waiting: dict[str, int]
    running: int
    overdue: int
    overdue_seconds: float


async def health(session: AsyncSession) -> EngineHealth:
    """The state of the whole instance (it names no workspace's content)."""
    seen_after = clock.now() - timedelta(seconds=ALIVE_SECONDS)
    rows = (await session.scalars(select(Worker).order_by(Worker.seen_at.desc()).limit(20))).all()
    workers = tuple(
        {
            "name": row.name,
            "mode": row.mode,
            "host": row.host,
            "pid": row.pid,
            "started_at": row.started_at,
            "seen_at": row.seen_at,
            "alive": row.stopped_at is None and row.seen_at > seen_after,
        }
        for row in rows
    )
    executing = [row for row in rows if row.mode != "web"]
    waiting = await session.execute(
        select(Job.queue, func.count().label("number")).where(Job.state == JobState.PENDING).group_by(Job.queue)
    )
    late = clock.now() - timedelta(seconds=5)
    overdue, oldest = (
        await session.execute(
            select(func.count(), func.min(Job.run_at)).where(Job.state == JobState.PENDING, Job.run_at < late)
        )
    ).one()
    return EngineHealth(
        workers=workers,
        alive=any(row["alive"] for row in workers if row["mode"] != "web"),
        last_seen_at=max((row.seen_at for row in executing), default=None),
        waiting={row.queue: row.number for row in waiting},
        running=await session.scalar(select(func.count()).where(Job.state == JobState.RUNNING)) or 0,
        overdue=overdue,
        overdue_seconds=(clock.now() - oldest).total_seconds() if oldest else 0.0,
    )
