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
from ainfluencer.publishing import queries as publishing

PULSE_SECONDS = 3.0
ROUND_SECONDS = 3600.0

# What this process has queued last, by channel; only saves a question, the job's key decides.
_VISITED: dict[str, str] = {}


@jobs.job("insights.measure", queue="light", title="Read a channel's numbers", owned="channel")
async def measure(run: jobs.JobRun) -> dict[str, Any]:
    """Read the counters of one channel."""
    return {"measured": await service.measure(run.actor, run.payload["channel_id"])}


@jobs.every("insights.pulse", seconds=PULSE_SECONDS)
async def pulse() -> None:
    """Channels that published lately, at the pace at which people react. Nothing is queued before it is due."""
    now = clock.now()
    async with database().reading() as session:
        found = await publishing.pulses(session, now)
    due = {one.channel_id: one.bucket(now) for one in found if registry.manifest(one.platform).can(Capability.MEASURE)}
    fresh = [
        one for one in found if due.get(one.channel_id, _VISITED.get(one.channel_id)) != _VISITED.get(one.channel_id)
    ]
    _VISITED.update(due)
    if not fresh:
        return
    async with database().writing() as session:
        for one in fresh:
            actor = Actor(workspace_id=one.workspace_id, role=Role.MANAGER, name="Insights", via="job")
            await engine.enqueue(
                session,
                actor,
                "insights.measure",
                {"channel_id": one.channel_id},
                key=f"measure:{one.channel_id}:{due[one.channel_id]}",
                priority=8,
                subject=("channel", one.channel_id),
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
