"""Jobs as people see them, their log lines, and the workers that execute them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.core import clock
from ainfluencer.db.base import Base, Json, WorkspaceOwned


class JobState(StrEnum):
    """Where a job stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (JobState.PENDING, JobState.RUNNING)
TERMINAL = (JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED)


class Job(WorkspaceOwned, Base):
    """One piece of durable work. This row is the truth; the engine underneath only executes it.

    `rev` rises whenever the job is moved or tried again, so that an older execution finds itself superseded.
    `handed` says whether this rev has been given to the engine underneath.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_jobs_listing", "workspace_id", "id"),
        Index("ix_jobs_listing_front", "workspace_id", "is_background", "id"),
        Index("ix_jobs_listing_state", "workspace_id", "state", "id"),
        Index("ix_jobs_listing_kind", "workspace_id", "kind", "id"),
        Index("ix_jobs_subject", "workspace_id", "subject_kind", "subject_id", "id"),
        Index("ix_jobs_due", "state", "handed", "run_at"),
        Index("ix_jobs_finished", "state", "finished_at"),
    )

    kind: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200), default="")
    queue: Mapped[str] = mapped_column(String(20))
    key: Mapped[str | None] = mapped_column(String(200), default=None)
    partition: Mapped[str] = mapped_column(String(80), default="")
    priority: Mapped[int] = mapped_column(Integer, default=5)
    is_background: Mapped[bool] = mapped_column(Boolean, default=False)  # of its kind, when it was queued
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor: Mapped[dict[str, Any]] = mapped_column(default=dict)

    state: Mapped[JobState] = mapped_column(String(12), default=JobState.PENDING)
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    message: Mapped[str] = mapped_column(String(300), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    error: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    usage: Mapped[dict[str, Any]] = mapped_column(default=dict)

    subject_kind: Mapped[str] = mapped_column(String(40), default="")
    subject_id: Mapped[str] = mapped_column(String(80), default="")
    retry_of: Mapped[str] = mapped_column(String(26), default="")

    run_at: Mapped[datetime] = mapped_column(default=clock.now)
    rev: Mapped[int] = mapped_column(Integer, default=1)
    handed: Mapped[bool] = mapped_column(Boolean, default=False)
    attempt: Mapped[int] = mapped_column(Integer, default=0)  # executions begun, also after a crash
    failures: Mapped[int] = mapped_column(Integer, default=0)  # tries that ended in an error worth another try
    crashes: Mapped[int] = mapped_column(Integer, default=0)  # executions that ended with their process
    worker: Mapped[str] = mapped_column(String(120), default="")
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class JobLog(Base):
    """One line that a job wrote: its own words, or a progress update (level "progress").

    Numbered by the database: ids by time would not keep the order of lines written within one millisecond.
    """

    __tablename__ = "job_logs"
    __table_args__ = (Index("ix_job_logs_listing", "job_id", "number"),)

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(26), ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[str] = mapped_column(String(26), ForeignKey("jobs.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    level: Mapped[str] = mapped_column(String(10))
    message: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Worker(Base):
    """A process that executes or serves, and when it was last seen. Not a workspace's: the instance's."""

    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    mode: Mapped[str] = mapped_column(String(12))
    host: Mapped[str] = mapped_column(String(200), default="")
    pid: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
