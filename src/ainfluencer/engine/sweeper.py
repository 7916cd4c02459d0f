"""Moves rows to where they belong: new jobs to the durable queue, lost ones back to it, old ones away."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import and_, delete, or_, select, tuple_, update

from ainfluencer.core import clock
from ainfluencer.db.session import database
from ainfluencer.engine import durable
from ainfluencer.engine.durable import Order
from ainfluencer.engine.models import LIVE, TERMINAL, Job, JobLog, JobState

log = structlog.get_logger("engine")

HORIZON = timedelta(minutes=10)  # what is due later stays with us alone: 10,000 posts of next month cost nothing
BATCH = 200
STUCK_SECONDS = 30.0
KEEP_ENGINE = timedelta(days=3)  # longer than any rate window of the queues
KEEP_JOBS = timedelta(days=90)
KEEP_BACKGROUND = timedelta(days=3)  # of what went well by itself; longer than any round, whose keys it holds


async def ensure_enqueued() -> int:
    """Hand over every pending job that is due within the horizon and was not handed over; answers how many."""
    total = 0
    while True:
        async with database().reading() as session:
            rows = await session.execute(
                select(Job.id, Job.rev, Job.queue, Job.partition, Job.priority, Job.run_at)
                .where(Job.state == JobState.PENDING, Job.handed.is_(False), Job.run_at < clock.now() + HORIZON)
                .order_by(Job.run_at)
                .limit(BATCH)
            )
            orders = [Order(*row) for row in rows]
        if not orders:
            return total
        taken = await asyncio.to_thread(durable.hand_over, orders)
        async with database().writing(lasting=False) as session:
            await session.execute(
                update(Job)
                .where(tuple_(Job.id, Job.rev).in_(taken))
                .values(handed=True)
                .execution_options(synchronize_session=False)
            )
        total += len(taken)
        if len(orders) < BATCH:
            return total


async def rescue_lost(*, everything: bool = False) -> int:
    """Jobs that we call live and the durable engine does not know (its file was deleted, a bug): give them a new rev.

    At start `everything` is compared; later only what should have begun a while ago.
    """
    query = select(Job.id, Job.rev).where(Job.state.in_(LIVE), Job.handed.is_(True))
    if not everything:
        query = query.where(Job.run_at < clock.from_now(seconds=-STUCK_SECONDS))
    async with database().reading() as session:
        revs = {row.id: row.rev for row in await session.execute(query.limit(20_000))}
    names = {durable.workflow_id(job_id, rev): job_id for job_id, rev in revs.items()}
    gone = [names[name] for name in await asyncio.to_thread(durable.lost, list(names))]
    for begin in range(0, len(gone), BATCH):
        async with database().writing() as session:
            for job_id in gone[begin : begin + BATCH]:
                await session.execute(
                    update(Job)
                    .where(Job.id == job_id, Job.rev == revs[job_id], Job.state.in_(LIVE))
                    .values(state=JobState.PENDING, rev=Job.rev + 1, handed=False)
                    .execution_options(synchronize_session=False)
                )
    if gone:
        log.warning("jobs were found again", count=len(gone))
    return len(gone)


async def put_back(worker: str) -> None:
    """A worker that leaves in good order: what it ran waits for the next start and counts as no crash."""
    async with database().writing() as session:
        await session.execute(
            update(Job)
            .where(Job.state == JobState.RUNNING, Job.worker == worker)
            .values(state=JobState.PENDING, message="Interrupted by a stop; goes on at the next start")
            .execution_options(synchronize_session=False)
        )


async def clean_up() -> None:
    """Let go of old history, in small bites."""
    before = clock.now() - KEEP_ENGINE
    while deleted := await asyncio.to_thread(durable.clean_up, before):
        log.info("old workflows deleted", count=deleted)
    await forget_old_jobs()


async def forget_old_jobs() -> None:
    """Delete jobs that ended long ago; background work that went well after a few days."""
    while True:
        async with database().writing() as session:
            old = (
                await session.scalars(
                    select(Job.id)
                    .where(
                        or_(
                            and_(Job.state.in_(TERMINAL), Job.finished_at < clock.now() - KEEP_JOBS),
                            and_(
                                Job.state == JobState.COMPLETED,
                                Job.is_background,
                                Job.finished_at < clock.now() - KEEP_BACKGROUND,
                            ),
                        )
                    )
                    .limit(BATCH)
                )
            ).all()
            if not old:
                return
            await session.execute(delete(JobLog).where(JobLog.job_id.in_(old)))
            await session.execute(delete(Job).where(Job.id.in_(old)))
