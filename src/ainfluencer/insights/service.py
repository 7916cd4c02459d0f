"""Reads counters from a channel and writes samples."""

from __future__ import annotations

from sqlalchemy import select, update

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels import service as channel_service
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database
from ainfluencer.engine import events
from ainfluencer.insights.models import Sample
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import Reading
from ainfluencer.publishing.models import Delivery, Post

WINDOW_DAYS = 30
BATCH = 50


async def measure(actor: Actor, channel_id: str) -> int:
    """Read the counters of a channel's posts of the last thirty days; returns how many were read."""
    async with database().reading() as session:
        channel = await channels.get(session, actor, channel_id)
        rows = (
            await session.execute(
                select(Delivery.remote_id, Delivery.id, Delivery.post_id, Post.character_id)
                .join(Post, Post.id == Delivery.post_id)
                .where(
                    Delivery.workspace_id == actor.workspace_id,
                    Delivery.channel_id == channel_id,
                    Delivery.remote_id != "",
                    Delivery.published_at > clock.from_now(days=-WINDOW_DAYS),
                )
                .order_by(Delivery.published_at.desc())
                .limit(500)
            )
        ).all()
    ours = {remote_id: (delivery_id, post_id, character_id) for remote_id, delivery_id, post_id, character_id in rows}
    if not ours:
        return 0
    adapter = registry.require(channel.platform, Capability.MEASURE)
    link = await channel_service.open_link(actor, channel_id)
    wanted = list(ours)
    readings: list[Reading] = []
    for start in range(0, len(wanted), BATCH):
        readings += await adapter.measure(link, wanted[start : start + BATCH])
    async with database().writing() as session:
        measured = [ours[r.remote_id][0] for r in readings if r.remote_id in ours]
        await session.execute(
            update(Sample).where(Sample.delivery_id.in_(measured), Sample.is_latest.is_(True)).values(is_latest=False)
        )
        for reading in readings:
            if reading.remote_id not in ours:
                continue
            delivery_id, post_id, character_id = ours[reading.remote_id]
            session.add(
                Sample(
                    workspace_id=actor.workspace_id,
                    delivery_id=delivery_id,
                    post_id=post_id,
                    channel_id=channel_id,
                    character_id=character_id,
                    at=clock.now(),
                    **{k: int(v) for k, v in reading.metrics.items() if k in {"likes", "replies", "reposts", "views"}},
                )
            )
    events.announce(actor.workspace_id, "insights", {"channel_id": channel_id})
    return len(readings)
