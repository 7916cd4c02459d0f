"""Shapes of operations for the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.engine.models import Job
from ainfluencer.operations.backups import Backup
from ainfluencer.operations.logs import Line, Run
from ainfluencer.operations.packs import PackStatus
from ainfluencer.operations.services import Service


class ServiceOut(BaseModel):
    """One thing that should run, with how to start and stop it. Nothing here can be stopped through the API."""

    id: str
    title: str
    state: str = Field(description="running, idle, stopped or error")
    detail: str
    facts: dict[str, str]
    pid: int
    port: int
    started_at: datetime | None
    seen_at: datetime | None
    memory_bytes: int
    cpu_percent: float
    start: str
    stop: str
    problem: str

    @classmethod
    def of(cls, service: Service) -> ServiceOut:
        """The shape of a service."""
        return cls(
            **{name: getattr(service, name) for name in cls.model_fields if name != "facts"}, facts=dict(service.facts)
        )


class CheckOut(BaseModel):
    """One finding of the doctor."""

    id: str
    title: str
    state: str = Field(description="ok, warning or problem")
    detail: str
    next_step: str


class PackOut(BaseModel):
    """A model pack and how it stands here."""

    id: str
    title: str
    purpose: str
    licence: str
    is_required: bool
    state: str = Field(description="missing, installed or damaged")
    problem: str
    download_bytes: int
    size_bytes: int
    packages: list[str]

    @classmethod
    def of(cls, status: PackStatus) -> PackOut:
        """The shape of a pack."""
        pack = status.pack
        return cls(
            id=pack.id, title=pack.title, purpose=pack.purpose, licence=pack.licence, is_required=pack.is_required,
            state=status.state, problem=status.problem, download_bytes=pack.download_bytes, size_bytes=pack.size_bytes,
            packages=[f"{wheel.package}=={wheel.version}" for wheel in pack.wheels],
        )  # fmt: skip


class RunOut(BaseModel):
    """The log of one process."""

    name: str
    mode: str
    pid: int
    started_at: datetime
    size_bytes: int
    summary: str

    @classmethod
    def of(cls, run: Run) -> RunOut:
        """The shape of a run."""
        return cls(**asdict(run))


class LineOut(BaseModel):
    """One event. Secrets have been hidden."""

    at: datetime
    level: str
    service: str
    message: str
    details: dict[str, Any]
    run: str

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """The shape of a line."""
        return cls(
            at=line.at, level=line.level, service=line.where, message=line.text, details=line.details, run=line.run
        )


class LogOut(BaseModel):
    """The last lines of a run that match, oldest first, and the runs there are."""

    items: list[LineOut]
    runs: list[RunOut]
    next_cursor: None = None


class ErrorsOut(BaseModel):
    """Warnings and errors of a span, newest first, with counts by level and by source."""

    items: list[LineOut]
    by_level: dict[str, int]
    by_source: dict[str, int]
    failed_jobs: int
    next_cursor: None = None


class BackupOut(BaseModel):
    """A backup file."""

    name: str
    size_bytes: int
    made_at: datetime
    is_daily: bool

    @classmethod
    def of(cls, backup: Backup) -> BackupOut:
        """The shape of a backup."""
        return cls(name=backup.name, size_bytes=backup.size_bytes, made_at=backup.made_at, is_daily=backup.is_daily)


class JobStarted(BaseModel):
    """The job that does what was asked for; follow it at /api/v2/jobs/{job_id}."""

    job_id: str
    state: str

    @classmethod
    def of(cls, job: Job) -> JobStarted:
        """The shape of a job that was just enqueued."""
        return cls(job_id=job.id, state=job.state)
