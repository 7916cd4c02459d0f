"""Runs as durable work."""

from __future__ import annotations

from typing import Any

from ainfluencer.engine.jobs import JobRun, job
from ainfluencer.studio import service


@job("studio.run", queue="make", title="Make a picture")
async def run(work: JobRun) -> dict[str, Any]:
    """Make one run; asked again after a crash it finishes what is missing."""
    await work.progress(0.1, "Making the picture")
    assets = await service.execute(work.actor, work.payload["run_id"])
    return {"asset_ids": [a.id for a in assets]}
