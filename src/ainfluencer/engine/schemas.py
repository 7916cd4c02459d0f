"""Jobs as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from ainfluencer.engine.models import Job, JobLog


class JobError(BaseModel):
    """Why a job failed."""

    code: str
    detail: str
    next_step: str


class JobView(BaseModel):
    """A job without its result. Times are ISO 8601 in UTC; `seconds` is from started to ended."""

    id: str
    kind: str
    title: str
    state: str
    progress: float
    percent: int
    message: str
    queue: str
    priority: int
    key: str | None
    subject: dict[str, str] | None
    template: str | None
    error: JobError | None
    usage: dict[str, Any]
    retry_of: str | None
    attempt: int
    run_at: datetime
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    has_result: bool
    is_background: bool

    @classmethod
    def of(cls, job: Job) -> JobView:
        """The view of a row."""
        ended = job.finished_at if job.started_at else None
        return cls(
            id=job.id,
            kind=job.kind,
            title=job.title,
            state=job.state,
            progress=job.progress,
            percent=round(job.progress * 100),
            message=job.message,
            queue=job.queue,
            priority=job.priority,
            key=job.key,
            subject={"kind": job.subject_kind, "id": job.subject_id} if job.subject_kind else None,
            template=template_of(job.payload),
            error=JobError(**job.error) if job.error else None,
            usage=job.usage,
            retry_of=job.retry_of or None,
            attempt=job.attempt,
            run_at=job.run_at,
            created_at=job.created_at,
            updated_at=job.updated_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            seconds=(ended - job.started_at).total_seconds() if ended and job.started_at else None,
            has_result=job.result is not None,
            is_background=job.is_background,
        )


def template_of(payload: dict[str, Any]) -> str | None:
    """The name of the template that a job was made from: the first of the usual places, as text or as an object."""
    for place in ("template", "template_name", "profile", "preset"):
        value = payload.get(place)
        if isinstance(value, dict):
            value = value.get("name") or value.get("id")
        if isinstance(value, str) and value:
            return value
    return None


class LogView(BaseModel):
    """One line of a job's log."""

    number: int
    at: datetime
    level: str
    message: str
    details: dict[str, Any]

    @classmethod
    def of(cls, line: JobLog) -> LogView:
        """The view of a row."""
        return cls(number=line.number, at=line.at, level=line.level, message=line.message, details=line.details)


class JobPage(BaseModel):
    """A page of jobs."""

    items: list[JobView]
    next_cursor: str | None


class LogPage(BaseModel):
    """A page of log lines. `cursor` stays usable at the end: ask with it for newer lines."""

    items: list[LogView]
    next_cursor: str | None
    cursor: str
    state: str


class JobAnswer(BaseModel):
    """One job."""

    success: bool = True
    job: JobView


class ResultAnswer(BaseModel):
    """What a completed job left."""

    success: bool = True
    job_id: str
    result: Any


class JobDetail(JobAnswer):
    """One job with the first lines of its log."""

    logs: list[LogView]
