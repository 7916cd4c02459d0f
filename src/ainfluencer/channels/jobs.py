"""Durable work of channels: the doctor, on demand and every six hours, and the round that sends visitors out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ainfluencer.channels import service, visits
from ainfluencer.channels.visits import Visit
from ainfluencer.engine import jobs

visits.declare(Visit("channels.check", "Channel doctor", seconds=6 * 3600))


@jobs.job("channels.check", queue="light", title="Check a channel", background=True)
async def check(run: jobs.JobRun) -> dict[str, Any]:
    """Test one channel against its platform; doing it twice does no harm."""
    return asdict(await service.check(run.actor, run.payload["channel_id"]))


@jobs.every("channels.visits", seconds=60)
async def visit() -> None:
    """Queue the visits whose turn has come."""
    await visits.at_intervals()
