"""The engine of one process: `start` it in the event loop that serves the process, `stop` it there."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ainfluencer.core import clock
from ainfluencer.core.config import Settings, settings
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import database
from ainfluencer.engine import events, jobs, nudge, queries
from ainfluencer.engine.errors import AlreadyRunning
from ainfluencer.engine.models import Worker

if TYPE_CHECKING:
    from ainfluencer.engine.bus import Bus
    from ainfluencer.engine.executing import Executing

log = structlog.get_logger("engine")

Mode = Literal["embedded", "worker", "web"]

BEAT_SECONDS = 5.0


class Engine:
    """Modes: "embedded" executes beside the pages, "worker" executes only, "web" only enqueues (PostgreSQL)."""

    def __init__(self, config: Settings | None = None, *, load_jobs: Callable[[], None] = jobs.load_all) -> None:
        self.config = config or settings()
        self._load_jobs = load_jobs
        self.mode: Mode = "embedded"
        self._executing: Executing | None = None
        self._bus: Bus | None = None
        self._beat: asyncio.Task[None] | None = None
        self._restart: asyncio.Task[None] | None = None

    @property
    def executor_id(self) -> str:
        """The name that holds the lock, or a made-up one for a process that does not execute."""
        return self._executing.lock.executor_id if self._executing else f"web-{socket.gethostname()}-{os.getpid()}"

    async def start(self, mode: Mode = "embedded") -> None:
        """Start in that mode. `AlreadyRunning` when another process holds the data folder or the worker's name."""
        if mode != "embedded" and self.config.is_sqlite:
            raise InvalidInput(
                "Separate workers need PostgreSQL: with SQLite one process serves and works.",
                "Use “up”, or set AINFLUENCER_DATABASE_URL.",
            )
        self.mode = mode
        events.reopen()
        self._load_jobs()
        if mode != "web":
            await self._execute()
        if not self.config.is_sqlite:
            from ainfluencer.engine.bus import Bus

            self._bus = Bus(self.config)
            await self._bus.start()
            nudge.also(self._bus.send_work)
        await self._sign(stopped=False)
        self._beat = asyncio.create_task(self._keep_signing())
        log.info("engine started", mode=mode, executor=self.executor_id)

    async def stop(self) -> None:
        """Stop in good order: a delivery under way gets a few seconds; everything else goes on at the next start."""
        events.close()
        for task in (self._restart, self._beat):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        with suppress(SQLAlchemyError):  # the database may be what went away
            await self._sign(stopped=True)
        if self._executing is not None:
            await self._executing.stop()
            self._executing = None
        nudge.forget()
        if self._bus is not None:
            await self._bus.stop()
            self._bus = None
        log.info("engine stopped")

    async def health(self) -> queries.EngineHealth:
        """What the status page shows."""
        async with database().reading() as session:
            return await queries.health(session)

    async def _execute(self) -> None:
        from ainfluencer.engine.executing import Executing

        self._executing = await Executing.start(self.config, self._lost)

    def _lost(self) -> None:
        """Without the lock somebody else may resume our work: end ours first, then queue up like a new process."""
        if self._restart is None or self._restart.done():
            self._restart = asyncio.create_task(self._start_again())

    async def _start_again(self) -> None:
        import psycopg

        if self._executing is not None:
            await self._executing.stop()
            self._executing = None
        while self._executing is None:
            try:
                await self._execute()
            except (OSError, SQLAlchemyError, psycopg.Error, AlreadyRunning) as error:
                log.warning("engine cannot start again yet", error=str(error)[:200])
                await asyncio.sleep(2)

    async def _keep_signing(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with suppress(SQLAlchemyError):  # a heartbeat that is missed is what the heartbeat is for
                await self._sign(stopped=False)

    async def _sign(self, *, stopped: bool) -> None:
        async with database().writing() as session:
            row = await session.scalar(select(Worker).where(Worker.name == self.executor_id))
            if row is None:
                row = Worker(name=self.executor_id)
                session.add(row)
            if row.pid != os.getpid():
                row.started_at = clock.now()
            row.mode, row.host, row.pid = self.mode, socket.gethostname(), os.getpid()
            row.seen_at, row.stopped_at = clock.now(), clock.now() if stopped else None
