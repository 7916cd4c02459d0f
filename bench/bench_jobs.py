"""Listing, filtering and counting a hundred thousand jobs, straight through the queries."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from seeding import CHUNK, seed
from sqlalchemy import insert

from ainfluencer.accounts import service as accounts
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import Database, use_database
from ainfluencer.engine import queries
from ainfluencer.engine.models import TERMINAL, Job, JobState
from ainfluencer.engine.queries import JobFilter

KINDS = (
    "planning.make_post",
    "studio.run",
    "publishing.deliver",
    "operations.backup",
    "inbox.listen",
    "insights.measure",
)
QUIET = {"inbox.listen", "insights.measure"}
FILTERS = {
    "all": JobFilter(),
    "with background work": JobFilter(background=True),
    "failed": JobFilter(states=("failed",)),
    "running or waiting": JobFilter(states=("pending", "running")),
    "one kind": JobFilter(kind="operations.backup"),
    "of one subject": JobFilter(subject=("post", "7")),
}
RUNS = 40


async def _fill(database: Database, actor: Actor, count: int) -> None:
    dice = random.Random(7)
    first = clock.now() - timedelta(days=90)
    for start in range(0, count, CHUNK):
        rows = []
        for number in range(start, min(count, start + CHUNK)):
            kind, at = dice.choice(KINDS), first + timedelta(seconds=number * 70)
            state = dice.choices(TERMINAL, (90, 8, 2))[0] if number < count - 50 else JobState.PENDING
            rows.append(
                {
                    "id": new_id(),
                    "workspace_id": actor.workspace_id,
                    "kind": kind,
                    "title": kind,
                    "queue": "light",
                    "is_background": kind in QUIET,
                    "state": state,
                    "handed": True,
                    "run_at": at if state in TERMINAL else clock.now() + timedelta(days=3),
                    "subject_kind": "post",
                    "subject_id": str(number % 997),
                    "started_at": at,
                    "finished_at": at,
                    "result": {"post_id": str(number)},
                }
            )
        async with database.writing() as session:
            await session.execute(insert(Job), rows)


async def _measure(data: Path, count: int) -> dict[str, dict[str, float]]:
    config.use(config.load(data=data))
    database = Database()
    use_database(database)
    async with database.reading() as session:
        actor = await accounts.cli_actor(session)
        has_jobs = (await queries.list_jobs(session, actor, JobFilter(background=True), limit=1)).items
    if not has_jobs:
        await _fill(database, actor, count)
    out = {}
    for name, wanted in FILTERS.items():
        took = []
        for _ in range(RUNS):
            started = time.perf_counter()
            async with database.reading() as session:
                page = await queries.list_jobs(session, actor, wanted)
                if page.next_cursor:
                    await queries.list_jobs(session, actor, wanted, cursor=page.next_cursor)
            took.append((time.perf_counter() - started) * 1000)
        cuts = statistics.quantiles(took, n=100)
        out[name] = {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}
    await database.close()
    return out


def main() -> None:
    """Print one line; each figure is two pages of fifty jobs."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--jobs", type=int, default=100_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as room:
        data = chosen.data or Path(room) / "data"
        seed(data, people=1, assets=10, posts=0)
        found = asyncio.run(_measure(data, chosen.jobs))
    print(json.dumps({"bench": "jobs", "jobs": chosen.jobs, "milliseconds": found}))


if __name__ == "__main__":
    main()
