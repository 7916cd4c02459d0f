"""What only a person can say: whether a lost post is there, and that something was posted by hand."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.publishing import queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.service import records, scheduling, standing


async def resolve_unknown(
    session: AsyncSession, actor: Actor, delivery_id: str, *, is_there: bool, url: str = "", remote_id: str = ""
) -> Delivery:
    """A person looked: it is there (with its link), or it is not and is to be sent again under the same key."""
    actor.require(Right.PUBLISH)
    delivery = await queries.get_delivery(session, actor, delivery_id, lock=True)
    if delivery.state != DeliveryState.NEEDS_PERSON or not delivery.is_unknown:
        raise Conflict("The outcome of this delivery is not in question.", "Look at its present state.")
    if is_there:
        return await _by_hand(session, actor, delivery, url, remote_id)
    await scheduling.arm(session, actor, delivery, clock.now())
    await standing.refresh(session, await queries.get(session, actor, delivery.post_id, lock=True))
    return delivery


async def mark_posted(
    session: AsyncSession, actor: Actor, delivery_id: str, *, url: str = "", remote_id: str = ""
) -> Delivery:
    """A person posted it by hand (a hand-off channel, or instead of waiting)."""
    actor.require(Right.PUBLISH)
    delivery = await queries.get_delivery(session, actor, delivery_id, lock=True)
    if delivery.state != DeliveryState.NEEDS_PERSON:
        raise Conflict("This delivery does not wait for a person.", "Cancel it first if you want to post it by hand.")
    return await _by_hand(session, actor, delivery, url, remote_id)


async def _by_hand(session: AsyncSession, actor: Actor, delivery: Delivery, url: str, remote_id: str) -> Delivery:
    if url and not url.startswith(("https://", "http://")):
        raise InvalidInput("That is not a link.", "Paste the address of the post, or leave it empty.", field="url")
    declared = {"confirmed_by": actor.name or "a person"}
    found = remote_id or url
    await records.published(session, actor, delivery, remote_id=found, url=url, at=clock.now(), declared=declared)
    return delivery
