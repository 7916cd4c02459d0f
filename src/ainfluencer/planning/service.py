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
from ainfluencer.core.errors import Conflict, InvalidInput, ProductError
from ainfluencer.engine import queries as jobs
from ainfluencer.engine import service as engine
from ainfluencer.planning import queries, times
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState
from ainfluencer.planning.schemas import NewWeek, Source, Wish, WishForSeveral
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import Face, Refusal
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import AssetState, Rating
from ainfluencer.writing.schemas import Theme

FILL = "planning.slot"


async def create_week(session: AsyncSession, actor: Actor, new: NewWeek) -> Week:
    """Plan a week and start making it (unless `only_plan`). The plan is complete at once; posts appear one by one.

    With `approve_all` the actor approves every post that passes its checks, in their own name.
    """
    from ainfluencer.writing import service as writing

    actor.require(Right.CREATE)
    if new.only_plan and new.start_now:
        raise InvalidInput(
            "A week that is only planned cannot be lived now.", "Choose one of the two.", field="start_now"
        )
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
    if new.only_plan:
        week.state = WeekState.UNFILLED
        return week
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


async def retry_week(session: AsyncSession, actor: Actor, week_id: str, source: Source = "new") -> Week:
    """Make what is missing of a week that was stopped, was only planned, or has failed slots."""
    actor.require(Right.CREATE)
    week = await queries.get_week(session, actor, week_id)
    if week.state in {WeekState.PLANNED, WeekState.MAKING}:
        raise Conflict("The week is being made already.", "Wait for it, or stop it first.")
    slots = await queries.slots_of(session, actor, week_id)
    for slot in slots:
        await _refuse_busy(session, actor, slot)
    for slot in slots:
        if slot.state != SlotState.DONE:
            slot.state, slot.error = SlotState.PLANNED, {}
    week.state = WeekState.PLANNED
    job = await engine.enqueue(
        session,
        actor,
        "planning.week",
        {"week_id": week.id, "source": source},
        title="The rest of a week",
        subject=("week", week.id),
    )
    week.job_id = job.id
    return week


async def fill_slot(session: AsyncSession, actor: Actor, slot_id: str, wish: Wish) -> Slot:
    """Start to fill one slot: with an approved picture of the library that fits, or with a new one. A job does it.

    `Conflict` when it has a post, or is being filled; `InvalidInput` for an asset that may not be used.
    """
    actor.require(Right.CREATE)
    if wish.approve:
        actor.require(Right.REVIEW)
    slot = await queries.get_slot(session, actor, slot_id, lock=True)
    if slot.post_id:
        raise Conflict("This slot has its post already.", "Edit the post, or delete it first.")
    week = await queries.get_week(session, actor, slot.week_id)
    if week.state in {WeekState.PLANNED, WeekState.MAKING}:
        raise Conflict("Its whole week is being made.", "Wait for it, or stop it first.")
    await _refuse_busy(session, actor, slot)
    for channel_id in wish.channel_ids:
        await channel_queries.get(session, actor, channel_id)
    if wish.asset_id:
        await _require_usable(session, actor, slot, wish.asset_id)
    job = await engine.enqueue(
        session,
        actor,
        FILL,
        {"slot_id": slot.id, "wish": wish.model_dump(mode="json")},
        title=f"{slot.local_day:%A}: {slot.theme}",
        subject=("slot", slot.id),
    )
    slot.job_id, slot.state, slot.error = job.id, SlotState.PLANNED, {}
    return slot


async def fill_several(session: AsyncSession, actor: Actor, wish: WishForSeveral) -> tuple[list[Slot], list[Refusal]]:
    """The same for several: each stands for itself; those that cannot are named with the reason."""
    actor.require(Right.CREATE)
    one = Wish(**wish.model_dump(exclude={"slot_ids"}))
    started: list[Slot] = []
    refused: list[Refusal] = []
    for slot_id in dict.fromkeys(wish.slot_ids):
        try:
            async with session.begin_nested():
                started.append(await fill_slot(session, actor, slot_id, one))
        except ProductError as error:
            refused.append(Refusal(id=slot_id, code=error.reason, detail=error.detail, next_step=error.next_step))
    return started, refused


async def stop_filling(session: AsyncSession, actor: Actor, slot_id: str) -> Slot:
    """Stop the job that fills a slot; `Conflict` when none does."""
    actor.require(Right.CREATE)
    slot = await queries.get_slot(session, actor, slot_id, lock=True)
    job = await jobs.find_live(session, actor, FILL, ("slot", slot.id))
    if job is None:
        raise Conflict("Nothing fills this slot now.", "There is nothing to stop.")
    await engine.cancel(session, actor, job.id, by_owner=True)
    slot.state = SlotState.PLANNED
    return slot


async def _refuse_busy(session: AsyncSession, actor: Actor, slot: Slot) -> None:
    if slot.job_id and await jobs.find_live(session, actor, FILL, ("slot", slot.id)):
        raise Conflict(f"“{slot.theme}” is being filled already.", "Wait for it, or stop it first.")


async def _require_usable(session: AsyncSession, actor: Actor, slot: Slot, asset_id: str) -> None:
    asset = await studio.get_asset(session, actor, asset_id)
    if asset.state != AssetState.APPROVED or asset.rating == Rating.ADULT or asset.kind != "image":
        raise InvalidInput(
            "This is no approved picture.", "Approve it in the library first, or choose another.", field="asset_id"
        )
    if asset.character_id not in {None, slot.character_id}:
        raise InvalidInput("This picture belongs to another character.", "Choose another picture.", field="asset_id")
