"""Weeks over the API."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from ainfluencer.planning import reading, service
from ainfluencer.planning.schemas import NewWeek, WeekOut
from ainfluencer.web.deps import Read, Who, Write

router = APIRouter(prefix="/api/v2/weeks", tags=["planning"])


class WeekList(BaseModel):
    """Weeks, newest first."""

    items: list[WeekOut]
    next_cursor: str | None = None


@router.post("", status_code=202)
async def create(new: NewWeek, session: Write, actor: Who) -> WeekOut:
    """Plan a week and start making it; follow it here or at its job."""
    week = await service.create_week(session, actor, new)
    return await reading.week_out(session, actor, week)


@router.get("")
async def index(session: Read, actor: Who, character_id: str = "") -> WeekList:
    """The latest twenty."""
    return WeekList(items=await reading.weeks_out(session, actor, character_id))


@router.get("/{week_id}")
async def show(week_id: str, session: Read, actor: Who) -> WeekOut:
    """A week with its slots and the posts made so far."""
    return await reading.week_out(session, actor, await reading.get_week(session, actor, week_id))


@router.post("/{week_id}/cancellation")
async def cancel(week_id: str, session: Write, actor: Who) -> WeekOut:
    """Stop making it; posts that are done stay."""
    return await reading.week_out(session, actor, await service.cancel_week(session, actor, week_id))


@router.post("/{week_id}/continuation", status_code=202)
async def go_on(week_id: str, session: Write, actor: Who) -> WeekOut:
    """Make what is missing."""
    return await reading.week_out(session, actor, await service.retry_week(session, actor, week_id))
