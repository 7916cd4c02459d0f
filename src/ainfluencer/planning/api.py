"""Weeks and their slots over the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BaseModel

from ainfluencer.api.schemas import Paged
from ainfluencer.planning import queries, reading, service
from ainfluencer.planning.queries import SlotFilter
from ainfluencer.planning.schemas import Filling, NewWeek, SlotOut, SlotPage, Source, WeekOut, Wish, WishForSeveral
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["planning"])


class Continuation(BaseModel):
    """What the missing posts are made from."""

    source: Source = "new"


class WeekList(BaseModel):
    """Weeks, newest first."""

    items: list[WeekOut]
    next_cursor: str | None = None


@router.post("/weeks", status_code=202)
async def create(new: NewWeek, session: Write, actor: Who) -> WeekOut:
    """Plan a week and start making it; follow it here or at its job."""
    week = await service.create_week(session, actor, new)
    return await reading.week_out(session, actor, week)


@router.get("/weeks")
async def index(session: Read, actor: Who, character_id: str = "") -> WeekList:
    """The latest twenty."""
    return WeekList(items=await reading.weeks_out(session, actor, character_id))


@router.get("/weeks/{week_id}")
async def show(week_id: str, session: Read, actor: Who) -> WeekOut:
    """A week with its slots and the posts made so far."""
    return await reading.week_out(session, actor, await reading.get_week(session, actor, week_id))


@router.post("/weeks/{week_id}/cancellation")
async def cancel(week_id: str, session: Write, actor: Who) -> WeekOut:
    """Stop making it; posts that are done stay."""
    return await reading.week_out(session, actor, await service.cancel_week(session, actor, week_id))


@router.post("/weeks/{week_id}/continuation", status_code=202)
async def go_on(week_id: str, session: Write, actor: Who, body: Continuation | None = None) -> WeekOut:
    """Make what is missing."""
    week = await service.retry_week(session, actor, week_id, body.source if body else "new")
    return await reading.week_out(session, actor, week)


@router.get("/slots")
async def list_slots(
    session: Read,
    actor: Who,
    page: Paged,
    *,
    character: str = "",
    week: str = "",
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    open_only: Annotated[bool, Query(alias="open", description="only those without a post")] = False,
) -> SlotPage:
    """Planned moments, in the order of their times."""
    wanted = SlotFilter(character, week, since, until, open_only)
    found = await queries.list_slots(session, actor, wanted, limit=page.limit, cursor=page.cursor)
    return SlotPage(items=[reading.slot_out(slot) for slot in found.items], next_cursor=found.next_cursor)


@router.post("/slots/fillings", status_code=202)
async def fill_several(body: WishForSeveral, session: Write, actor: Who) -> Filling:
    """Fill several slots (SCH-010); each stands for itself and has a job of its own."""
    started, refused = await service.fill_several(session, actor, body)
    return Filling(started=[reading.slot_out(slot) for slot in started], refused=refused)


@router.get("/slots/{slot_id}")
async def show_slot(slot_id: str, session: Read, actor: Who) -> SlotOut:
    """One slot, and the post that it got."""
    return reading.slot_out(await queries.get_slot(session, actor, slot_id))


@router.post("/slots/{slot_id}/filling", status_code=202)
async def fill_slot(slot_id: str, session: Write, actor: Who, body: Wish | None = None) -> SlotOut:
    """Find an approved picture in the library or make one, write to it for each channel, and hand it to review (SCH-009)."""
    return reading.slot_out(await service.fill_slot(session, actor, slot_id, body or Wish()))


@router.delete("/slots/{slot_id}/filling")
async def stop_filling(slot_id: str, session: Write, actor: Who) -> SlotOut:
    """Stop filling it."""
    return reading.slot_out(await service.stop_filling(session, actor, slot_id))
