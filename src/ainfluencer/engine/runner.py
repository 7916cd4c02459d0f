"""Executes one job row: claim, wait for its instant, run its handler, record the end. An edge: it catches everything."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Row, bindparam, case, func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ainfluencer.core import clock
from ainfluencer.db.session import after_commit, database
from ainfluencer.engine import jobs, nudge, policy, rows
from ainfluencer.engine.models import LIVE, Job, JobState
from ainfluencer.engine.run import Cancelled, JobRun

T = TypeVar("T")
log = structlog.get_logger("engine")

CRASH_LIMIT = 5  # a job that has taken its process down this often is not started again
CANCEL_POLL_SECONDS = 0.4
PATIENCE_SECONDS = 15.0
LOOK_SECONDS = 5.0  # a job that was taken from its queue begins within this time, or goes back


_JOBS = rows.JOBS


_WANTED = (_JOBS.c.id == bindparam("its_id"), _JOBS.c.rev == bindparam("its_rev"), _JOBS.c.state.in_(LIVE))
_RUN_AT = select(_JOBS.c.run_at, _JOBS.c.state).where(*_WANTED)
_PUT_OFF = (
    _JOBS.update()
    .where(_JOBS.c.id == bindparam("its_id"), _JOBS.c.rev == bindparam("its_rev"), _JOBS.c.state == JobState.PENDING)
    .values(rev=_JOBS.c.rev + 1, handed=False)
)
_CLAIM = (
    _JOBS.update()
    .where(*_WANTED)
    .values(
        # Still "running" means that the process of the execution before this one ended without a word.
        crashes=_JOBS.c.crashes + case((_JOBS.c.state == JobState.RUNNING, 1), else_=0),
        state=JobState.RUNNING,
        attempt=_JOBS.c.attempt + 1,
        worker=bindparam("its_worker"),
        started_at=func.coalesce(_JOBS.c.started_at, bindparam("its_start", type_=_JOBS.c.started_at.type)),
    )
    .returning(_JOBS)
)


@dataclass(eq=False, slots=True)
class Execution:
    """A handler that is running in this process."""

    job_id: str
    rev: int
    attempt: int
    queue: str
    task: asyncio.Task[Any]


class Runner:
    """Runs jobs in the event loop that it was made in. `name` is the worker's."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.draining = False
        self.running: dict[str, Execution] = {}

    async def execute(self, job_id: str, rev: int, run_at: datetime | None = None) -> str:
        """Run this rev of this job once, not before `run_at` (its row is asked when that is not known).

        Answers how it ended. Safe to call again after a crash.
        """
        if not await self._patiently(lambda: self._due(job_id, rev, run_at)):
            return "superseded"
        if self.draining:
            # The process is leaving: keep the claim open; the next start begins this job anew.
            await asyncio.Event().wait()
        job = await self._patiently(lambda: self._claim(job_id, rev))
        if job is None:
            return "superseded"
        if job.crashes >= CRASH_LIMIT:
            return await self._kept_crashing(job)
        try:
            return await self._run(job)
        finally:
            self.running.pop(job_id, None)

    @staticmethod
    async def _patiently(work: Callable[[], Awaitable[T]]) -> T:
        """Do it as soon as the database takes it; a full disk, or a server that is away, is waited for.

        A begin or an end that is not written would leave the job open for ever, and its queue blocked.
        """
        wait = 1.0
        while True:
            try:
                return await work()
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                log.warning("waiting for the database", error=str(error)[:200], seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, PATIENCE_SECONDS)

    async def _due(self, job_id: str, rev: int, run_at: datetime | None) -> bool:
        """Wait until the job's instant, never less: work is taken from its queue moments before.

        What is further away was taken by a clock that was set back since. It goes back, for it would keep others from
        their turn. Whether it was moved or cancelled meanwhile shows in the claim: a rev has one instant only.
        """
        while True:
            if run_at is None:
                async with database().reading() as session:
                    row = (await session.execute(_RUN_AT, {"its_id": job_id, "its_rev": rev})).one_or_none()
                if row is None or row.state == JobState.RUNNING:  # that one began before a crash: it goes on at once
                    return row is not None
                run_at = row.run_at
            left = (run_at - clock.now()).total_seconds()
            if left <= 0:
                return True
            await asyncio.sleep(min(left, LOOK_SECONDS))
            if left > LOOK_SECONDS:
                await self._put_off(job_id, rev)
                run_at = None

    @staticmethod
    async def _put_off(job_id: str, rev: int) -> None:
        async with database().writing(lasting=False, brief=True) as session:
            await session.execute(_PUT_OFF, {"its_id": job_id, "its_rev": rev})
            after_commit(session, nudge.work)

    async def _claim(self, job_id: str, rev: int) -> Row[Any] | None:
        async with database().writing(lasting=False, brief=True) as session:
            about = {"its_id": job_id, "its_rev": rev, "its_worker": self.name, "its_start": clock.now()}
            made = await session.execute(_CLAIM, about)
            claimed: Row[Any] | None = made.one_or_none()
        if claimed is not None:
            rows.announce(claimed)
        return claimed

    async def _run(self, job: Row[Any]) -> str:
        run = JobRun(job)
        task = asyncio.create_task(self._work(run), name=f"job {job.kind} {job.id}")
        self.running[job.id] = Execution(job.id, job.rev, job.attempt, job.queue, task)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            # This process is stopping. The row stays "running"; whoever starts next begins it anew.
            task.cancel()
            await asyncio.wait({task}, timeout=5)
            raise
        if task.cancelled():
            return "cancelled"
        return await self._finish(job, run, task)

    @staticmethod
    async def _work(run: JobRun) -> dict[str, Any] | None:
        return await jobs.kind_of(run.kind).work(run)

    async def _finish(self, job: Row[Any], run: JobRun, task: asyncio.Task[Any]) -> str:
        error = task.exception()
        if error is None and run.is_completed:
            return "completed"
        if error is None:
            await self._end(job, JobState.COMPLETED, "Done", result=task.result())
            return "completed"
        if isinstance(error, Cancelled):
            return "cancelled"
        if isinstance(error, jobs.Later):
            await self._again(job, error.run_at, error.message, failed=False)
            return "later"
        return await self._failed(job, error)

    async def _failed(self, job: Row[Any], error: BaseException) -> str:
        what = policy.describe(error)
        decision = policy.decide(error, job.failures + 1)
        details = {**what, "action": str(decision.action), "try": job.failures + 1}
        if what["code"] == "internal_error":
            details["traceback"] = "".join(traceback.format_exception(error))[-6000:]
            log.error("job failed", job=job.id, kind=job.kind, exc_info=error)
        if decision.action is policy.Action.RETRY and decision.at is not None:
            await self._again(job, decision.at, what["detail"], failed=True, details=details)
            return "retried"
        await self._end(job, JobState.FAILED, what["detail"], error=what, details=details)
        return "failed"

    async def _kept_crashing(self, job: Row[Any]) -> str:
        what = {
            "code": "kept_crashing",
            "detail": f"The process ended {job.crashes} times while it did this, so it is not started again.",
            "next_step": "Look at the log of this run for what takes the process down, then retry.",
        }
        await self._end(job, JobState.FAILED, what["detail"], error=what, details=what)
        return "failed"

    async def _end(
        self,
        job: Row[Any],
        state: JobState,
        message: str,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        values: dict[str, Any] = {"state": state, "finished_at": clock.now(), "error": error}
        if state is JobState.COMPLETED:
            values = rows.completed(result)
        if state is JobState.FAILED:
            values["message"] = message[:300]
        await self._settle(job, values, "info" if error is None else "error", message, details or {})

    async def _again(
        self, job: Row[Any], at: datetime, message: str, *, failed: bool, details: dict[str, Any] | None = None
    ) -> None:
        values: dict[str, Any] = {
            "state": JobState.PENDING,
            "rev": job.rev + 1,
            "run_at": at,
            "handed": False,
            "failures": job.failures + (1 if failed else 0),
            "message": message[:300],
        }
        await self._settle(job, values, "warning" if failed else "info", message, details or {})

    async def _settle(
        self, job: Row[Any], values: dict[str, Any], level: str, message: str, details: dict[str, Any]
    ) -> None:
        """Write the end of this execution, unless it was cancelled or taken over meanwhile.

        What a handler did is in its own rows; should a power cut undo this line, the job runs again and finds them.
        """

        async def write() -> Row[Any] | None:
            async with database().writing(lasting=False, brief=True) as session:
                return await rows.end(session, job, values, level, message or "Again", details)

        changed = await self._patiently(write)
        if changed is not None:
            rows.announce(changed)

    def stop(self, job_id: str) -> None:
        """Cancel the handler of that job, if it runs here."""
        execution = self.running.get(job_id)
        if execution is not None:
            execution.task.cancel()

    async def stop_unwanted(self) -> None:
        """Cancel handlers whose row was cancelled, moved or taken over by another process."""
        seen = list(self.running.values())  # those that begin while the rows are read are not judged by them
        if not seen:
            return
        async with database().reading() as session:
            found = await session.execute(
                select(Job.id, Job.state, Job.rev, Job.attempt).where(Job.id.in_([one.job_id for one in seen]))
            )
            # A handler may complete its row in its own last transaction and still have a word to say after it.
            own = {JobState.RUNNING, JobState.COMPLETED}
            wanted = {row.id: (row.rev, row.attempt) for row in found if row.state in own}
        for execution in seen:
            if wanted.get(execution.job_id) != (execution.rev, execution.attempt):
                execution.task.cancel()

    async def drain(self, queue: str, seconds: float) -> None:
        """Start nothing more; give the handlers of one queue a little time to end by themselves."""
        self.draining = True
        tasks = [execution.task for execution in self.running.values() if execution.queue == queue]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
