"""Runs a worker that forges, kills it without a word at each of the given points, and then lets it come to its end."""

#     python -m tests.support.forge_killing /tmp/data '["keep.before@2", "keep.after@3"]'
#
# `keep` is the moment in which the output of a step is stored: killed `before`, the model has answered for nothing;
# killed `after`, it must not be asked for that step again. Numbers count from the start of each process.

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, select

from ainfluencer.cards import jobs  # noqa: F401 - the kind of job, imported before the fork
from ainfluencer.cards.forge import options, steps
from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, database, use_database
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.engine.runtime import Engine
from tests.support import killing

killing.STEPS["keep"] = (steps.Kept, "_keep")


async def work(settings: Settings) -> None:
    """Run until no job of the forge is open any more."""
    use_database(Database(config.use(settings)))
    engine = Engine(load_jobs=lambda: None)
    await engine.start()
    async with asyncio.timeout(60):
        while await _open():  # noqa: ASYNC110 - what it waits for happens in rows
            await asyncio.sleep(0.05)
    await engine.stop()
    await database().close()


async def _open() -> int:
    async with database().reading() as session:
        mine = select(func.count()).where(Job.state.in_(LIVE), Job.kind == options.KIND)
        return await session.scalar(mine) or 0


def main(data: str, points: list[str]) -> None:
    """One line a process: “ended”, the point and how it ended (negative: the signal)."""
    load_all()
    settings = replace(Settings(), data=Path(data), allow_private_urls=True)
    for point in [*points, ""]:
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                if point:
                    killing.arm(point)
                asyncio.run(work(settings))
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(pid, 0)
        sys.stdout.write(f"ended {point or 'end'} {os.waitstatus_to_exitcode(ended)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
