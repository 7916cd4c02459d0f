"""The end of an execution as it is written and told: by the runner, or by a handler with its own rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.engine import events
from ainfluencer.engine.models import Job, JobLog, JobState

# Plain tables: an execution reads and writes a handful of columns, for which loading objects costs most of the time.
JOBS = cast("Table", Job.__table__)
LOGS = cast("Table", JobLog.__table__)

# Made once: building a statement takes longer than running it.
_END = (
    JOBS.update()
    .where(
        JOBS.c.id == bindparam("its_id"),
        JOBS.c.rev == bindparam("its_rev"),
        JOBS.c.attempt == bindparam("its_attempt"),
        JOBS.c.state == JobState.RUNNING,
    )
    .returning(JOBS)
)
_LINE = LOGS.insert().inline()


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
    its = {"its_id": job.id, "its_rev": job.rev, "its_attempt": job.attempt}
    made = await session.execute(_END, {**its, **values})
    changed: Row[Any] | None = made.one_or_none()
    if changed is not None:
        line = {"level": level, "message": message[:4000], "details": dict(details)}
        await session.execute(_LINE, {"workspace_id": job.workspace_id, "job_id": job.id, **line})
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
