"""Questions about weeks and slots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
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


async def get_slot(session: AsyncSession, actor: Actor, slot_id: str) -> Slot:
    """One slot."""
    slot = await session.scalar(select(Slot).where(Slot.id == slot_id, Slot.workspace_id == actor.workspace_id))
    if not slot:
        raise NotFound("There is no such slot.")
    return slot


async def slots_between(session: AsyncSession, actor: Actor, start: datetime, end: datetime) -> Sequence[Slot]:
    """Slots without a post yet that fall into [start, end): what the calendar shows as planned."""
    rows = await session.scalars(
        select(Slot)
        .where(Slot.workspace_id == actor.workspace_id, Slot.due_at >= start, Slot.due_at < end, Slot.post_id.is_(None))
        .order_by(Slot.due_at)
        .limit(1000)
    )
    return rows.all()
