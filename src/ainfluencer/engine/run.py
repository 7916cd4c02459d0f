"""What a handler holds while it works: who asked, with what, and ways to say how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.db.session import after_commit, database
from ainfluencer.engine import events, rows
from ainfluencer.engine.models import Job, JobLog, JobState

PROGRESS_SECONDS = 0.25  # a handler may report as often as it likes; rows are written at most this often


class Cancelled(Exception):
    """The job was cancelled or superseded while it ran."""


def pack_actor(actor: Actor) -> dict[str, Any]:
    """The actor as stored with a job: the job works in this person's name, with the rights of that moment."""
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "role": str(actor.role),
        "scopes": None if actor.scopes is None else sorted(str(right) for right in actor.scopes),
    }


def unpack_actor(workspace_id: str, packed: Mapping[str, Any]) -> Actor:
    """The stored actor again, acting through a job."""
    scopes = packed.get("scopes")
    return Actor(
        workspace_id=workspace_id,
        role=Role(packed.get("role", Role.VIEWER)),
        user_id=packed.get("user_id"),
        name=packed.get("name", ""),
        scopes=None if scopes is None else frozenset(Right(right) for right in scopes),
        via="job",
    )


class JobRun:
    """One execution of one job. Everything it writes goes through short transactions of its own."""

    def __init__(self, job: Any) -> None:
        self.id = job.id
        self.kind = job.kind
        self.workspace_id = job.workspace_id
        self.actor = unpack_actor(job.workspace_id, job.actor)
        self.payload: dict[str, Any] = dict(job.payload)
        self.attempt = job.attempt
        self.failures = job.failures
        self.run_at = job.run_at
        self.rev = job.rev
        self.is_completed = False
        self._written = 0.0
        self._message = job.message

    async def progress(self, fraction: float, message: str = "", **details: Any) -> None:
        """Say how far it is: `fraction` 0..1, one sentence, plain details. Raises `Cancelled` when it is not wanted."""
        fraction = min(1.0, max(0.0, fraction))
        message = (message or self._message)[:300]
        seen = time.monotonic()
        if message == self._message and seen - self._written < PROGRESS_SECONDS and fraction < 1:
            return
        self._written, self._message = seen, message
        async with database().writing(lasting=False) as session:
            changed = await session.execute(
                update(Job)
                .where(
                    Job.id == self.id, Job.rev == self.rev, Job.attempt == self.attempt, Job.state == JobState.RUNNING
                )
                .values(progress=fraction, message=message)
            )
            if changed.rowcount:  # type: ignore[attr-defined] # an UPDATE answers with a cursor result
                session.add(self._line("progress", message, {"percent": round(fraction * 100), **details}))
        if not changed.rowcount:  # type: ignore[attr-defined] # see above
            raise Cancelled
        events.announce(
            self.workspace_id,
            f"job:{self.id}",
            {"id": self.id, "kind": self.kind, "state": "running", "progress": fraction, "message": message, **details},
        )

    async def log(self, level: str, message: str, **details: Any) -> None:
        """Write a line to the job's log: debug, info, warning or error; details must be plain JSON values."""
        async with database().writing(lasting=False) as session:
            session.add(self._line(level, message, details))
        events.announce(
            self.workspace_id, f"job:{self.id}:log", {"level": level, "message": message, "details": details}
        )

    async def complete(self, session: AsyncSession, result: Mapping[str, Any]) -> None:
        """Record the end of the job with the handler's last rows, in one transaction: return right after it.

        A job that was cancelled or taken over meanwhile keeps the state that it got.
        """
        changed = await rows.end(session, self, rows.completed(result), "info", "Done", {})
        after_commit(session, lambda: self._completed(changed))

    def _completed(self, changed: Any) -> None:
        self.is_completed = True
        if changed is not None:
            rows.announce(changed)

    async def usage(self, **amounts: float) -> None:
        """Add to what the job used: prompt_tokens, completion_tokens, cost_cents, seconds…"""
        async with database().writing(lasting=False) as session:
            job = await session.get(Job, self.id)
            if job is not None:
                job.usage = {**job.usage, **{name: job.usage.get(name, 0) + value for name, value in amounts.items()}}

    async def check(self) -> None:
        """Raise `Cancelled` when the job has been cancelled or moved since this execution began."""
        async with database().reading() as session:
            state, rev, attempt = (
                await session.execute(select(Job.state, Job.rev, Job.attempt).where(Job.id == self.id))
            ).one_or_none() or ("", 0, 0)
        if (state, rev, attempt) != (JobState.RUNNING, self.rev, self.attempt):
            raise Cancelled

    def _line(self, level: str, message: str, details: Mapping[str, Any]) -> JobLog:
        return JobLog(
            workspace_id=self.workspace_id, job_id=self.id, level=level, message=message[:4000], details=dict(details)
        )
