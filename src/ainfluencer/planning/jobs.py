"""Makes a week, post by post, or fills one slot. After a crash it goes on where the rows say it stopped."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters import queries as characters
from ainfluencer.core import clock
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun, job
from ainfluencer.planning import filling, making, queries, service
from ainfluencer.planning.filling import name_of
from ainfluencer.planning.making import Aim
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState
from ainfluencer.planning.schemas import Wish
from ainfluencer.publishing import service as publishing

LIVE_GAP_SECONDS = 4  # between two posts of a week that is lived while one watches


@job("planning.week", queue="make", title="Make a week", owned="week")
async def make_week(run: JobRun) -> dict[str, Any]:
    """Write, picture, check and hand over each slot of one week."""
    week_id = run.payload["week_id"]
    async with database().writing() as session:
        week = await queries.get_week(session, run.actor, week_id)
        if week.state == WeekState.CANCELLED:
            return {"posts": 0}
        week.state = WeekState.MAKING
        sheet = await characters.sheet(session, run.actor, week.character_id)
        slots = list(await queries.slots_of(session, run.actor, week_id))
        used = await making.texts_used(session, run.actor, sheet.id)
    aim, wish = Aim.of(week), Wish(source=run.payload.get("source", "new"))
    for slot in slots:
        if slot.state == SlotState.DONE:
            continue

        async def say(part: float, words: str, slot: Slot = slot) -> None:
            await run.progress((slot.position + part) / len(slots), f"{name_of(slot)}: {words}", slot=slot.position)

        async def when(session: AsyncSession, row: Slot) -> datetime:
            if week.start_now:
                return await _next_instant(run, week, session)
            return await filling.planned_time(session, run.actor, row, aim)

        try:
            used.append(await filling.fill(run, slot, sheet, aim, wish, used, say, when))
        except ProductError as error:
            await filling.note_failure(run, slot, error)
    return await _finish(run, week_id, len(slots))


@job(service.FILL, queue="make", title="Fill a slot", owned="slot")
async def fill_slot(run: JobRun) -> dict[str, Any]:
    """Find or make the content of one slot and hand its post over."""
    wish = Wish.model_validate(run.payload["wish"])
    async with database().reading() as session:
        slot = await queries.get_slot(session, run.actor, run.payload["slot_id"])
        week = await queries.get_week(session, run.actor, slot.week_id)
        sheet = await characters.sheet(session, run.actor, slot.character_id)
        used = await making.texts_used(session, run.actor, sheet.id)
    if slot.post_id:
        return {"post_id": slot.post_id}
    aim = Aim(tuple(wish.channel_ids) or tuple(week.channel_ids), week.timezone, wish.approve, week.seed)

    async def say(part: float, words: str) -> None:
        await run.progress(part, words.capitalize())

    async def when(session: AsyncSession, row: Slot) -> datetime:
        return await filling.planned_time(session, run.actor, row, aim)

    try:
        await filling.fill(run, slot, sheet, aim, wish, used, say, when)
    except ProductError as error:
        await filling.note_failure(run, slot, error)
        raise
    async with database().writing() as session:
        slots = await queries.slots_of(session, run.actor, week.id)
        if all(one.post_id for one in slots):
            (await queries.get_week(session, run.actor, week.id)).state = WeekState.READY
    filled = next(one for one in slots if one.id == slot.id)
    return {"post_id": filled.post_id, "filled_from": filled.filled_from}


async def _next_instant(run: JobRun, week: Week, session: AsyncSession) -> datetime:
    """In a moment, a little after the post before, and not before its channels take one more."""
    slots = await queries.slots_of(session, run.actor, week.id)
    latest = max((s.due_at for s in slots if s.state == SlotState.DONE), default=None)
    soon = clock.from_now(seconds=LIVE_GAP_SECONDS / 2)
    at = soon if latest is None else max(soon, latest + timedelta(seconds=LIVE_GAP_SECONDS))
    return await publishing.free_time(session, run.actor, week.channel_ids, at)


async def _finish(run: JobRun, week_id: str, total: int) -> dict[str, Any]:
    async with database().writing() as session:
        week = await queries.get_week(session, run.actor, week_id)
        done = sum(s.state == SlotState.DONE for s in await queries.slots_of(session, run.actor, week_id))
        week.state = WeekState.READY if done else WeekState.FAILED
    await run.progress(1, f"{done} of {total} posts are ready")
    return {"week_id": week_id, "posts": done, "failed": total - done}
