"""Takedown: freeze what is scheduled, delete what is public wherever that is possible, keep the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import registry
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.engine import service as engine
from ainfluencer.integrations.manifest import Capability
from ainfluencer.publishing import queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.events import PostWithdrawn
from ainfluencer.publishing.models import Delivery, Post
from ainfluencer.publishing.post_states import PostState, move
from ainfluencer.publishing.service import scheduling, standing

JOB = "publishing.withdraw"


async def withdraw(session: AsyncSession, actor: Actor, post_id: str, reason: str = "") -> Post:
    """Withdraw a post everywhere. Deliveries under way are withdrawn as soon as their outcome is known."""
    actor.require(Right.PUBLISH)
    post = await queries.get(session, actor, post_id, lock=True)
    post.state = move(post.state, PostState.WITHDRAWN)
    post.withdrawn_at, post.withdrawal_reason = clock.now(), reason.strip()[:2000]
    await scheduling.take_back(session, actor, post)
    for delivery in await queries.deliveries_of(session, actor, post.id, lock=True):
        if delivery.state == DeliveryState.PUBLISHED:
            await begin(session, actor, delivery)
    left = await still_live(session, actor, post_id)
    channels = tuple(delivery.channel_id for delivery in left)
    await engine.record(session, actor, PostWithdrawn(post.id, post.character_id, channels))
    standing.announce(session, post)
    return post


async def begin(session: AsyncSession, actor: Actor, delivery: Delivery) -> None:
    """Have a public delivery deleted, or say why it stays."""
    manifest = registry.manifest(delivery.platform)
    if not manifest.can(Capability.WITHDRAW) or not delivery.remote_id:
        delivery.still_live = f"{manifest.title} offers no way to delete it from here. Delete it there: {delivery.remote_url or 'open the account'}."
        return
    delivery.still_live = "Being deleted."
    await engine.enqueue(
        session,
        actor,
        JOB,
        {"delivery_id": delivery.id},
        key=f"withdraw:{delivery.id}",
        partition=delivery.channel_id,
        priority=1,
        subject=("post", delivery.post_id),
    )


async def still_live(session: AsyncSession, actor: Actor, post_id: str) -> Sequence[Delivery]:
    """Deliveries of the post that are public, or may be."""
    may_be = {DeliveryState.PUBLISHED, DeliveryState.SENDING}
    return [
        delivery
        for delivery in await queries.deliveries_of(session, actor, post_id)
        if delivery.state in may_be or delivery.is_unknown
    ]
