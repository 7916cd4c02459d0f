"""Our SQLite connection: one thread hop a statement, none for brief ones, and nothing lost when cancelled."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import event, text

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


async def test_brief_ones_stay_on_the_loop(own: Database, threads: list[str]) -> None:
    async with own.reading(brief=True) as session:
        assert (await session.execute(text("select b, here() from t"))).one().b == "x"
    async with own.reading() as session:
        await session.execute(text("select here()"))
    async with own.writing(brief=True) as session:
        await session.execute(text("update t set b = 'y' where here() is null"))
    assert threads == ["loop", "thread", "loop"]


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
    async with own.reading(brief=True) as session:
        assert (await session.scalar(text("select count(*) from t"))) == 1
