"""What a week is asked for with, and what it looks like from outside."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.publishing.schemas import Refusal


class NewWeek(BaseModel):
    """A request for a week. No channel means the built-in one. `only_plan`: its slots are filled one by one, later."""

    character_id: str
    days: int = Field(7, ge=1, le=31)
    starts_on: date | None = None
    channel_ids: list[str] = Field([], max_length=20)
    approve_all: bool = False
    start_now: bool = False
    only_plan: bool = False
    seed: int | None = Field(None, ge=0, lt=2**31)


Source = Literal["either", "library", "new"]


class Wish(BaseModel):
    """How a slot is to be filled.

    `library`: with an approved picture that fits (`asset_id` names one); `new`: with a new one; `either`: with one that
    fits, else a new one. No channel means those of its week. `approve`: the actor approves the post unless it is held.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source = "either"
    asset_id: str = Field("", max_length=26)
    channel_ids: tuple[str, ...] = Field((), max_length=20)
    approve: bool = False


class WishForSeveral(Wish):
    """The same for several slots; each stands for itself."""

    slot_ids: tuple[str, ...] = Field(min_length=1, max_length=100)


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
    week_id: str
    character_id: str
    position: int
    due_at: datetime
    local_day: date
    local_time: str
    note: str
    theme: str
    angle: str
    format: str
    mood: str
    state: str
    post_id: str | None
    job_id: str | None
    filled_from: str
    error: dict[str, Any]


class SlotPage(BaseModel):
    """Slots in the order of their times."""

    items: list[SlotOut]
    next_cursor: str | None


class Filling(BaseModel):
    """Slots that are being filled now, and why others are not."""

    started: list[SlotOut]
    refused: list[Refusal]


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
