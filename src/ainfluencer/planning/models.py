"""A week is a plan for one character; a slot is one place in it, in the character's own time."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class WeekState(StrEnum):
    """Where a week stands."""

    PLANNED = "planned"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"  # planned only: its slots are filled one by one


class SlotState(StrEnum):
    """Where a slot stands."""

    PLANNED = "planned"
    WRITING = "writing"
    PICTURING = "picturing"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"


class Week(WorkspaceOwned, Base):
    """Some days of one character's posts."""

    __tablename__ = "weeks"

    character_id: Mapped[str] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    starts_on: Mapped[date] = mapped_column(Date)
    days: Mapped[int] = mapped_column(Integer)
    timezone: Mapped[str] = mapped_column(String(64))
    channel_ids: Mapped[list[str]] = mapped_column(default=list)
    approve_all: Mapped[bool] = mapped_column(Boolean, default=False)
    start_now: Mapped[bool] = mapped_column(Boolean, default=False)
    seed: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[WeekState] = mapped_column(String(16), default=WeekState.PLANNED)
    job_id: Mapped[str | None] = mapped_column(String(26), default=None)


class Slot(WorkspaceOwned, Base):
    """One post to be: when, about what, in which form, and what became of it."""

    __tablename__ = "slots"
    __table_args__ = (Index("ix_slots_workspace_id_due_at", "workspace_id", "due_at"),)

    week_id: Mapped[str] = mapped_column(ForeignKey("weeks.id", ondelete="CASCADE"), index=True)
    character_id: Mapped[str] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    local_day: Mapped[date] = mapped_column(Date)
    local_time: Mapped[str] = mapped_column(String(5))  # HH:MM in the week's zone
    due_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")  # what the clock did to it
    theme: Mapped[str] = mapped_column(String(200))
    angle: Mapped[str] = mapped_column(String(200), default="")
    format: Mapped[str] = mapped_column(String(16))
    mood: Mapped[str] = mapped_column(String(16), default="calm")
    state: Mapped[SlotState] = mapped_column(String(16), default=SlotState.PLANNED)
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), default=None)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), index=True, default=None)
    job_id: Mapped[str | None] = mapped_column(String(26), default=None)  # that fills this slot alone
    filled_from: Mapped[str] = mapped_column(String(10), default="")  # library | new
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)
