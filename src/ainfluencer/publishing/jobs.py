"""Durable work of publishing: deliver, withdraw, and the round that leaves no delivery without a job."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from ainfluencer.channels import registry, visits
from ainfluencer.channels import service as channels
from ainfluencer.channels.events import ChannelConnected
from ainfluencer.channels.visits import Beat
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import settings
from ainfluencer.core.errors import Conflict, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import jobs, policy
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import LIVE, Job, JobState
from ainfluencer.integrations.manifest import Capability
from ainfluencer.publishing import content, delivery, delivery_states, overlay, queries
from ainfluencer.publishing.delivery_states import OPEN, DeliveryState
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.service import records, redrawing, scheduling, standing, withdrawing
from ainfluencer.quality import drawing
from ainfluencer.quality.drawing import Drawn
from ainfluencer.studio import queries as studio
from ainfluencer.studio.schemas import NewRun, PosterRecipe, recipe_of

MOST_RESCUES = 5
BATCH = 200

jobs.job(scheduling.JOB, queue="publish", title="Publish", owned="post")(delivery.deliver)


@jobs.job(redrawing.JOB, queue="make", title="Draw a picture with other words", owned="post")
async def redraw(run: jobs.JobRun) -> dict[str, Any]:
    """Draw a post's picture with its new words, look at it, and put it into the post."""
    post_id, run_id, ids = run.payload["post_id"], run.payload["run_id"], run.payload["asset_ids"]
    async with database().reading() as session:
        post = await queries.get(session, run.actor, post_id)
        shown = await overlay.find(session, run.actor, await content.load(session, post))
        asked = await studio.get_run(session, run.actor, run_id)
        recipe, alt_text = recipe_of(asked.recipe), str(asked.recipe["alt_text"])
    if not isinstance(recipe, PosterRecipe) or post.drawing_job_id != run.id:
        return {"outcome": "superseded"}
    if shown is None:  # other pictures were chosen: there is nothing to draw in place of
        return {"outcome": await _put(run, Drawn("", (), ()))}
    await run.progress(0.1, "Drawing the picture with the new words")

    def ask(attempt: int, avoid: Sequence[str]) -> NewRun:
        return shown.request(recipe.text, alt_text, attempt, tuple(avoid))

    drawn = await drawing.draw(
        run.actor, ask, character_id=shown.assets[0].character_id, redraws=ids, first_run_id=run_id
    )
    await run.progress(0.9, "Putting it into the post")
    return {"outcome": await _put(run, drawn), "run_id": drawn.run_id, "asset_ids": list(drawn.asset_ids)}


async def _put(run: jobs.JobRun, drawn: Drawn) -> str:
    async with database().writing() as session:
        return await redrawing.finish(
            session, run.actor, run.id, run.payload["post_id"], run.payload["asset_ids"], drawn
        )


@jobs.job(withdrawing.JOB, queue="publish", title="Delete a post from its channel", owned="post")
async def withdraw(run: jobs.JobRun) -> dict[str, Any]:
    """Delete one public delivery; a post that is gone already counts as deleted, so doing it twice is safe."""
    async with database().reading() as session:
        row = await queries.get_delivery(session, run.actor, run.payload["delivery_id"])
    if row.state != DeliveryState.PUBLISHED:
        return {"state": str(row.state)}
    adapter = registry.require(row.platform, Capability.WITHDRAW)
    try:
        link = await channels.open_link(run.actor, row.channel_id)
        await adapter.withdraw(link, row.remote_id)
    except ProductError as error:
        await _not_withdrawn(run, row.id, error)
        raise
    async with database().writing() as session:
        row = await queries.get_delivery(session, run.actor, row.id, lock=True)
        row.state = delivery_states.move(row.state, DeliveryState.WITHDRAWN)
        row.still_live = ""
        standing.announce(session, await queries.get(session, run.actor, row.post_id))
    return {"state": "withdrawn"}


async def _not_withdrawn(run: jobs.JobRun, delivery_id: str, error: ProductError) -> None:
    async with database().writing() as session:
        row = await queries.get_delivery(session, run.actor, delivery_id, lock=True)
        row.still_live = f"{error.detail} {error.next_step}"


@jobs.on(ChannelConnected, background=True)
async def resume_held(run: jobs.JobRun, event: ChannelConnected) -> dict[str, Any]:
    """The account was connected again: send what waited for that, as long as it is not late."""
    paused = {
        kind.code for kind, rule in policy.RULES.items() if rule.action is policy.Action.PAUSE and hasattr(kind, "code")
    }
    fresh = clock.now() - timedelta(minutes=settings().late_minutes)
    async with database().writing() as session:
        rows = await session.scalars(
            select(Delivery).where(
                Delivery.workspace_id == run.workspace_id,
                Delivery.channel_id == event.channel_id,
                Delivery.state == DeliveryState.NEEDS_PERSON,
                Delivery.is_unknown.is_(False),
                Delivery.due_at > fresh,
            )
        )
        ids = [row.id for row in rows if row.last_error.get("code") in paused | {"channel_not_usable"}]
        waiting = [await queries.get_delivery(session, run.actor, delivery_id, lock=True) for delivery_id in ids]
        for row in waiting:
            await scheduling.arm(session, run.actor, row, row.due_at)
            await standing.refresh(session, await queries.get(session, run.actor, row.post_id, lock=True))
    return {"resumed": len(waiting)}


@jobs.every("publishing.pulse", seconds=3)
async def pulse() -> None:
    """Channels that published lately are visited at the pace at which people react. Nothing is queued before it is due."""
    now = clock.now()
    async with database().reading() as session:
        found = await queries.pulses(session, now)
    await visits.after_posts([Beat(one.channel_id, one.workspace_id, one.platform, one.bucket(now)) for one in found])


@jobs.every("publishing.rescue", seconds=15)
async def rescue() -> None:
    """Every open delivery has a job that lives; one whose job ended without an outcome gets another."""
    async with database().reading() as session:
        rows = await session.execute(
            select(Delivery.id, Delivery.workspace_id)
            .outerjoin(Job, Job.id == Delivery.job_id)
            .where(Delivery.state.in_(OPEN), or_(Job.id.is_(None), Job.state.not_in(LIVE)))
            .limit(BATCH)
        )
        orphans = rows.all()
    for delivery_id, workspace_id in orphans:
        await _rescue(delivery_id, _by_itself(workspace_id))
    await _ask_after_clock_was_set_back()


def _by_itself(workspace_id: str) -> Actor:
    return Actor(workspace_id, Role.MANAGER, name="Publishing", via="job")


async def _ask_after_clock_was_set_back() -> None:
    """What was sent by a clock that ran ahead is asked about now, and not when the right clock gets there too."""
    now = clock.now()
    async with database().reading() as session:
        rows = await session.execute(
            select(Job.id, Job.workspace_id)
            .join(Delivery, Delivery.job_id == Job.id)
            .where(
                Delivery.state == DeliveryState.SENDING,
                Delivery.sent_at > now + delivery.CLOCK_STEP,
                Job.state == JobState.PENDING,
                Job.run_at >= Delivery.sent_at,
            )
            .limit(BATCH)
        )
        ahead = rows.all()
    for job_id, workspace_id in ahead:
        with suppress(Conflict):  # it has begun meanwhile
            async with database().writing() as session:
                await engine.reschedule(session, _by_itself(workspace_id), job_id, now)


async def _rescue(delivery_id: str, actor: Actor) -> None:
    async with database().writing() as session:
        row = await queries.get_delivery(session, actor, delivery_id, lock=True)
        job = await session.get(Job, row.job_id) if row.job_id else None
        if row.state not in OPEN or (job is not None and job.state in LIVE):
            return
        if row.failures >= MOST_RESCUES:
            await _give_up(actor, session, row)
            return
        row.failures += 1
        row.rev += 1
        await scheduling.enqueue(session, actor, row, _next_try(row))


def _next_try(row: Delivery) -> datetime:
    if row.state == DeliveryState.SENDING and row.sent_at is not None:
        return max(clock.now(), row.sent_at + timedelta(seconds=settings().settle_seconds))
    return max(row.due_at, clock.now())


async def _give_up(actor: Actor, session: Any, row: Delivery) -> None:
    problem = {
        "code": "internal_error",
        "detail": "Delivering it failed several times for a reason inside the product.",
        "next_step": "Look at the jobs of this post, then publish it again or cancel it.",
    }
    is_unknown = row.state == DeliveryState.SENDING
    await records.stopped(session, actor, row, DeliveryState.NEEDS_PERSON, problem, is_unknown=is_unknown)
