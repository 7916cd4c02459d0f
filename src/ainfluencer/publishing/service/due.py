"""Running what is due by hand. The engine does it by itself; this is for what was held, and for programs that want to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import after_commit
from ainfluencer.engine import nudge
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.publishing import queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Delivery, Post
from ainfluencer.publishing.post_states import PostState
from ainfluencer.publishing.schemas import Refusal
from ainfluencer.publishing.service import scheduling, standing

MOST = 500  # of each kind in one go
_SOON = timedelta(seconds=2)  # a job that begins within this counts as begun


@dataclass(frozen=True, slots=True)
class DueRun:
    """What became of the deliveries that are due. `held`: posts whose time passed, which nobody has released."""

    started: list[Delivery] = field(default_factory=list)
    waiting: list[tuple[Delivery, datetime]] = field(default_factory=list)  # until when, because of an earlier failure
    held: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


async def run_due(session: AsyncSession, actor: Actor, *, late: bool = False) -> DueRun:
    """Start everything of the workspace that is due now. `late`: also what was held because its time had passed."""
    actor.require(Right.PUBLISH)
    told = DueRun()
    for delivery, job in await _due(session, actor):
        if job is not None and job.run_at > clock.now() + _SOON:
            told.waiting.append((delivery, job.run_at))
            continue
        if job is None:
            delivery.rev += 1
            await scheduling.enqueue(session, actor, delivery, clock.now())
        told.started.append(delivery)
    for post in await held_late(session, actor):
        if late:
            await _release(session, actor, post, told)
        else:
            told.held.append(post.id)
    after_commit(session, nudge.work)
    return told


async def held_late(session: AsyncSession, actor: Actor) -> Sequence[Post]:
    """Approved posts whose time passed before they could go out: nothing of them is sent before a person says so."""
    actor.require(Right.READ)
    rows = await session.scalars(
        select(Post)
        .where(
            Post.workspace_id == actor.workspace_id,
            Post.state.in_((PostState.NEEDS_PERSON, PostState.APPROVED)),
            Post.due_at <= clock.now(),
        )
        .order_by(Post.due_at, Post.id)
        .limit(MOST)
    )
    return [post for post in rows if post.problem.get("code") in {"held_late", "slot_passed"}]


async def _due(session: AsyncSession, actor: Actor) -> Sequence[tuple[Delivery, Job | None]]:
    """Scheduled deliveries whose time has come, each with its job while that lives."""
    rows = await session.execute(
        select(Delivery, Job)
        .outerjoin(Job, (Job.id == Delivery.job_id) & Job.state.in_(LIVE))
        .where(
            Delivery.workspace_id == actor.workspace_id,
            Delivery.state == DeliveryState.SCHEDULED,
            Delivery.due_at <= clock.now(),
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(MOST)
    )
    return [(delivery, job) for delivery, job in rows]


async def _release(session: AsyncSession, actor: Actor, post: Post, told: DueRun) -> None:
    try:
        async with session.begin_nested():
            if post.state == PostState.APPROVED:
                await scheduling.publish_now(session, actor, post.id)
            else:
                await _arm_held(session, actor, post)
            rows = await queries.deliveries_of(session, actor, post.id)
            told.started.extend(row for row in rows if row.state == DeliveryState.SCHEDULED)
    except ProductError as error:
        told.refused.append(Refusal(id=post.id, code=error.reason, detail=error.detail, next_step=error.next_step))


async def _arm_held(session: AsyncSession, actor: Actor, post: Post) -> None:
    """Only what was held for being late: a delivery that waits for another answer of a person goes on waiting."""
    post = await queries.get(session, actor, post.id, lock=True)
    for delivery in await queries.deliveries_of(session, actor, post.id, lock=True):
        is_late = delivery.last_error.get("code") == "held_late"
        if delivery.state == DeliveryState.NEEDS_PERSON and is_late and not delivery.is_unknown:
            await scheduling.arm(session, actor, delivery, clock.now())
    await standing.refresh(session, post)
