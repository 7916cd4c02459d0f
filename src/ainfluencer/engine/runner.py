"""Executes one job row: claim, wait for its instant, run its handler, record the end. An edge: it catches everything."""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import case, select, update

from ainfluencer.core import clock
from ainfluencer.db.session import database
from ainfluencer.engine import events, jobs, policy
from ainfluencer.engine.models import Job, JobLog, JobState
from ainfluencer.engine.run import Cancelled, JobRun

log = structlog.get_logger("engine")

CRASH_LIMIT = 5  # a job that has taken its process down this often is not started again
CANCEL_POLL_SECONDS = 0.4
LOOK_SECONDS = 5.0  # while it waits for its instant, a job looks this often whether it was moved


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

    async def execute(self, job_id: str, rev: int) -> str:
        """Run this rev of this job once; answers how it ended. Safe to call again after a crash."""
        if not await self._due(job_id, rev):
            return "superseded"
        if self.draining:
            # The process is leaving: keep the claim open; the next start begins this job anew.
            await asyncio.Event().wait()
        job = await self._claim(job_id, rev)
        if job is None:
            return "superseded"
        if job.crashes >= CRASH_LIMIT:
            return await self._kept_crashing(job)
        try:
            return await self._run(job)
        finally:
            self.running.pop(job_id, None)

    async def _due(self, job_id: str, rev: int) -> bool:
        """Wait until the job's instant, never less. In slices, so that a clock that is set is noticed."""
        while True:
            async with database().reading() as session:
                row = (
                    await session.execute(select(Job.run_at, Job.rev, Job.state).where(Job.id == job_id))
                ).one_or_none()
            if row is None or row.rev != rev or row.state not in {JobState.PENDING, JobState.RUNNING}:
                return False
            left = (row.run_at - clock.now()).total_seconds()
            if left <= 0:
                return True  # moved or cancelled since? The claim compares rev and state.
            await asyncio.sleep(min(left, LOOK_SECONDS))
            if left <= LOOK_SECONDS and row.run_at <= clock.now():
                return True

    async def _claim(self, job_id: str, rev: int) -> Job | None:
        async with database().writing(lasting=False) as session:
            claimed = await session.scalar(
                update(Job)
                .where(Job.id == job_id, Job.rev == rev, Job.state.in_((JobState.PENDING, JobState.RUNNING)))
                .values(
                    # Still "running" means that the process of the execution before this one ended without a word.
                    crashes=Job.crashes + case((Job.state == JobState.RUNNING, 1), else_=0),
                    state=JobState.RUNNING,
                    attempt=Job.attempt + 1,
                    worker=self.name,
                    started_at=case((Job.started_at.is_(None), clock.now()), else_=Job.started_at),
                )
                .returning(Job)
                .execution_options(synchronize_session=False)
            )
        if claimed is not None:
            self._announce(claimed)
        return claimed

    async def _run(self, job: Job) -> str:
        task = asyncio.create_task(self._work(job), name=f"job {job.kind} {job.id}")
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
        return await self._finish(job, task)

    @staticmethod
    async def _work(job: Job) -> dict[str, Any] | None:
        return await jobs.kind_of(job.kind).work(JobRun(job))

    async def _finish(self, job: Job, task: asyncio.Task[Any]) -> str:
        error = task.exception()
        if error is None:
            await self._end(job, JobState.COMPLETED, "Done", result=task.result())
            return "completed"
        if isinstance(error, Cancelled):
            return "cancelled"
        if isinstance(error, jobs.Later):
            await self._again(job, error.run_at, error.message, failed=False)
            return "later"
        return await self._failed(job, error)

    async def _failed(self, job: Job, error: BaseException) -> str:
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

    async def _kept_crashing(self, job: Job) -> str:
        what = {
            "code": "kept_crashing",
            "detail": f"The process ended {job.crashes} times while it did this, so it is not started again.",
            "next_step": "Look at the log of this run for what takes the process down, then retry.",
        }
        await self._end(job, JobState.FAILED, what["detail"], error=what, details=what)
        return "failed"

    async def _end(
        self,
        job: Job,
        state: JobState,
        message: str,
        *,
        result: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        values: dict[str, Any] = {"state": state, "finished_at": clock.now(), "error": error}
        if state is JobState.COMPLETED:
            values |= {"progress": 1.0, "result": result}
        if state is JobState.FAILED:
            values["message"] = message[:300]
        await self._settle(job, values, "info" if error is None else "error", message, details or {})

    async def _again(
        self, job: Job, at: datetime, message: str, *, failed: bool, details: dict[str, Any] | None = None
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
        self, job: Job, values: dict[str, Any], level: str, message: str, details: dict[str, Any]
    ) -> None:
        """Write the end of this execution, unless it was cancelled or taken over meanwhile.

        What a handler did is in its own rows; should a power cut undo this line, the job runs again and finds them.
        """
        async with database().writing(lasting=False) as session:
            changed: Job | None = await session.scalar(
                update(Job)
                .where(Job.id == job.id, Job.rev == job.rev, Job.attempt == job.attempt, Job.state == JobState.RUNNING)
                .values(**values)
                .returning(Job)
                .execution_options(synchronize_session=False)
            )
            if changed is not None:
                session.add(
                    JobLog(
                        workspace_id=job.workspace_id,
                        job_id=job.id,
                        level=level,
                        message=message or "Again",
                        details=details,
                    )
                )
        if changed is not None:
            self._announce(changed)

    @staticmethod
    def _announce(job: Job) -> None:
        data = {
            "id": job.id,
            "kind": job.kind,
            "title": job.title,
            "state": str(job.state),
            "progress": job.progress,
            "message": job.message,
            "error": job.error,
        }
        events.announce(job.workspace_id, "jobs", data)
        events.announce(job.workspace_id, f"job:{job.id}", data)

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
            rows = await session.execute(
                select(Job.id, Job.state, Job.rev, Job.attempt).where(Job.id.in_([one.job_id for one in seen]))
            )
            wanted = {row.id: (row.rev, row.attempt) for row in rows if row.state == JobState.RUNNING}
        for execution in seen:
            if wanted.get(execution.job_id) != (execution.rev, execution.attempt):
                execution.task.cancel()

    async def drain(self, queue: str, seconds: float) -> None:
        """Start nothing more; give the handlers of one queue a little time to end by themselves."""
        self.draining = True
        tasks = [execution.task for execution in self.running.values() if execution.queue == queue]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
