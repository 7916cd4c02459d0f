"""When a post goes out: scheduling, moving, sending now, cancelling, trying again. One engine job per delivery and rev."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.engine import service as engine
from ainfluencer.engine.errors import NotCancellable
from ainfluencer.publishing import content, delivery_states, pace, preflight, queries
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.errors import ChannelFull
from ainfluencer.publishing.models import Delivery, Post
from ainfluencer.publishing.post_states import PostState, words
from ainfluencer.publishing.service import standing

_ENGINE_ROLE = Role.MANAGER  # whoever may move a post may end the job behind it
JOB = "publishing.deliver"
_GRACE = timedelta(minutes=1)
_SOON = timedelta(minutes=2)  # "now" may mean this much later, so that posts keep their distance


async def schedule(
    session: AsyncSession,
    actor: Actor,
    post_id: str,
    due_at: datetime,
    *,
    timezone: str = "",
    slot_label: str = "",
    or_next: bool = False,
) -> Post:
    """Schedule an approved post, or move a scheduled one. `due_at` is aware; a past instant is refused.

    `ChannelFull` when one of its channels takes no other post at that time; with `or_next` the next free one is taken.
    """
    actor.require(Right.PUBLISH)
    if due_at < clock.now() - _GRACE:
        raise InvalidInput("That time has passed.", "Choose a later one, or publish it now.", field="due_at")
    post = await queries.get(session, actor, post_id, lock=True)
    if timezone:
        clock.zone(timezone)
        post.timezone = timezone
    if slot_label:
        post.slot_label = slot_label
    whole = await _require_ready(session, post)
    post.due_at = await _free(session, actor, whole, due_at, at_most=None if or_next else timedelta(0))
    await place(session, actor, post, post.due_at)
    return post


async def publish_now(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Send an approved, scheduled or held post as soon as possible; `ChannelFull` when a channel takes none for now."""
    actor.require(Right.PUBLISH)
    post = await queries.get(session, actor, post_id, lock=True)
    whole = await _require_ready(session, post)
    post.due_at = await _free(session, actor, whole, clock.now(), at_most=_SOON)
    await place(session, actor, post, post.due_at)
    return post


async def cancel(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Take back what has not gone out; the post is approved and without a date again."""
    actor.require(Right.PUBLISH)
    post = await queries.get(session, actor, post_id, lock=True)
    if post.state not in {PostState.SCHEDULED, PostState.PUBLISHING, PostState.NEEDS_PERSON, PostState.FAILED}:
        raise Conflict(f"A post that is {words(post.state)} cannot be cancelled.", "Withdraw it if it is public.")
    if not await take_back(session, actor, post):
        raise Conflict(
            "Nothing of this post can be cancelled any more: it is under way, or its outcome is open.",
            "Wait for its outcome; then withdraw it if it is public.",
        )
    post.due_at = None
    await standing.refresh(session, post)
    return post


async def retry(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Send again what failed or is held (nothing of it is on the platform); what is unclear must be resolved first."""
    actor.require(Right.PUBLISH)
    post = await queries.get(session, actor, post_id, lock=True)
    await _require_ready(session, post)
    again = [
        delivery
        for delivery in await queries.deliveries_of(session, actor, post.id, lock=True)
        if delivery.state in {DeliveryState.FAILED, DeliveryState.NEEDS_PERSON} and not delivery.is_unknown
    ]
    if not again:
        raise Conflict("There is nothing to send again.", "Look at the deliveries of the post.")
    for delivery in again:
        await arm(session, actor, delivery, clock.now())
    await standing.refresh(session, post)
    return post


async def place(session: AsyncSession, actor: Actor, post: Post, due_at: datetime) -> None:
    """Give every variant a delivery at that instant; those under way, public or unclear are left as they are."""
    whole = await content.load(session, post)
    by_variant = {d.variant_id: d for d in await queries.deliveries_of(session, actor, post.id, lock=True)}
    for variant, channel in whole.variants:
        delivery = by_variant.get(variant.id)
        if delivery is None:
            delivery = Delivery(
                workspace_id=post.workspace_id,
                post_id=post.id,
                variant_id=variant.id,
                channel_id=channel.id,
                platform=channel.platform,
                state=DeliveryState.SCHEDULED,
                due_at=due_at,
                rev=0,
            )
            session.add(delivery)
            await session.flush()
        elif delivery.is_unknown or delivery.state in {
            DeliveryState.SENDING,
            DeliveryState.PUBLISHED,
            DeliveryState.WITHDRAWN,
        }:
            continue
        await arm(session, actor, delivery, due_at)
    if post.state == PostState.APPROVED and whole.variants:
        post.state = PostState.SCHEDULED
    await standing.refresh(session, post)


async def arm(session: AsyncSession, actor: Actor, delivery: Delivery, at: datetime) -> None:
    """Make it scheduled at that instant under a new rev, with a job of its own."""
    if delivery.state != DeliveryState.SCHEDULED:
        delivery.state = delivery_states.move(delivery.state, DeliveryState.SCHEDULED)
    await _drop_job(session, actor, delivery)
    delivery.rev += 1
    delivery.due_at = at
    delivery.failures = delivery.settles = 0
    delivery.is_unknown = False
    delivery.last_error = {}
    await enqueue(session, actor, delivery, at)


async def enqueue(session: AsyncSession, actor: Actor, delivery: Delivery, at: datetime) -> None:
    """The job of the delivery's present rev."""
    job = await engine.enqueue(
        session,
        actor,
        JOB,
        {"delivery_id": delivery.id, "rev": delivery.rev},
        key=f"deliver:{delivery.id}:{delivery.rev}",
        run_at=at,
        partition=delivery.channel_id,
        subject=("post", delivery.post_id),
    )
    delivery.job_id = job.id


async def take_back(session: AsyncSession, actor: Actor, post: Post, *, variant_id: str = "") -> int:
    """Cancel what has not gone out and is not unclear; answers how many."""
    count = 0
    for delivery in await queries.deliveries_of(session, actor, post.id, lock=True):
        if variant_id and delivery.variant_id != variant_id:
            continue
        waits = delivery.state in {DeliveryState.SCHEDULED, DeliveryState.NEEDS_PERSON, DeliveryState.FAILED}
        if waits and not delivery.is_unknown:
            await _drop_job(session, actor, delivery)
            delivery.state = delivery_states.move(delivery.state, DeliveryState.CANCELLED)
            delivery.rev += 1
            count += 1
    await session.flush()
    return count


async def _drop_job(session: AsyncSession, actor: Actor, delivery: Delivery) -> None:
    if delivery.job_id:
        manager = Actor(actor.workspace_id, _ENGINE_ROLE, user_id=actor.user_id, name=actor.name, via=actor.via)
        with suppress(NotCancellable, NotFound):  # it has ended already
            await engine.cancel(session, manager, delivery.job_id, by_owner=True)
        delivery.job_id = ""


async def require_free(session: AsyncSession, actor: Actor, whole: Content, at: datetime) -> None:
    """`ChannelFull` when one of the post's channels takes no other post at that time."""
    await _free(session, actor, whole, at, at_most=timedelta(0))


async def _free(
    session: AsyncSession, actor: Actor, whole: Content, at: datetime, *, at_most: timedelta | None
) -> datetime:
    """`at`, or the next free time on all the post's channels when that is no further away; else `ChannelFull`."""
    channels = [channel for _, channel in whole.variants]
    try:
        await pace.require_free(session, actor, channels, at, post_id=whole.post.id)
    except ChannelFull as full:
        if at_most is None or full.free_at - at <= at_most:
            return full.free_at
        raise
    return at


async def _require_ready(session: AsyncSession, post: Post) -> Content:
    """Approved in exactly this form, and fit for its channels."""
    whole = await content.load(session, post)
    if not await queries.valid_approval(session, post.id, whole.hash()) or post.state == PostState.WITHDRAWN:
        raise Conflict(f"The post is {words(post.state)}; only approved posts go out.", "Approve it first.")
    preflight.require(whole)
    return whole
