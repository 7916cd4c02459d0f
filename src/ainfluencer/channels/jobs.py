"""Durable work of channels: the doctor, on demand and every six hours."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ainfluencer.channels import queries, service
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import service as engine

_ROUND_SECONDS = 6 * 3600


@jobs.job("channels.check", queue="light", title="Check a channel")
async def check(run: jobs.JobRun) -> dict[str, Any]:
    """Test one channel against its platform; doing it twice does no harm."""
    return asdict(await service.check(run.actor, run.payload["channel_id"]))


@jobs.every("channels.doctor", seconds=_ROUND_SECONDS)
async def doctor() -> None:
    """A check of every channel in use, once per six hours however many processes ask for it."""
    bucket = int(clock.now().timestamp()) // _ROUND_SECONDS
    async with database().writing() as session:
        for channel in await queries.list_in_use(session):
            actor = Actor(workspace_id=channel.workspace_id, role=Role.MANAGER, name="Channel doctor", via="job")
            key = f"channels.check:{channel.id}:{bucket}"
            payload = {"channel_id": channel.id}
            await engine.enqueue(
                session, actor, "channels.check", payload, key=key, subject=("channel", channel.id), priority=8
            )
