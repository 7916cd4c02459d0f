"""Engines, sessions and the one transaction per request or job step."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from ainfluencer.core.config import Settings, settings
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db import sqlite
from ainfluencer.db.sqlite import BRIEF

WRITING: ContextVar[bool] = ContextVar("ainfluencer_writing", default=False)
"""True while a write transaction is open in this task; the outside-call client refuses to run then."""

_ROWS_SAMPLED = 400  # of each index; what SQLite's documentation suggests

_LASTING: ContextVar[bool] = ContextVar("ainfluencer_lasting", default=True)


def database_url(config: Settings) -> str:
    """The SQLAlchemy URL: SQLite in the data folder, or PostgreSQL through psycopg."""
    if config.is_sqlite:
        return f"sqlite+aiosqlite:///{config.data / 'ainfluencer.db'}"
    scheme, _, rest = config.database_url.partition("://")
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise InvalidInput(
            f"The setting database_url names “{scheme[:20]}”, and only PostgreSQL is supported beside SQLite.",
            "Write it as postgresql://user:password@host/name, or leave it empty for SQLite.",
            field="database_url",
        )
    return f"postgresql+psycopg://{rest}"


def _prepare_sqlite(connection: Any, _record: ConnectionPoolEntry) -> None:
    # SQLAlchemy must not begin by itself: `_begin` decides between a reader's and a writer's transaction.
    connection.isolation_level = None
    connection.driver_connection.watch()
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "busy_timeout=15000",
        "cache_size=-32000",
        "temp_store=memory",
    ):
        cursor.execute(f"pragma {pragma}")
    cursor.close()


def make_engine(config: Settings | None = None) -> AsyncEngine:
    """An engine for the configured database. SQLite: WAL, full sync, foreign keys on."""
    config = config or settings()
    if not config.is_sqlite:
        return create_async_engine(
            database_url(config), pool_size=10, max_overflow=20, pool_pre_ping=True, pool_recycle=1800
        )
    config.data.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        database_url(config),
        pool_size=8,
        max_overflow=16,
        pool_use_lifo=True,  # the same few connections, whose caches are warm
        connect_args={"async_creator_fn": sqlite.connect},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Any) -> None:
    # A reader that later writes would fail at once when another writer came between; a writer therefore takes
    # the lock at its start and waits for it (busy_timeout).
    driver: sqlite.Connection = connection.connection.driver_connection
    if not WRITING.get():
        driver.at_once("BEGIN")
        return
    synchronous = "full" if _LASTING.get() else "normal"
    if driver.synchronous != synchronous:
        driver.at_once(f"pragma synchronous={synchronous}")
        driver.synchronous = synchronous
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """The engine and session factory of one process."""

    def __init__(self, config: Settings | None = None) -> None:
        self.config = config or settings()
        self.engine = make_engine(self.config)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for questions only; whatever it changed is thrown away."""
        token, kept = WRITING.set(False), BRIEF.set(False)
        try:
            async with self._sessions() as session:
                # Closing rolls back. An explicit rollback would also expire every object, so that nothing that was read
                # could be used after the block.
                yield session
        finally:
            WRITING.reset(token)
            BRIEF.reset(kept)

    @asynccontextmanager
    async def writing(self, *, lasting: bool = True, brief: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end, rolled back when anything is raised. No outside calls inside.

        With `lasting=False` a power cut (never a crash of this process) may undo it on SQLite, which saves the wait
        for the disk: for what is done again anyway, such as progress. `brief`: every statement touches a few rows by a
        key, so that SQLite runs it without another thread.
        """
        turn = self._turn()
        token, kept, quick = WRITING.set(True), _LASTING.set(lasting), BRIEF.set(brief)
        try:
            async with turn, self._sessions() as session:
                yield session
                await session.commit()
            after: list[Callable[[], Any]] = session.info.pop("after_commit", [])
        finally:
            WRITING.reset(token)
            _LASTING.reset(kept)
            BRIEF.reset(quick)
        for call in after:
            call()

    def _turn(self) -> AbstractAsyncContextManager[object]:
        """SQLite has one writer at a time: wait for the turn here, in order and without holding a connection.

        Waiting inside SQLite is neither: it polls, may be overtaken for seconds, and a crowd of waiting writers would
        use up the pool. A writer inside a writer goes on as before (SQLite refuses it after its own time).
        """
        if not self.config.is_sqlite or WRITING.get():
            return nullcontext()
        return self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    async def learn(self) -> None:
        """Let SQLite look at samples of its tables, so that it chooses the right index (milliseconds at any size).

        PostgreSQL does that by itself.
        """
        if self.config.is_sqlite:
            async with self.writing(lasting=False) as session:
                await session.execute(text(f"pragma analysis_limit={_ROWS_SAMPLED}"))
                await session.execute(text("analyze"))

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()


def after_commit(session: AsyncSession, call: Callable[[], Any]) -> None:
    """Run `call` once this session's transaction has been committed (never when it is rolled back)."""
    session.info.setdefault("after_commit", []).append(call)


_DATABASES: list[Database] = []


def database() -> Database:
    """The process's database; `use_database` sets it at start."""
    if not _DATABASES:
        _DATABASES.append(Database())
    return _DATABASES[0]


def use_database(new: Database | None) -> None:
    """Set (or, with None, forget) the process's database."""
    _DATABASES[:] = [new] if new else []


def sqlite_version() -> str:
    """Of the library that Python carries."""
    return sqlite3.sqlite_version
