"""PostgreSQL: one process serves, another works, and each hears the other's news (LISTEN and NOTIFY)."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database
from ainfluencer.engine import api, events, nudge, queries, service
from ainfluencer.engine.bus import CHANNEL, PAYLOAD_BYTES, WORK, Bus
from ainfluencer.engine.events import News
from ainfluencer.engine.runtime import Engine
from tests.support import engine_kinds
from tests.support.clients import small_app, token_for
from tests.support.streams import opened
from tests.support.workers import stop, worker

assert engine_kinds.__name__  # importing it registers the kinds
pytestmark = pytest.mark.parametrize(
    "db", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True, ids=["postgresql"]
)
PATIENCE_SECONDS = 30
_LISTENERS = "select pid from pg_stat_activity where datname = current_database() and query = 'listen ainfluencer_news'"


@pytest.fixture(autouse=True)
def _open() -> Iterator[None]:
    events.reopen()
    yield
    nudge.forget()
    events.reopen()


class Elsewhere:
    """Another process, as the database sees it: a connection that listens and speaks."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection

    async def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return await (await self.connection.execute(sql)).fetchall()

    async def say(self, topic: str, data: dict[str, Any], workspace: str = "w") -> None:
        text = json.dumps({"from": "elsewhere", "workspace": workspace, "topic": topic, "data": data})
        await self.connection.execute("select pg_notify(%s, %s)", (CHANNEL, text))

    async def hear(self) -> dict[str, Any]:
        async for notice in self.connection.notifies(timeout=PATIENCE_SECONDS, stop_after=1):
            heard: dict[str, Any] = json.loads(notice.payload)
            return heard
        pytest.fail("nothing was heard")


@asynccontextmanager
async def carried(db: Database) -> AsyncIterator[Elsewhere]:
    """A bus that listens, and somebody elsewhere."""
    dsn = "postgresql://" + db.config.database_url.partition("://")[2]
    bus = Bus(db.config)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        elsewhere = Elsewhere(connection)
        await bus.start()
        try:
            await listened(elsewhere)
            await connection.execute(f"listen {CHANNEL}")
            yield elsewhere
        finally:
            await bus.stop()


async def listened(elsewhere: Elsewhere) -> int:
    """The process of the database that our bus listens with."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await elsewhere.ask(_LISTENERS)):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)
    return int(found[0][0])


async def test_news_go_out_once_and_do_not_come_back(db: Database) -> None:
    async with carried(db) as elsewhere, events.subscribe("w") as here:
        events.announce("w", "posts", {"id": "1"})
        sent = await elsewhere.hear()
        assert (sent["workspace"], sent["topic"], sent["data"]) == ("w", "posts", {"id": "1"})
        await elsewhere.say("posts", {"id": "2"})
        heard = [await here.next(PATIENCE_SECONDS) for _ in range(2)]
        assert [news and news.data["id"] for news in heard] == ["1", "2"], "our own came back"


async def test_what_is_too_long_is_told_by_its_id(db: Database) -> None:
    long = {"id": "1", "text": "ü" * PAYLOAD_BYTES}
    async with carried(db) as elsewhere, events.subscribe("w") as here:
        events.announce("w", "posts", long)
        assert (await elsewhere.hear())["data"] == {"id": "1"}
        near = await here.next(PATIENCE_SECONDS)
        assert near
        assert near.data == long


async def test_work_elsewhere_wakes_the_engine_here(db: Database) -> None:
    woken = asyncio.Event()
    nudge.listen(woken.set, lambda _job_id: None)
    async with carried(db) as elsewhere, events.subscribe(events.EVERYWHERE) as here:
        await elsewhere.say(WORK, {}, workspace="")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await woken.wait()
        await elsewhere.say("posts", {"id": "1"})
        assert await here.next(PATIENCE_SECONDS) == News("w", "posts", {"id": "1"}), "work is no news for people"


async def test_a_lost_connection_is_taken_up_again(db: Database) -> None:
    async with carried(db) as elsewhere, events.subscribe("w") as here:
        before = await listened(elsewhere)
        await elsewhere.ask(f"select pg_terminate_backend({before})")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await elsewhere.ask(f"select 1 from pg_stat_activity where pid = {before}"):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.02)
        assert await listened(elsewhere) != before
        await elsewhere.say("posts", {"id": "1"})
        assert await here.next(PATIENCE_SECONDS) == News("w", "posts", {"id": "1"})


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM")
async def test_a_process_that_serves_leaves_the_work_to_a_worker_and_hears_of_it(
    db: Database, settings: Settings, owner: Actor
) -> None:
    engine = Engine(db.config, load_jobs=lambda: None)
    await engine.start("web")
    headers = {"authorization": f"Bearer {await token_for(owner)}"}
    try:
        async with opened(small_app(api.router), "/api/v2/events?topics=jobs", headers) as stream:
            async with db.writing() as session:
                job = await service.enqueue(session, owner, "test.echo", {"word": "hello"})
            await stream.until('"pending"')
            async with db.reading() as session:
                assert not (await queries.health(session)).alive, "nobody executes"
                assert not (await queries.get(session, owner, job.id)).handed
            process, line = await worker(db, settings)
            await stream.until('"completed"')
            async with db.reading() as session:
                done = await queries.get(session, owner, job.id)
                assert (done.result or {})["word"] == "hello"
                assert done.worker == line.removeprefix("ready ") != engine.executor_id
                assert (await queries.health(session)).alive
            await stop(process)
        heard = [data["state"] for _, data in stream.events() if data["id"] == job.id]
        assert heard == ["pending", "running", "completed"]
    finally:
        await engine.stop()
