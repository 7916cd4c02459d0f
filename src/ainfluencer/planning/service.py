"""Verbs on weeks: plan one, start making it, stop it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channel_queries
from ainfluencer.channels import service as channels
from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict
from ainfluencer.engine import service as engine
from ainfluencer.planning import queries, times
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState
from ainfluencer.planning.schemas import NewWeek
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import Face
from ainfluencer.writing import service as writing
from ainfluencer.writing.schemas import Theme


async def create_week(session: AsyncSession, actor: Actor, new: NewWeek) -> Week:
    """Plan a week and start making it. The plan is complete at once; posts appear one by one.

    With `approve_all` the actor approves every post that passes its checks, in their own name.
    """
    actor.require(Right.CREATE)
    if new.approve_all:
        actor.require(Right.REVIEW)
    sheet = await characters.sheet(session, actor, new.character_id)
    for channel_id in new.channel_ids:
        await channel_queries.get(session, actor, channel_id)
    seed = new.seed if new.seed is not None else secrets.randbelow(2**31)
    week = Week(
        workspace_id=actor.workspace_id,
        character_id=sheet.id,
        starts_on=new.starts_on or times.first_day(sheet.timezone),
        days=new.days,
        timezone=sheet.timezone,
        channel_ids=list(dict.fromkeys(new.channel_ids)) or [await built_in_channel(session, actor, sheet.id)],
        approve_all=new.approve_all,
        start_now=new.start_now,
        seed=seed,
    )
    session.add(week)
    await session.flush()
    session.add_all(_slots(week, sheet, writing.themes(sheet, new.days, seed)))
    job = await engine.enqueue(
        session,
        actor,
        "planning.week",
        {"week_id": week.id},
        key=f"week:{week.id}",
        title=f"A week of {sheet.name}",
        subject=("week", week.id),
    )
    week.job_id = job.id
    return week


async def built_in_channel(session: AsyncSession, actor: Actor, character_id: str) -> str:
    """The id of the character's channel on the local network, made when it is not there yet."""
    actor.require(Right.CREATE)
    return (await channels.ensure_built_in(session, actor, character_id)).id


async def face_of(session: AsyncSession, actor: Actor, character_id: str) -> Face:
    """The name, zone and picture of a character that a week may be made for; `NotFound` otherwise."""
    character = await characters.get(session, actor, character_id)
    return (await publishing.faces(session, actor, [character.id]))[character.id]


def _slots(week: Week, sheet: CharacterSheet, themes: Sequence[Theme]) -> list[Slot]:
    if week.start_now:
        # The local day and time are filled in when the post is ready; until then the plan shows today, now.
        here = clock.now().astimezone(clock.zone(sheet.timezone))
        when = [(here.date(), here.time().replace(second=0, microsecond=0))] * len(themes)
    else:
        when = times.local_times([t.format for t in themes], week.starts_on, week.seed)
    slots = []
    for position, (theme, (day, at)) in enumerate(zip(themes, when, strict=True)):
        due_at, note = (clock.now(), "") if week.start_now else clock.local_to_utc(day, at, sheet.timezone)
        slots.append(
            Slot(
                workspace_id=week.workspace_id,
                week_id=week.id,
                character_id=sheet.id,
                position=position,
                local_day=day,
                local_time=f"{at:%H:%M}",
                due_at=due_at,
                note=note,
                theme=theme.title,
                angle=theme.angle,
                format=theme.format,
                mood=theme.mood,
            )
        )
    return slots


def move_to(slot: Slot, due_at: datetime, zone_name: str) -> None:
    """Give the slot another instant, shown in that zone."""
    here = due_at.astimezone(clock.zone(zone_name))
    slot.due_at, slot.local_day, slot.local_time = due_at, here.date(), f"{here:%H:%M}"


async def cancel_week(session: AsyncSession, actor: Actor, week_id: str) -> Week:
    """Stop making; posts that are done stay in review or on their way."""
    actor.require(Right.CREATE)
    week = await queries.get_week(session, actor, week_id)
    if week.state not in {WeekState.PLANNED, WeekState.MAKING}:
        raise Conflict(f"The week is already {week.state}.", "There is nothing to stop.")
    week.state = WeekState.CANCELLED
    if week.job_id:
        await engine.cancel(session, actor, week.job_id, by_owner=True)
    return week


async def retry_week(session: AsyncSession, actor: Actor, week_id: str) -> Week:
    """Make what is missing of a week that was stopped or has failed slots."""
    actor.require(Right.CREATE)
    week = await queries.get_week(session, actor, week_id)
    if week.state in {WeekState.PLANNED, WeekState.MAKING}:
        raise Conflict("The week is being made already.", "Wait for it, or stop it first.")
    for slot in await queries.slots_of(session, actor, week_id):
        if slot.state != SlotState.DONE:
            slot.state, slot.error = SlotState.PLANNED, {}
    week.state = WeekState.PLANNED
    job = await engine.enqueue(
        session, actor, "planning.week", {"week_id": week.id}, title="The rest of a week", subject=("week", week.id)
    )
    week.job_id = job.id
    return week
