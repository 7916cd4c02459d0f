"""Looks at what the studio made, by itself, in a job of its own: a check that breaks fails no run (QLT-006)."""

from __future__ import annotations

from typing import Any

from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun, every, on
from ainfluencer.quality import queries, rating, service
from ainfluencer.studio.events import RunFinished


@on(RunFinished, background=True)
async def assess_run(run: JobRun, event: RunFinished) -> dict[str, Any]:
    """Examine the assets of a run that nobody has examined yet."""
    async with database().reading() as session:
        known = await queries.scores_of(session, run.actor, event.asset_ids)
    fresh = [asset_id for asset_id in event.asset_ids if asset_id not in known]
    reports = await service.assess(run.actor, fresh) if fresh else []
    return {"assessed": len(reports), "failing": sum(bool(report.failures) for report in reports)}


@every("quality.rest", seconds=60)
async def rest() -> None:
    """Give the classifier's memory back when it has not been asked for a while."""
    rating.rest()
