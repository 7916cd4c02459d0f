"""How a slot gets its post: words, a picture from the library or a new one, and the hand-over into review."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun
from ainfluencer.library import fitting
from ainfluencer.planning import making, queries, service
from ainfluencer.planning.making import Aim, Words
from ainfluencer.planning.models import Slot, SlotState
from ainfluencer.planning.schemas import Wish
from ainfluencer.publishing import service as publishing
from ainfluencer.quality.drawing import Drawn
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset, AssetState
from ainfluencer.writing.schemas import Candidate

Say = Callable[[float, str], Awaitable[None]]
"""Tells how far it is: 0..1 of this slot, and what is done now."""
When = Callable[[AsyncSession, Slot], Awaitable[datetime]]
"""When the post is due, asked right before it is handed over."""


async def fill(
    run: JobRun, slot: Slot, sheet: CharacterSheet, aim: Aim, wish: Wish, used: Iterable[str], say: Say, when: When
) -> str:
    """Bring one slot to a post; returns the text that the next slots must not repeat."""
    await set_state(run.actor, slot.id, SlotState.WRITING)
    asset = None
    if wish.source != "new":
        await say(0.0, "looking through the library")
        asset = await _from_library(run.actor, slot, wish)
    await say(0.1, "writing")
    shows = asset.alt_text or asset.title if asset else ""
    words = await making.write(run.actor, sheet, slot, used, aim, shows=shows)
    if asset:
        drawn, words = await _set_of(run.actor, asset), _without_poster(words)
    else:
        await say(0.4, "making the picture")
        await set_state(run.actor, slot.id, SlotState.PICTURING)
        drawn = await making.picture(run.actor, sheet, slot, words, aim)
    await say(0.8, "handing over")
    async with database().writing() as session:
        row = await queries.get_slot(session, run.actor, slot.id, lock=True)
        if row.post_id:
            return words.text  # somebody was quicker
        service.move_to(row, await when(session, row), aim.timezone)
        post = await making.hand_over(session, run.actor, sheet, row, aim, words, drawn)
        row.post_id, row.run_id, row.state = post.id, drawn.run_id or None, SlotState.DONE
        row.filled_from, row.error = "library" if asset else "new", {}
    await run.log("info", f"{name_of(slot)}: {post.state}", post_id=post.id, slot=slot.position)
    return words.text


async def planned_time(session: AsyncSession, actor: Actor, slot: Slot, aim: Aim) -> datetime:
    """The slot's own time or, where one of its channels takes no other post then, the next free one."""
    if slot.due_at < clock.now():
        return slot.due_at  # it has passed: approving the post says what to do
    free_at = await publishing.free_time(session, actor, aim.channel_ids, slot.due_at)
    if free_at != slot.due_at:
        local = slot.due_at.astimezone(clock.zone(aim.timezone))
        slot.note = f"{local:%a %d %b, %H:%M} was taken on one of its channels: moved to the next free time."
    return free_at


async def set_state(actor: Actor, slot_id: str, state: SlotState) -> None:
    """Say where the slot stands."""
    async with database().writing() as session:
        (await queries.get_slot(session, actor, slot_id)).state = state


async def note_failure(run: JobRun, slot: Slot, error: ProductError) -> None:
    """The slot stays without a post, and says why."""
    async with database().writing() as session:
        row = await queries.get_slot(session, run.actor, slot.id)
        row.state = SlotState.FAILED
        row.error = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    await run.log("error", f"{name_of(slot)}: {error.detail}", next_step=error.next_step, slot=slot.position)


def name_of(slot: Slot) -> str:
    """As jobs and logs call it."""
    return f"{slot.local_day:%A} · {slot.theme}"


def plan_of(slot: Slot) -> fitting.Plan:
    """What to look for in the library."""
    return fitting.Plan(slot.character_id, slot.theme, slot.angle, slot.format, making.category_of(slot))


async def _from_library(actor: Actor, slot: Slot, wish: Wish) -> Asset | None:
    async with database().reading() as session:
        if wish.asset_id:
            return await studio.get_asset(session, actor, wish.asset_id)
        found = await fitting.usable(session, actor, plan_of(slot))
    asset = await fitting.best(plan_of(slot), found)
    if asset is None and wish.source == "library":
        raise NotFound(
            f"No approved picture in the library is about “{slot.theme}”.",
            "Approve one that is, choose one by hand, or let a new one be made.",
        )
    return asset


async def _set_of(actor: Actor, asset: Asset) -> Drawn:
    """The asset with the other pages of its set, as far as they are approved too."""
    if not asset.run_id:
        return Drawn("", (asset.id,), ())
    async with database().reading() as session:
        pages = await studio.assets_of_run(session, actor, asset.run_id)
    ids = tuple(page.id for page in pages if page.state == AssetState.APPROVED or page.id == asset.id)
    return Drawn(asset.run_id, ids if asset.id in ids else (asset.id,), ())


def _without_poster(words: Words) -> Words:
    """The picture exists, so none of the candidates brings words for another one."""
    candidates = tuple(_plain(one) for one in words.written.candidates)
    return Words(words.written.model_copy(update={"candidates": candidates}), _plain(words.candidate))


def _plain(one: Candidate) -> Candidate:
    return Candidate(
        caption=one.caption,
        hashtags=one.hashtags,
        alt_text=one.alt_text,
        score=one.score,
        reasons=one.reasons,
        source=one.source,
        needs_person=one.needs_person,
    )
