"""A worker process for tests: `python -m tests.support.engine_worker DATA [DATABASE_URL]`, until it is stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import ProductError
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, database, use_database
from ainfluencer.engine.runtime import Engine
from tests.support import engine_kinds


async def main(data: str, url: str = "") -> int:
    load_all()
    assert engine_kinds.__name__  # importing it registers the kinds
    use_database(Database(config.use(replace(Settings(), data=Path(data), database_url=url))))
    engine = Engine(load_jobs=lambda: None)
    try:
        await engine.start("worker" if url else "embedded")
    except ProductError as error:
        sys.stdout.write(f"refused {error.reason}\n")
        sys.stdout.flush()
        await database().close()
        return 1
    sys.stdout.write(f"ready {engine.executor_id}\n")
    sys.stdout.flush()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await engine.stop()
    await database().close()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
