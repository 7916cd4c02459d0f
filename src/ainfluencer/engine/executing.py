"""The executing half of the engine: holds the lock, runs the durable queues and keeps watch. Loaded when needed only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ainfluencer.core.config import Settings
from ainfluencer.engine import durable, jobs, locks, nudge, sweeper
from ainfluencer.engine.locks import FolderLock, SessionLock
from ainfluencer.engine.runner import CANCEL_POLL_SECONDS, Runner

log = structlog.get_logger("engine")

SWEEP_SECONDS = 1.0
WATCH_SECONDS = 2.0
GRACE_SECONDS = 5.0
STRANDED_SECONDS = 15.0


async def forever(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Do it again and again; a database that is away for a moment is waited for."""
    while True:
        try:
            await work()
        except SQLAlchemyError as error:
            log.warning("engine could not reach the database", work=work.__name__, error=str(error)[:200])
            await asyncio.sleep(1)
        await asyncio.sleep(seconds)


class Executing:
    """One executor from taking its lock to giving it back. `lost` is called when the lock went away by itself."""

    def __init__(self, config: Settings, lock: FolderLock | SessionLock, lost: Callable[[], None]) -> None:
        self.config = config
        self.lock = lock
        self.runner = Runner(lock.executor_id)
        self._lost = lost
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._next_round: dict[str, float] = {}
        self._stranded: set[str] = set()

    @classmethod
    async def start(cls, config: Settings, lost: Callable[[], None]) -> Executing:
        """Take the lock (or `AlreadyRunning`), resume what this executor left, and begin."""
        made = cls(config, await asyncio.to_thread(locks.take, config), lost)
        loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(
                durable.launch, config, made.lock.executor_id, loop, made.runner.execute, jobs.QUEUES
            )
            await sweeper.rescue_lost(everything=True)
        except BaseException:
            await asyncio.to_thread(durable.stop)
            await asyncio.to_thread(made.lock.release)
            raise
        nudge.listen(made._wake.set, made.runner.stop)
        rounds: list[tuple[Callable[[], Awaitable[object]], float]] = [
            (made._sweep, 0.0),
            (made.runner.stop_unwanted, CANCEL_POLL_SECONDS),
            (made._watch, WATCH_SECONDS),
            (made._unstrand, STRANDED_SECONDS),
            (made._rounds, 1.0),
        ]
        made._tasks = [asyncio.create_task(forever(work, seconds)) for work, seconds in rounds]
        return made

    async def stop(self) -> None:
        """A delivery under way gets a few seconds; everything else goes on at the next start."""
        nudge.forget()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.runner.drain("publish", GRACE_SECONDS)
        await asyncio.to_thread(durable.stop)
        left = [execution.task for execution in self.runner.running.values()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with suppress(SQLAlchemyError):  # the database may be what went away
            await sweeper.put_back(self.lock.executor_id)
        await asyncio.to_thread(self.lock.release)

    async def _sweep(self) -> None:
        self._wake.clear()
        await sweeper.ensure_enqueued()
        with suppress(TimeoutError):
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._wake.wait()

    async def _watch(self) -> None:
        """PostgreSQL: keep our own lock, and take over from executors whose session has ended."""
        if not isinstance(self.lock, SessionLock):
            return
        if not await asyncio.to_thread(self.lock.alive):
            log.error("the executor's lock is lost")
            self._lost()
            return
        await asyncio.to_thread(_take_over_dead, self.lock)

    async def _unstrand(self) -> None:
        """Begin again what stands open and does not run, as after a full disk; else it would block its queue for ever.

        Seen twice, because a workflow that was taken from its queue this moment does not run yet either.
        """
        found = await asyncio.to_thread(durable.stranded, self.lock.executor_id)
        certain, self._stranded = found & self._stranded, found
        if certain:
            log.warning("work that was left open begins again", count=len(certain))
            await asyncio.to_thread(durable.begin_again, self.lock.executor_id, certain)

    async def _rounds(self) -> None:
        """Run what is due of the modules' periodic rounds; on PostgreSQL only in the process that leads them."""
        if isinstance(self.lock, SessionLock) and not await asyncio.to_thread(self.lock.lead):
            return
        loop = asyncio.get_running_loop()
        for known in list(jobs.ROUNDS.values()):
            if self._next_round.get(known.name, 0.0) > loop.time():
                continue
            self._next_round[known.name] = loop.time() + known.seconds
            try:
                await known.work()
            except Exception:  # an edge: one module's round must not end the others'
                log.exception("round failed", round=known.name)


def _take_over_dead(lock: SessionLock) -> None:
    for name in durable.pending_executors() - {lock.executor_id}:
        if lock.try_lock(name):  # nobody holds it: its owner's session has ended
            try:
                log.warning("taking over from a dead worker", executor=name, workflows=durable.take_over(name))
            finally:
                lock.unlock(name)


@jobs.every("engine.rescue", seconds=30)
async def rescue() -> None:
    """Find jobs that should have begun and are unknown to the durable queues."""
    await sweeper.rescue_lost()


@jobs.every("engine.clean_up", seconds=3600)
async def clean_up() -> None:
    """Let go of old history."""
    await sweeper.clean_up()
