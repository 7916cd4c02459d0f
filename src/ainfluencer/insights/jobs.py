"""Measures after a post, then once an hour."""

from __future__ import annotations

from typing import Any

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import service as engine
from ainfluencer.insights import service
from ainfluencer.integrations.manifest import Capability
from ainfluencer.publishing.events import PostPublished

AFTER_SECONDS = (8, 30, 90, 300, 1200, 3600)
ROUND_SECONDS = 3600.0


@jobs.job("insights.measure", queue="light", title="Read a channel's numbers", owned="channel")
async def measure(run: jobs.JobRun) -> dict[str, Any]:
    """Read the counters of one channel."""
    return {"measured": await service.measure(run.actor, run.payload["channel_id"])}


@jobs.on(PostPublished)
async def follow_up(run: jobs.JobRun, event: PostPublished) -> None:
    """Plan when to read this post's numbers."""
    if not registry.manifest(event.platform).can(Capability.MEASURE):
        return
    async with database().writing() as session:
        for seconds in AFTER_SECONDS:
            await engine.enqueue(
                session,
                run.actor,
                "insights.measure",
                {"channel_id": event.channel_id},
                key=f"measure:{event.delivery_id}:{seconds}",
                run_at=clock.from_now(seconds=seconds),
                priority=8,
                subject=("channel", event.channel_id),
            )


@jobs.every("insights.round", seconds=ROUND_SECONDS)
async def round_() -> None:
    """Every connected channel, once an hour however many processes ask."""
    bucket = int(clock.now().timestamp() // ROUND_SECONDS)
    async with database().writing() as session:
        for channel in await channels.list_in_use(session):
            if not registry.manifest(channel.platform).can(Capability.MEASURE):
                continue
            actor = Actor(workspace_id=channel.workspace_id, role=Role.MANAGER, name="Insights", via="job")
            await engine.enqueue(
                session,
                actor,
                "insights.measure",
                {"channel_id": channel.id},
                key=f"measure:{channel.id}:{bucket}",
                priority=9,
                subject=("channel", channel.id),
            )
