"""SQLite beside the event loop with few changes of thread: one for a statement with its rows, none for what is brief."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Any

import aiosqlite

BRIEF: ContextVar[bool] = ContextVar("ainfluencer_brief", default=False)
"""True where every statement finds its few rows by a key: going to another thread would take longer than the answer."""


class Connection(aiosqlite.Connection):
    """One connection with its thread. What waits for nobody and for no disk runs at once, the rest in that thread.

    The calls follow each other, so two threads never use the connection at the same time. The one exception is a
    caller that was cancelled and whose statement still runs: until it ends, everything goes to the thread.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._under_way = 0
        self.synchronous = ""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._under_way += 1
        return await super()._execute(self._counted, fn, *args, **options)  # type: ignore[no-untyped-call] # theirs has no types

    def _counted(self, fn: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return fn(*args, **options)
        finally:
            self._under_way -= 1

    @property
    def is_free(self) -> bool:
        """Whether no statement runs in the thread."""
        return not self._under_way

    def at_once(self, sql: str) -> None:
        """Run a statement that neither waits nor reads, such as BEGIN, if the connection is free."""
        self._conn.execute(sql)

    def cursor(self) -> Cursor:  # type: ignore[override] # theirs goes to the thread to make one
        """A cursor; making one needs no thread."""
        return Cursor(self, self._conn.cursor())

    async def rollback(self) -> None:
        """Undo; without a transaction of a writer this only lets go of the snapshot."""
        if self.is_free:
            self._conn.rollback()
        else:
            await super().rollback()


class Cursor(aiosqlite.Cursor):
    """Fetches its rows together with running its statement."""

    _conn: Connection

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        """Run it: here when it is brief, else in the thread."""
        run = partial(_run, self._cursor, sql, () if parameters is None else parameters)
        if BRIEF.get() and self._conn.is_free and not sql.startswith("BEGIN IMMEDIATE"):
            self._rows = run()
        else:
            self._rows = await self._conn._execute(run)  # noqa: SLF001 - ours
        return self

    async def fetchall(self) -> Iterable[sqlite3.Row]:
        """The rows, which are here already."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Let go of the statement."""
        if self._conn.is_free:
            self._cursor.close()
        else:
            await super().close()


def _run(cursor: sqlite3.Cursor, sql: str, parameters: Iterable[Any]) -> list[Any]:
    cursor.execute(sql, parameters)  # type: ignore[arg-type] # SQLAlchemy gives a tuple
    return cursor.fetchall() if cursor.description else []


def connect(database: str, **options: Any) -> Connection:
    """A connection that SQLAlchemy's pool can await (`async_creator_fn`)."""
    made = Connection(partial(sqlite3.connect, database, **{**options, "check_same_thread": False}))
    made._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with its own
    return made
