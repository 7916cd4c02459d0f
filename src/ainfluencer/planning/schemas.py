"""What a week is asked for with, and what it looks like from outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field


class NewWeek(BaseModel):
    """A request for a week. No channel means the built-in one."""

    character_id: str
    days: int = Field(7, ge=1, le=31)
    starts_on: date | None = None
    channel_ids: list[str] = Field([], max_length=20)
    approve_all: bool = False
    start_now: bool = False
    seed: int | None = Field(None, ge=0, lt=2**31)


class MediaOut(BaseModel):
    """One picture of a post."""

    path: str
    kind: str
    width: int
    height: int
    alt_text: str
    sha256: str
    scores: dict[str, Any]
    provenance: dict[str, Any]


class PostOut(BaseModel):
    """One post of a week, in the shape that scripts rely on."""

    id: str
    slot: str
    caption: str
    hashtags: list[str]
    state: str
    channel: str
    url: str
    media: list[MediaOut]


class SlotOut(BaseModel):
    """One slot and how far it has come."""

    id: str
    position: int
    due_at: datetime
    local_day: date
    local_time: str
    note: str
    theme: str
    format: str
    mood: str
    state: str
    post_id: str | None
    error: dict[str, Any]


class WeekOut(BaseModel):
    """A week, its character, its slots and the posts made so far."""

    id: str
    state: str
    job_id: str | None
    timezone: str
    starts_on: date
    days: int
    character: dict[str, Any]
    slots: list[SlotOut]
    posts: list[PostOut]
