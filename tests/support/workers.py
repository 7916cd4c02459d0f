"""Engines in processes of their own, beside the one of the test."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database

ROOT = Path(__file__).parents[2]


async def worker(db: Database, settings: Settings) -> tuple[Process, str]:
    """One that executes, and its first line: “ready” with its name, or “refused” with the reason."""
    arguments = [str(settings.data), db.config.database_url] if db.config.database_url else [str(settings.data)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.engine_worker", *arguments, cwd=ROOT, stdout=PIPE
    )
    assert process.stdout
    while (line := (await process.stdout.readline()).decode()) and not line.startswith(("ready", "refused")):
        pass
    return process, line.strip()


async def stop(*processes: Process) -> None:
    """End them in good order."""
    for process in processes:
        if process.returncode is None:
            process.terminate()
        assert process.stdout
        await process.communicate()
