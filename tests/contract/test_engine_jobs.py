"""The engine as everybody uses it, on both databases: at its time, cancel, retry, once per key, and after kill -9."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbos._dbos import _get_dbos_instance
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database
from ainfluencer.engine import events, executing, queries, runner, service
from ainfluencer.engine.errors import AlreadyRunning, NotCancellable
from ainfluencer.engine.models import Job
from ainfluencer.engine.runtime import Engine
from tests.support import engine_kinds
from tests.support.workers import stop, worker

assert engine_kinds.__name__  # importing it registers the kinds


@asynccontextmanager
async def running(db: Database) -> AsyncIterator[Engine]:
    engine = Engine(db.config, load_jobs=lambda: None)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def put(db: Database, actor: Actor, kind: str, **options: Any) -> Job:
    async with db.writing() as session:
        return await service.enqueue(session, actor, kind, options.pop("payload", {}), **options)


async def now(db: Database, actor: Actor, job: Job) -> Job:
    async with db.reading() as session:
        return await queries.get(session, actor, job.id)


async def until(check: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - what it waits for happens in rows and files
            await asyncio.sleep(0.03)


async def state(db: Database, actor: Actor, job: Job, *wanted: str, seconds: float = 20) -> Job:
    async def reached() -> bool:
        return (await now(db, actor, job)).state in wanted

    await until(reached, seconds)
    return await now(db, actor, job)


async def test_runs_at_its_time_never_early(db: Database, owner: Actor) -> None:
    async with running(db):
        soon = [await put(db, owner, "test.echo", run_at=clock.from_now(seconds=1.2 + n * 0.1)) for n in range(4)]
        far = await put(db, owner, "test.echo", run_at=clock.from_now(days=30))
        moved = await put(db, owner, "test.echo", run_at=clock.from_now(seconds=1))
        async with db.writing() as session:
            await service.reschedule(session, owner, moved.id, clock.from_now(seconds=1.5))
        for job in [*soon, moved]:
            done = await state(db, owner, job, "completed")
            assert done.result is not None
            assert 0 <= done.result["late"] < 1.5
        assert (await now(db, owner, far)).state == "pending"


async def test_cancel_pending_and_running(db: Database, owner: Actor, tmp_path: Path) -> None:
    file = {"file": str(tmp_path / "notes")}
    async with running(db):
        waiting = await put(db, owner, "test.echo", run_at=clock.from_now(hours=1))
        busy = await put(db, owner, "test.stubborn", payload=file)
        await state(db, owner, busy, "running")
        await until(lambda: asyncio.sleep(0, (tmp_path / "notes").exists()))
        for job in (waiting, busy):
            async with db.writing() as session:
                await service.cancel(session, owner, job.id)
        begun = asyncio.get_running_loop().time()
        await until(lambda: asyncio.sleep(0, "stopped" in (tmp_path / "notes").read_text()))
        assert asyncio.get_running_loop().time() - begun < 0.5
        with pytest.raises(NotCancellable):
            async with db.writing() as session:
                await service.cancel(session, owner, busy.id)
        assert [(await now(db, owner, job)).state for job in (waiting, busy)] == ["cancelled", "cancelled"]


async def test_three_long_texts_at_once_and_no_fourth(db: Database, owner: Actor, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    async with running(db):
        texts = [await put(db, owner, "test.together", payload={"file": str(file), "wanted": 3}) for _ in range(4)]
        for job in texts:
            await state(db, owner, job, "completed")
    words = file.read_text("utf-8").split()
    assert words[:3] == ["begun"] * 3
    assert words[3] == "done"
    assert (words.count("begun"), words.count("done")) == (4, 4)


async def test_failures_retries_and_keys(db: Database, owner: Actor) -> None:
    async with running(db):
        bug = await put(db, owner, "test.fails", payload={"how": "bug"})
        refused = await put(db, owner, "test.fails", payload={"how": "refused"})
        later = await put(db, owner, "test.fails", payload={"how": "later"})
        away = await put(db, owner, "test.fails", payload={"how": "away"})
        first = await put(db, owner, "test.echo", payload={"word": "a"}, key="once")
        again = await put(db, owner, "test.echo", payload={"word": "b"}, key="once")
        assert first.id == again.id
        failed = await state(db, owner, bug, "failed")
        assert failed.error is not None
        assert failed.error["code"] == "internal_error"
        assert "secret-inside" not in str(failed.error)
        assert (await state(db, owner, refused, "failed")).error == {
            "code": "rejected",
            "detail": "Not like this.",
            "next_step": "Change what the service objects to and try again.",
        }
        assert (await state(db, owner, later, "completed")).attempt == 2
        waiting = await state(db, owner, away, "pending")
        assert waiting.failures in {0, 1}
        async with db.writing() as session:
            clone = await service.retry(session, owner, refused.id)
        assert (clone.payload, clone.retry_of) == ({"how": "refused"}, refused.id)
        done = await state(db, owner, first, "completed")
        assert done.result is not None
        assert (done.result["word"], done.usage) == ("a", {"prompt_tokens": 3})


async def test_news_of_a_job(db: Database, owner: Actor, tmp_path: Path) -> None:
    async with running(db), events.subscribe(owner.workspace_id, frozenset({"job:*"})) as heard:
        job = await put(db, owner, "test.slow", payload={"file": str(tmp_path / "n"), "steps": 8})
        states, progress = set(), 0.0
        while "completed" not in states:
            news = await heard.next(10)
            assert news is not None
            if news.data.get("id") != job.id:
                continue  # other modules' rounds, where they are loaded, make jobs of their own
            states.add(news.data.get("state"))
            progress = max(progress, news.data.get("progress", 0))
        assert states >= {"pending", "running", "completed"}
        assert progress > 0
    assert (await now(db, owner, job)).progress == 1


async def test_goes_on_after_a_stop_in_good_order(db: Database, owner: Actor, tmp_path: Path) -> None:
    file = tmp_path / "notes"
    async with running(db):
        job = await put(db, owner, "test.slow", payload={"file": str(file), "steps": 20})
        await state(db, owner, job, "running")
        await until(lambda: asyncio.sleep(0, file.exists()))
    stopped = await now(db, owner, job)
    assert (stopped.state, stopped.crashes) == ("pending", 0)
    async with running(db):
        done = await state(db, owner, job, "completed")
    assert (done.attempt, done.crashes, file.read_text().split("\n")[-2]) == (2, 0, "done 2")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
async def test_killed_worker_goes_on_at_its_next_start(
    db: Database, settings: Settings, owner: Actor, tmp_path: Path
) -> None:
    file = tmp_path / "notes"
    process, line = await worker(db, settings)
    assert line.startswith("ready")
    job = await put(db, owner, "test.slow", payload={"file": str(file), "steps": 20})
    await until(lambda: asyncio.sleep(0, file.exists()))
    process.kill()
    await process.wait()
    assert (await now(db, owner, job)).state == "running"
    async with running(db):
        done = await state(db, owner, job, "completed")
    assert (done.attempt, done.crashes) == (2, 1)
    await stop(process)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
async def test_second_engine_on_one_folder_is_refused(db: Database, settings: Settings, owner: Actor) -> None:
    if db.config.database_url:
        pytest.skip("PostgreSQL: any number of workers")
    async with running(db):
        process, line = await worker(db, settings)
        assert line == "refused already_running"
        await stop(process)
        assert (await state(db, owner, await put(db, owner, "test.echo"), "completed")).result


@pytest.mark.parametrize("harm", ["gone", "garbage"])
async def test_lost_engine_file_loses_no_job(db: Database, settings: Settings, owner: Actor, harm: str) -> None:
    if db.config.database_url:
        pytest.skip("SQLite: the engine's file is one of its own")
    async with running(db):
        job = await put(db, owner, "test.echo", run_at=clock.from_now(seconds=60))

        async def handed() -> bool:
            return (await now(db, owner, job)).handed

        await until(handed)
    for name in ("engine.sqlite", "engine.sqlite-wal", "engine.sqlite-shm"):
        (settings.data / name).unlink(missing_ok=True)
    if harm == "garbage":
        (settings.data / "engine.sqlite").write_bytes(b"no database" * 999)
    async with running(db):
        found = await now(db, owner, job)
        assert (found.state, found.rev) == ("pending", 2)
        async with db.writing() as session:
            await service.reschedule(session, owner, job.id, clock.now())
        assert (await state(db, owner, job, "completed")).rev == 3


async def test_a_full_disk_loses_no_job_and_blocks_none(
    db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be written when a job is to begin; it begins when that ends."""
    full = False

    def write(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if full and not statement.startswith("SELECT"):
            raise OperationalError(statement, {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0.5)
    event.listen(db.engine.sync_engine, "before_cursor_execute", write)
    async with running(db):
        job = await put(db, owner, "test.echo", run_at=clock.from_now(seconds=2))

        async def handed() -> bool:
            return (await now(db, owner, job)).handed

        await until(handed)
        full = True
        await until(lambda: asyncio.sleep(0, clock.now() > job.run_at + timedelta(seconds=1.5)))
        assert (await now(db, owner, job)).state == "pending"
        full = False
        assert (await state(db, owner, job, "completed")).attempt == 1
    event.remove(db.engine.sync_engine, "before_cursor_execute", write)


async def test_work_whose_end_could_not_be_written_does_not_block_its_queue(
    db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executing, "STRANDED_SECONDS", 0.3)
    async with running(db):
        system = _get_dbos_instance()._sys_db
        written, failed = system.update_workflow_outcome, list[str]()

        def failing(*arguments: Any, **options: Any) -> bool:
            if not failed:
                failed.append("once")
                raise OperationalError("update", {}, sqlite3.OperationalError("database or disk is full"))
            return written(*arguments, **options)

        monkeypatch.setattr(system, "update_workflow_outcome", failing)
        first = await put(db, owner, "test.parcel", partition="quay")
        await state(db, owner, first, "completed")
        second = await put(db, owner, "test.parcel", partition="quay")
        assert (await state(db, owner, second, "completed")).attempt == 1
        assert (await now(db, owner, first)).attempt == 1
    assert failed


async def test_taken_name_is_refused(db: Database, owner: Actor) -> None:
    if not db.config.database_url:
        pytest.skip("PostgreSQL: workers have names")
    from dataclasses import replace  # noqa: PLC0415

    from ainfluencer.engine import locks  # noqa: PLC0415

    config = replace(db.config, worker_id="quay-1")
    held = await asyncio.to_thread(locks.take, config)
    with pytest.raises(AlreadyRunning):
        await asyncio.to_thread(locks.take, config)
    await asyncio.to_thread(held.release)
    assert owner.user_id


async def test_dead_worker_is_taken_over(db: Database, settings: Settings, owner: Actor, tmp_path: Path) -> None:
    if not db.config.database_url:
        pytest.skip("PostgreSQL: several workers")
    file = tmp_path / "notes"
    workers = dict(zip("abc", await asyncio.gather(*(worker(db, settings) for _ in range(3))), strict=True))
    by_name = {line.removeprefix("ready "): process for process, line in workers.values()}
    assert len(by_name) == 3
    busy = await put(db, owner, "test.slow", payload={"file": str(file), "steps": 30})
    others = [await put(db, owner, "test.echo") for _ in range(6)]
    await until(lambda: asyncio.sleep(0, file.exists()))
    victim = (await now(db, owner, busy)).worker
    by_name[victim].kill()
    await by_name[victim].wait()
    done = await state(db, owner, busy, "completed", seconds=30)
    assert (done.attempt, done.worker != victim) == (2, True)
    for job in others:
        await state(db, owner, job, "completed")
    await stop(*by_name.values())
