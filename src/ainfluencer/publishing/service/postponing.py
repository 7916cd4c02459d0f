"""Later than planned, because a channel takes no more posts that day or takes them further apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channels
from ainfluencer.core.actor import Actor
from ainfluencer.publishing import pace, queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.service import standing


async def free_time(
    session: AsyncSession, actor: Actor, channel_ids: Sequence[str], at: datetime, *, post_id: str = ""
) -> datetime:
    """The first instant from `at` on at which all these channels take one more post; `post_id` does not count."""
    known = [await channels.get(session, actor, channel_id) for channel_id in channel_ids]
    return await pace.next_free(session, actor, await pace.of_channels(session, actor, known), at, post_id=post_id)


async def postpone(session: AsyncSession, actor: Actor, delivery: Delivery, at: datetime, why: str) -> None:
    """Move a delivery that is due to the next moment that its channel allows. Its job goes on then, under the same rev."""
    delivery.due_at = at
    delivery.last_error = {"code": "channel_full", "detail": why, "next_step": "It goes out by itself when it may."}
    post = await queries.get(session, actor, delivery.post_id, lock=True)
    rows = await queries.deliveries_of(session, actor, post.id)
    open_ = [row.due_at for row in rows if row.state == DeliveryState.SCHEDULED]
    if not any(row.state in {DeliveryState.PUBLISHED, DeliveryState.SENDING} for row in rows):
        post.due_at = min(open_, default=at)  # nothing of it is out: the calendar shows the new time
    await standing.refresh(session, post)
