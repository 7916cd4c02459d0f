"""Measures after a post, then once an hour."""

from __future__ import annotations

from typing import Any

from ainfluencer.channels import visits
from ainfluencer.channels.visits import Visit
from ainfluencer.engine import jobs
from ainfluencer.insights import service
from ainfluencer.integrations.manifest import Capability

visits.declare(Visit("insights.measure", "Insights", seconds=3600, capability=Capability.MEASURE, after_posts=True))


@jobs.job("insights.measure", queue="light", title="Read a channel's numbers", owned="channel", background=True)
async def measure(run: jobs.JobRun) -> dict[str, Any]:
    """Read the counters of one channel."""
    return {"measured": await service.measure(run.actor, run.payload["channel_id"])}
