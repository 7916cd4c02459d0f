"""Runs durable work without pages; needs PostgreSQL, where any number of workers may share the load."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from ainfluencer.core import collector, config, log
from ainfluencer.core.config import Settings
from ainfluencer.db.models import load_all
from ainfluencer.main import running


def work(settings: Settings) -> None:
    """Run until a signal ends it."""
    config.use(settings)
    load_all()
    folder = log.start_run(settings, "worker")
    with suppress(KeyboardInterrupt):
        asyncio.run(_work(settings))
    log.summary(folder, "stopped")


async def _work(settings: Settings) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, done.set)
    async with running(settings, "worker"):
        collector.wake()
        await done.wait()
