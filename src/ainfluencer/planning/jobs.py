"""Makes a week, post by post. After a crash it goes on where the rows say it stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core import clock
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun, job
from ainfluencer.planning import making, queries, service
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState

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
    for slot in slots:
        if slot.state == SlotState.DONE:
            continue
        await run.progress(slot.position / len(slots), f"{_name(slot)}: writing", slot=slot.position)
        try:
            used.append(await _make_slot(run, week, slot, sheet, used))
        except ProductError as error:
            await _fail(run, slot, error)
    return await _finish(run, week_id, len(slots))


async def _make_slot(run: JobRun, week: Week, slot: Slot, sheet: CharacterSheet, used: list[str]) -> str:
    """Bring one slot to a post; returns the text that the next slots must not repeat."""
    await _set(run, slot.id, SlotState.WRITING)
    written = await making.write(run.actor, sheet, slot, used, week)
    await run.progress((slot.position + 0.4) / week.days, f"{_name(slot)}: making the picture", slot=slot.position)
    await _set(run, slot.id, SlotState.PICTURING)
    pictured = await making.picture(run.actor, sheet, slot, written, week)
    await run.progress((slot.position + 0.8) / week.days, f"{_name(slot)}: handing over", slot=slot.position)
    async with database().writing() as session:
        row = await queries.get_slot(session, run.actor, slot.id)
        if week.start_now:
            service.move_to(row, await _next_instant(run, week, session), week.timezone)
        post = await making.hand_over(session, run.actor, sheet, row, week, written, pictured)
        row.post_id, row.run_id, row.state = post.id, pictured.run_id, SlotState.DONE
    await run.log("info", f"{_name(slot)}: {post.state}", post_id=post.id, slot=slot.position)
    return written.text


async def _next_instant(run: JobRun, week: Week, session: Any) -> Any:
    slots = await queries.slots_of(session, run.actor, week.id)
    latest = max((s.due_at for s in slots if s.state == SlotState.DONE), default=None)
    soon = clock.from_now(seconds=LIVE_GAP_SECONDS / 2)
    return soon if latest is None else max(soon, latest + timedelta(seconds=LIVE_GAP_SECONDS))


async def _set(run: JobRun, slot_id: str, state: SlotState) -> None:
    async with database().writing() as session:
        (await queries.get_slot(session, run.actor, slot_id)).state = state


async def _fail(run: JobRun, slot: Slot, error: ProductError) -> None:
    async with database().writing() as session:
        row = await queries.get_slot(session, run.actor, slot.id)
        row.state = SlotState.FAILED
        row.error = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    await run.log("error", f"{_name(slot)}: {error.detail}", next_step=error.next_step, slot=slot.position)


async def _finish(run: JobRun, week_id: str, total: int) -> dict[str, Any]:
    async with database().writing() as session:
        week = await queries.get_week(session, run.actor, week_id)
        done = sum(s.state == SlotState.DONE for s in await queries.slots_of(session, run.actor, week_id))
        week.state = WeekState.READY if done else WeekState.FAILED
    await run.progress(1, f"{done} of {total} posts are ready")
    return {"week_id": week_id, "posts": done, "failed": total - done}


def _name(slot: Slot) -> str:
    return f"{slot.local_day:%A} · {slot.theme}"
