"""The only file that knows DBOS: durable queues, delays, recovery. One workflow, `run_job`, for every kind of job.

Pinned to dbos 3.4. Facts that this file leans on were measured (see docs/decisions on the engine): a constant
application version, a locked executor id, the JSON serializer, SQLite in WAL mode before launch.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from dbos._dbos import _get_dbos_instance
from dbos._utils import INTERNAL_QUEUE_NAME
from sqlalchemy import Engine, create_engine, event

from ainfluencer.core import clock
from ainfluencer.core.config import Settings

VERSION = "stable"  # the default is a hash of our sources: after any edit, waiting work would never start again
LEAD_SECONDS = 2.0  # DBOS looks for due work about once a second; the rest of the wait is ours, to the millisecond
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
TERMINAL = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

Execute = Callable[[str, int, datetime | None], Awaitable[str]]

_EXECUTE: list[tuple[asyncio.AbstractEventLoop, Execute]] = []


@dataclass(frozen=True, slots=True)
class Order:
    """What is handed over of a job: never content, only where to find it."""

    job_id: str
    rev: int
    queue: str
    partition: str
    priority: int
    run_at: datetime

    @property
    def workflow_id(self) -> str:
        """The same for the same rev, so that handing over twice changes nothing."""
        return workflow_id(self.job_id, self.rev)


def workflow_id(job_id: str, rev: int) -> str:
    """The deterministic name of one rev of a job."""
    return f"job:{job_id}:{rev}"


@DBOS.workflow(name="run_job")  # never rename: rows that wait carry this name
async def run_job(job_id: str, rev: int, run_at: str = "") -> str:
    """Run one rev of a job in the product's own event loop; started again from here after a crash."""
    loop, execute = _EXECUTE[0]
    work = execute(job_id, rev, datetime.fromisoformat(run_at) if run_at else None)
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_as_coroutine(work), loop))


async def _as_coroutine(work: Awaitable[str]) -> str:
    return await work


def system_url(config: Settings) -> str:
    """SQLite: a file of its own beside ours. PostgreSQL: the same database, in the schema `dbos`."""
    if config.is_sqlite:
        return f"sqlite:///{config.data / 'engine.sqlite'}"
    return "postgresql://" + config.database_url.partition("://")[2]


def sqlite_engine(config: Settings) -> Engine:
    """The engine's own file, opened as DBOS itself does, but with WAL and without a wait for the disk at each commit.

    A crash of this process loses nothing. A power cut may undo the last commits of this file, never of ours: a job
    that DBOS forgot is found by `sweeper.rescue_lost`, one that it runs again is found finished by its own row.
    """
    engine = create_engine(system_url(config))

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=wal", "synchronous=normal", "busy_timeout=30000", "foreign_keys=on"):
            connection.execute(f"pragma {pragma}")

    event.listen(engine, "connect", prepare)
    return engine


def set_aside_damaged(file: Path) -> Path | None:
    """Rename the engine's own file when SQLite cannot read it; the next start of a job row finds everything anew.

    Answers its new name; None when the file is whole or not there.
    """
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file)) as opened:
            if opened.execute("pragma quick_check(1)").fetchone()[0] == "ok":
                return None
    except sqlite3.OperationalError:
        return None  # locked or not readable: that is said by whoever opens it next
    except sqlite3.DatabaseError:
        pass
    aside = file.with_name(f"{file.name}.damaged-{clock.now():%Y%m%d-%H%M%S}")
    file.rename(aside)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    logging.getLogger("engine").warning("the engine's file is damaged and begins anew; the old one is %s", aside)
    return aside


def launch(
    config: Settings,
    executor_id: str,
    loop: asyncio.AbstractEventLoop,
    execute: Execute,
    queues: Iterable[str],
) -> None:
    """Start executing. Blocking (up to a second at the very first start): call it in a thread.

    The caller holds the lock of `executor_id`; what this executor left unfinished is resumed by itself.
    """
    _EXECUTE[:] = [(loop, execute)]
    engine = None
    if config.is_sqlite:
        config.data.mkdir(parents=True, exist_ok=True)
        set_aside_damaged(config.data / "engine.sqlite")
        engine = sqlite_engine(config)
    settings: DBOSConfig = {
        "name": "ainfluencer",
        "application_version": VERSION,
        "system_database_url": system_url(config),
        "system_database_engine": engine,
        "executor_id": executor_id,
        "log_level": "WARNING",
        "serializer": DBOSPortableJSONSerializer(),  # the default is pickle: whoever writes the file could run code
        "notification_listener_polling_interval_sec": 1.0,
        "scheduler_polling_interval_sec": 3600.0,  # its schedules are not used
    }
    DBOS(config=settings)
    _own_the_log()
    DBOS.listen_queues(list(queues))
    DBOS.launch()
    DBOS.register_queue("make", worker_concurrency=1, polling_interval_sec=0.5)
    DBOS.register_queue("write", worker_concurrency=3, polling_interval_sec=1.0)
    DBOS.register_queue("light", worker_concurrency=4, polling_interval_sec=0.5)
    DBOS.register_queue("publish", worker_concurrency=100, partition_concurrency=1, polling_interval_sec=0.25)


def _own_the_log() -> None:
    """What DBOS says goes into our log, not as a traceback onto the terminal."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.WARNING)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True


def stop() -> None:
    """Stop executing; what runs stays open and is resumed at the next start. Blocking: call it in a thread."""
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.CRITICAL)  # each interrupted workflow would be a warning; leaving is no fault
    DBOS.destroy(workflow_completion_timeout_sec=0)
    _EXECUTE.clear()


def hand_over(orders: Iterable[Order]) -> list[tuple[str, int]]:
    """Give jobs to DBOS; answers the (job id, rev) that were taken. Safe to repeat. Blocking."""
    taken = []
    for order in orders:
        options: dict[str, Any] = {
            "workflow_name": "run_job",
            "queue_name": order.queue,
            "workflow_id": order.workflow_id,
            "priority": order.priority,
        }
        if order.queue == "publish":
            # Within a channel the earlier date goes first, whatever was enqueued first.
            options["priority"] = max(1, int((order.run_at - EPOCH).total_seconds()))
            options["queue_partition_key"] = order.partition or order.job_id
        lead = 0.0 if order.queue in {"make", "write"} else LEAD_SECONDS  # their slots are too dear to wait in
        wait = (order.run_at - clock.now()).total_seconds() - lead
        if wait > 0:
            options["delay_seconds"] = wait
        arguments = (order.job_id, order.rev, order.run_at.isoformat())
        DBOS.enqueue_workflow_with_options(options, *arguments)  # type: ignore[arg-type] # built above
        taken.append((order.job_id, order.rev))
    return taken


def lost(workflow_ids: list[str]) -> set[str]:
    """Those of the ids that DBOS does not know or counts as ended. Blocking."""
    known: dict[str, str] = {}
    for begin in range(0, len(workflow_ids), 500):
        part = workflow_ids[begin : begin + 500]
        for status in DBOS.list_workflows(workflow_ids=part, load_input=False, load_output=False):
            known[status.workflow_id] = status.status
    return {wanted for wanted in workflow_ids if known.get(wanted, "ERROR") in TERMINAL}


def pending_executors() -> set[str]:
    """Names of executors that hold unfinished work (PostgreSQL with several workers). Blocking."""
    found = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {status.executor_id for status in found if status.executor_id}


def take_over(executor_id: str) -> int:
    """Resume what a dead executor left; the caller holds that executor's lock. Blocking; answers how many."""
    return len(DBOS._recover_pending_workflows([executor_id]))  # noqa: SLF001 - the one recovery call that keeps queue and partition; a contract test watches it


def stranded(executor_id: str) -> set[str]:
    """Workflows that are open in our name and that nothing here executes: their end could not be written. Blocking."""
    found = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False, load_output=False)
    active = _get_dbos_instance()._active_workflows_set.activeList()  # noqa: SLF001 - no public question tells it
    return {status.workflow_id for status in found} - set(active)


def begin_again(executor_id: str, workflow_ids: Iterable[str]) -> None:
    """Put stranded workflows back into their queues; the caller is certain that they do not run. Blocking."""
    for one in workflow_ids:
        _get_dbos_instance()._sys_db.reenqueue_for_recovery(one, [executor_id], INTERNAL_QUEUE_NAME)  # noqa: SLF001 - as `take_over`, for single ones


def clean_up(before: datetime, *, limit: int = 1000) -> int:
    """Delete the oldest ended workflows from before that instant; answers how many. Blocking."""
    ended = DBOS.list_workflows(
        status=list(TERMINAL), completed_before=before.isoformat(), limit=limit, load_input=False, load_output=False
    )
    ids = [status.workflow_id for status in ended]
    if ids:
        DBOS.delete_workflows(ids)
    return len(ids)
