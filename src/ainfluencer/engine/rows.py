"""The end of an execution as it is written and told: by the runner, or by a handler with its own rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Row, Table
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.engine import events
from ainfluencer.engine.models import Job, JobLog, JobState

# Plain tables: an execution reads and writes a handful of columns, for which loading objects costs most of the time.
JOBS = cast("Table", Job.__table__)
LOGS = cast("Table", JobLog.__table__)


async def end(
    session: AsyncSession,
    job: Any,
    values: Mapping[str, Any],
    level: str,
    message: str,
    details: Mapping[str, Any],
) -> Row[Any] | None:
    """Write the end of this execution (`job` has id, workspace_id, rev, attempt) and a line about it.

    None when it was cancelled or taken over meanwhile: then nothing is written.
    """
    made = await session.execute(
        JOBS.update()
        .where(
            JOBS.c.id == job.id,
            JOBS.c.rev == job.rev,
            JOBS.c.attempt == job.attempt,
            JOBS.c.state == JobState.RUNNING,
        )
        .values(**values)
        .returning(JOBS)
    )
    changed: Row[Any] | None = made.one_or_none()
    if changed is not None:
        line = {"level": level, "message": message[:4000], "details": dict(details)}
        await session.execute(LOGS.insert().inline().values(workspace_id=job.workspace_id, job_id=job.id, **line))
    return changed


def completed(result: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is written when a handler has done its work."""
    return {
        "state": JobState.COMPLETED,
        "finished_at": clock.now(),
        "error": None,
        "progress": 1.0,
        "result": None if result is None else dict(result),
    }


def announce(job: Any) -> None:
    """Tell those who watch."""
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
