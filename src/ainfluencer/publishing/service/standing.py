"""Keeps a post's state in step with its deliveries, and tells those who watch."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.engine import events
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Delivery, Post
from ainfluencer.publishing.post_states import PostState, follow, move

_DELIVERIES = cast("Table", Delivery.__table__)
_STATES = (
    select(_DELIVERIES.c.state, _DELIVERIES.c.last_error)
    .where(_DELIVERIES.c.post_id == bindparam("its_post"))
    .order_by(_DELIVERIES.c.created_at, _DELIVERIES.c.id)
)


async def refresh(session: AsyncSession, post: Post) -> None:
    """Set the post's state to what its deliveries say. A withdrawn post stays withdrawn."""
    await session.flush()
    if post.state == PostState.WITHDRAWN:
        announce(session, post)
        return
    deliveries = (await session.execute(_STATES, {"its_post": post.id})).all()
    post.state = move(post.state, follow(DeliveryState(delivery.state) for delivery in deliveries))
    post.problem = next(
        (d.last_error for d in deliveries if d.state in {DeliveryState.NEEDS_PERSON, DeliveryState.FAILED}), {}
    )
    if post.published_at is None and any(d.state == DeliveryState.PUBLISHED for d in deliveries):
        post.published_at = clock.now()
    announce(session, post)


def announce(session: AsyncSession, post: Post, state: str = "") -> None:
    """Tell the pages that watch, after the commit."""
    data = {"id": post.id, "character_id": post.character_id, "state": state or str(post.state)}
    events.tell(session, post.workspace_id, "posts", data)
    events.tell(session, post.workspace_id, f"post:{post.id}", data)
