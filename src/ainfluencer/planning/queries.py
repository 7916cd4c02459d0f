"""Questions about weeks and slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.paging import Slice, take
from ainfluencer.planning.models import Slot, Week


async def get_week(session: AsyncSession, actor: Actor, week_id: str) -> Week:
    """One week of the actor's workspace."""
    week = await session.scalar(select(Week).where(Week.id == week_id, Week.workspace_id == actor.workspace_id))
    if not week:
        raise NotFound("There is no such week.")
    return week


async def list_weeks(session: AsyncSession, actor: Actor, *, character_id: str = "", limit: int = 20) -> Sequence[Week]:
    """Newest first."""
    query = select(Week).where(Week.workspace_id == actor.workspace_id)
    if character_id:
        query = query.where(Week.character_id == character_id)
    return (await session.scalars(query.order_by(Week.id.desc()).limit(limit))).all()


async def slots_of(session: AsyncSession, actor: Actor, week_id: str) -> Sequence[Slot]:
    """The slots of a week in order."""
    rows = await session.scalars(
        select(Slot).where(Slot.week_id == week_id, Slot.workspace_id == actor.workspace_id).order_by(Slot.position)
    )
    return rows.all()


async def get_slot(session: AsyncSession, actor: Actor, slot_id: str, *, lock: bool = False) -> Slot:
    """One slot. With `lock` nobody else changes it until this transaction ends."""
    query = select(Slot).where(Slot.id == slot_id, Slot.workspace_id == actor.workspace_id)
    slot: Slot | None = await session.scalar(query.with_for_update() if lock else query)
    if not slot:
        raise NotFound("There is no such slot.", "Look at the calendar.")
    return slot


@dataclass(frozen=True, slots=True)
class SlotFilter:
    """What to list; empty fields do not filter. `since` is included, `until` is not."""

    character_id: str = ""
    week_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool = False  # only those without a post


async def list_slots(
    session: AsyncSession, actor: Actor, wanted: SlotFilter, *, limit: int = 50, cursor: str | None = None
) -> Slice[Slot]:
    """Slots in the order of their times."""
    query = select(Slot).where(Slot.workspace_id == actor.workspace_id)
    if wanted.character_id:
        query = query.where(Slot.character_id == wanted.character_id)
    if wanted.week_id:
        query = query.where(Slot.week_id == wanted.week_id)
    if wanted.since:
        query = query.where(Slot.due_at >= wanted.since)
    if wanted.until:
        query = query.where(Slot.due_at < wanted.until)
    if wanted.is_open:
        query = query.where(Slot.post_id.is_(None))
    return await take(session, query, Slot, limit=limit, cursor=cursor, oldest_first=True, by=Slot.due_at)


async def slots_between(session: AsyncSession, actor: Actor, start: datetime, end: datetime) -> Sequence[Slot]:
    """Slots without a post yet that fall into [start, end): what the calendar shows as planned."""
    rows = await session.scalars(
        select(Slot)
        .where(Slot.workspace_id == actor.workspace_id, Slot.due_at >= start, Slot.due_at < end, Slot.post_id.is_(None))
        .order_by(Slot.due_at)
        .limit(1000)
    )
    return rows.all()
