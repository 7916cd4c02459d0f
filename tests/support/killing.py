"""Runs a worker on a data folder and kills it, without a word, at each of the given points; then once to the end."""

#     python -m tests.support.killing '[{"name": "pier", "data": "/tmp/pier", "points": ["look.after"]}]'
#
# A point is `step.when@n`: the n-th time (from 1, after each start) that the worker comes to `before` or `after` that
# step of a delivery, or is in the `middle` of it (0.15 s after it began). Each point has a process of its own, forked
# from one that has loaded everything, so that a start costs what it costs the engine and not Python. The cases run
# beside each other, each with its own data folder.

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, database, use_database
from ainfluencer.engine import durable, executing
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.engine.runtime import Engine
from ainfluencer.publishing import delivery, jobs, looking
from ainfluencer.publishing.delivery_states import OPEN
from ainfluencer.publishing.models import Delivery
from tests.support import doubles

STEPS: dict[str, tuple[Any, str]] = {
    "look": (looking, "look"),
    "begin": (delivery, "begin"),
    "call": (delivery, "call"),
    "record": (delivery, "record"),
    "ask": (delivery, "ask"),
}
_LOADED = (durable, executing, jobs)  # imported before the fork


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Wrap the step so that this process ends there."""
    where, _, number = point.partition("@")
    step, _, when = where.partition(".")
    module, name = STEPS[step]
    work: Callable[..., Awaitable[Any]] = getattr(module, name)
    seen: Counter[str] = Counter()

    @wraps(work)
    async def deadly(*args: Any, **options: Any) -> Any:
        seen[point] += 1
        if seen[point] != int(number or 1):
            return await work(*args, **options)
        if when == "before":
            die()
        if when == "middle":
            asyncio.get_running_loop().call_later(0.15, die)
        answer = await work(*args, **options)
        die()
        return answer

    setattr(module, name, deadly)


async def work(settings: Settings) -> None:
    """Run until nothing is open any more."""
    use_database(Database(config.use(settings)))
    engine = Engine(load_jobs=lambda: None)
    await engine.start()
    async with asyncio.timeout(60):
        while await _open():  # noqa: ASYNC110 - what it waits for happens in rows
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # the rows say "done" a moment before the step has returned, and it dies after that
    await engine.stop()
    await database().close()


async def _open() -> int:
    async with database().reading() as session:
        mine = select(func.count()).where(Job.state.in_(LIVE), Job.kind == "publishing.deliver")
        jobs_left = await session.scalar(mine) or 0
        return jobs_left + (await session.scalar(select(func.count()).where(Delivery.state.in_(OPEN))) or 0)


def start(settings: Settings, point: str) -> int:
    """Fork a worker that ends at that point; its process id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            if point:
                arm(point)
            asyncio.run(work(settings))
            status = 0
        finally:
            os._exit(status)
    return pid


def main(cases: list[dict[str, Any]]) -> None:
    """One line a process: the case, the point and how it ended (negative: the signal)."""
    load_all()
    doubles.install()
    left = {case["name"]: [*case["points"], ""] for case in cases}
    chosen = {case["name"]: _settings(case) for case in cases}
    running = {start(chosen[name], points[0]): name for name, points in left.items()}
    while running:
        pid, status = os.wait()
        name = running.pop(pid)
        point = left[name].pop(0)
        # A line of its own, whatever a worker was printing when it died.
        sys.stdout.write(f"\n{name} {point or 'end'} {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
        if left[name]:
            running[start(chosen[name], left[name][0])] = name


def _settings(case: dict[str, Any]) -> Settings:
    given = {name: value for name, value in case.items() if name not in {"name", "data", "points"}}
    return replace(Settings(), data=Path(case["data"]), allow_private_urls=True, settle_seconds=0, **given)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
