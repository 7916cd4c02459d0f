"""Our SQLite connection: what is short runs on the loop, what is long in a thread, and nothing is lost when cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database

SLOW = text("with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select max(i) from n")


@pytest.fixture
async def own(settings: Settings) -> Any:
    made = Database(settings)
    async with made.writing() as session:
        await session.execute(text("create table t (a integer primary key, b text)"))
        await session.execute(text("insert into t values (1, 'x')"))
    yield made
    await made.close()


@pytest.fixture
def threads(own: Database) -> list[str]:
    """Where each statement that was traced ran."""
    seen: list[str] = []

    @event.listens_for(own.engine.sync_engine, "checkout")
    def _trace(connection: Any, *_: object) -> None:
        connection.driver_connection._conn.create_function("here", 0, lambda: seen.append(_name()))

    return seen


def _name() -> str:
    return "loop" if threading.current_thread() is threading.main_thread() else "thread"


async def test_what_is_brief_stays_on_the_loop(own: Database, threads: list[str]) -> None:
    async with own.reading() as session:
        assert (await session.execute(text("SELECT b, here() FROM t"))).one().b == "x"
    async with own.writing(brief=True) as session:
        await session.execute(text("update t set b = 'y' where here() is null"))
    async with own.writing() as session:
        await session.execute(text("update t set b = 'y' where here() is null"))
    assert threads == ["loop", "loop", "thread"]


async def test_a_long_question_goes_to_the_thread(own: Database, threads: list[str]) -> None:
    long = text(f"SELECT * FROM ({SLOW.text}) AS counted, (SELECT here())")
    async with own.writing() as session:
        await session.execute(text("insert into t values (2, 'kept')"))
        for _ in range(4):
            assert (await session.execute(long)).one()[0] == 2_000_000
        await session.execute(text("SELECT here()"))
    # Tried three times on the loop, where it may come as far as the call or not; the fourth time in the thread only.
    assert threads[-2:] == ["thread", "loop"]
    assert threads.count("thread") == 4
    async with own.reading() as session:
        assert (await session.scalar(text("SELECT count(*) FROM t"))) == 2


async def test_a_mistake_in_a_question_is_told(own: Database) -> None:
    async with own.reading() as session:
        with pytest.raises(OperationalError, match="no such table"):
            await session.execute(text("SELECT * FROM nowhere"))


async def test_a_cancelled_statement_harms_nobody(own: Database) -> None:
    async def count() -> None:
        async with own.reading() as session:
            await session.execute(SLOW)

    for _ in range(3):
        task = asyncio.create_task(count())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with own.writing(brief=True) as session:
            await session.execute(text("update t set b = b || 'z'"))
    async with own.reading() as session:
        assert (await session.scalar(text("select b from t"))) == "xzzz"


async def test_what_is_raised_is_undone(own: Database) -> None:
    async def fail() -> None:
        async with own.writing(brief=True) as session:
            await session.execute(text("delete from t"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with own.reading() as session:
        assert (await session.scalar(text("select count(*) from t"))) == 1


async def test_what_it_learns_of_its_tables_is_kept(own: Database) -> None:
    await own.learn()
    async with own.reading() as session:
        assert (await session.scalar(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 't'"))) == "1"
