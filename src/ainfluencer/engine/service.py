"""The verbs on jobs: enqueue, cancel, retry, move, delete. All in the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.db.session import after_commit
from ainfluencer.engine import events, jobs, nudge, queries
from ainfluencer.engine.errors import NotCancellable
from ainfluencer.engine.models import LIVE, TERMINAL, Job, JobLog, JobState
from ainfluencer.engine.run import pack_actor

PAYLOAD_BYTES = 256_000


async def enqueue(  # noqa: PLR0913 - the contract that every module calls; all but three are optional
    session: AsyncSession,
    actor: Actor,
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    key: str = "",
    run_at: datetime | None = None,
    partition: str = "",
    priority: int = 5,
    title: str = "",
    subject: tuple[str, str] = ("", ""),
) -> Job:
    """Put a job into the caller's transaction; it runs after the commit, not before `run_at` (aware UTC).

    The same key in the same workspace is the same job, also when that one has ended. `priority` 1 (first) to 10.
    Jobs of the "publish" queue with the same `partition` run one at a time, in the order of `run_at`.
    """
    known = jobs.kind_of(kind)
    if len(json.dumps(payload or {}).encode()) > PAYLOAD_BYTES:
        raise InvalidInput("A job's payload is limited to 256 kB.", "Store the data and pass its id.")
    if key and (existing := await _by_key(session, actor, key)):
        return existing
    job = Job(
        workspace_id=actor.workspace_id,
        kind=kind,
        title=(title or known.title)[:200],
        queue=known.queue,
        key=key or None,
        partition=partition,
        priority=min(10, max(1, priority)),
        is_background=known.background,
        payload=payload or {},
        actor=pack_actor(actor),
        run_at=run_at or clock.now(),
        subject_kind=subject[0],
        subject_id=subject[1],
    )
    if not key:
        session.add(job)
        await session.flush()
    elif (other := await _add_once(session, actor, job, key)) is not job:
        return other
    _changed(session, job)
    after_commit(session, nudge.work)
    return job


async def _add_once(session: AsyncSession, actor: Actor, job: Job, key: str) -> Job:
    """On PostgreSQL another transaction may use the key between the question and the insert: then its job is meant."""
    try:
        async with session.begin_nested():
            session.add(job)
    except IntegrityError:
        if existing := await _by_key(session, actor, key):
            return existing
        raise
    return job


async def record(session: AsyncSession, actor: Actor, event: Any) -> None:
    """Record a fact (a frozen dataclass of plain JSON values): every subscriber gets its job in this transaction."""
    jobs.load_all()
    payload = asdict(event)
    for kind in jobs.SUBSCRIBERS.get(type(event), ()):
        await enqueue(session, actor, kind, payload)


async def cancel(session: AsyncSession, actor: Actor, job_id: str, *, by_owner: bool = False) -> Job:
    """Cancel a pending or running job, atomically: `NotFound`, or `NotCancellable` when it has ended.

    A running handler is cancelled within half a second. `by_owner` is for the module that the job belongs to.
    """
    job = await queries.get(session, actor, job_id)
    _may_touch(actor, job)
    _refuse_owned(job, by_owner=by_owner)
    changed = await session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state.in_(LIVE))
        .values(state=JobState.CANCELLED, finished_at=clock.now(), message="Cancelled")
        .execution_options(synchronize_session=False)
    )
    await _read_again(session, job)
    if not changed.rowcount:  # type: ignore[attr-defined] # an UPDATE answers with a cursor result
        raise NotCancellable(f"The job is already {job.state}.")
    session.add(_line(job, f"Cancelled by {actor.name or 'the engine'}"))
    _changed(session, job)
    after_commit(session, lambda: nudge.stop(job.id))
    return job


async def retry(session: AsyncSession, actor: Actor, job_id: str) -> Job:
    """A new job with the same configuration; the old one stays as it ended."""
    job = await queries.get(session, actor, job_id)
    _may_touch(actor, job)
    _refuse_owned(job, by_owner=False)
    if job.state not in TERMINAL:
        raise Conflict(f"The job is still {job.state}.", "Cancel it first, or wait until it has ended.")
    again = await enqueue(
        session,
        actor,
        job.kind,
        dict(job.payload),
        partition=job.partition,
        priority=job.priority,
        title=job.title,
        subject=(job.subject_kind, job.subject_id),
    )
    again.retry_of = job.id
    return again


async def reschedule(session: AsyncSession, actor: Actor, job_id: str, run_at: datetime) -> Job:
    """Move a pending job to another instant; `Conflict` when it has begun or ended."""
    job = await queries.get(session, actor, job_id)
    changed = await session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.PENDING)
        .values(run_at=run_at, rev=Job.rev + 1, handed=False)
        .execution_options(synchronize_session=False)
    )
    await _read_again(session, job)
    if not changed.rowcount:  # type: ignore[attr-defined] # an UPDATE answers with a cursor result
        raise Conflict(f"The job is already {job.state}; it can no longer be moved.")
    _changed(session, job)
    after_commit(session, nudge.work)
    return job


async def _read_again(session: AsyncSession, job: Job) -> None:
    """The row as it is now; `NotFound` when somebody has deleted it meanwhile (PostgreSQL)."""
    now = select(Job).where(Job.id == job.id).execution_options(populate_existing=True)
    if await session.scalar(now) is None:
        raise NotFound("There is no such job any more.")


async def delete(session: AsyncSession, actor: Actor, job_id: str) -> None:
    """Delete a job that has ended, with its log."""
    job = await queries.get(session, actor, job_id)
    _may_touch(actor, job)
    if job.state not in TERMINAL:
        raise Conflict(f"The job is still {job.state}.", "Cancel it first.")
    await session.execute(sql_delete(JobLog).where(JobLog.job_id == job.id))
    await session.execute(sql_delete(Job).where(Job.id == job.id))
    events.tell(session, actor.workspace_id, "jobs", {"id": job_id, "state": "deleted"})


async def _by_key(session: AsyncSession, actor: Actor, key: str) -> Job | None:
    found: Job | None = await session.scalar(select(Job).where(Job.workspace_id == actor.workspace_id, Job.key == key))
    return found


def _may_touch(actor: Actor, job: Job) -> None:
    own = actor.user_id is not None and job.actor.get("user_id") == actor.user_id
    actor.require(Right.CREATE if own else Right.MANAGE)


def _refuse_owned(job: Job, *, by_owner: bool) -> None:
    known = jobs.KINDS.get(job.kind)
    if known and known.owned and not by_owner:
        raise NotCancellable(
            f"This job belongs to a {known.owned} and follows it.",
            f"Cancel or retry it on the page of the {known.owned}.",
        )


def _line(job: Job, message: str) -> JobLog:
    return JobLog(workspace_id=job.workspace_id, job_id=job.id, level="info", message=message)


def _changed(session: AsyncSession, job: Job) -> None:
    data = {"id": job.id, "kind": job.kind, "title": job.title, "state": str(job.state), "progress": job.progress}
    events.tell(session, job.workspace_id, "jobs", data)
    events.tell(session, job.workspace_id, f"job:{job.id}", data)
