"""SQLite beside the event loop with few changes of thread: a short question is answered at once, the rest in a thread."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import partial
from typing import Any

import aiosqlite

BRIEF: ContextVar[bool] = ContextVar("ainfluencer_brief", default=False)
"""True in a writer whose every statement touches a few rows by a key: going to another thread would take longer."""

QUESTION_SECONDS = 0.002
"""What a question may take on the event loop before it is asked again in the thread.

Under load a change of thread costs more than most questions: whoever comes back waits for the interpreter's lock, up to
its switch interval of 5 ms, and a page asks a dozen questions.
"""

_LOOK_EVERY = 2000  # steps of SQLite's machine, some 50 microseconds
_MOST_KNOWN = 500
_LONG_AFTER = 3


class Connection(aiosqlite.Connection):
    """One connection with its thread. What waits for nobody and for no disk runs at once, the rest in that thread.

    The calls follow each other, so two threads never use the connection at the same time. The one exception is a
    caller that was cancelled and whose statement still runs: until it ends, everything goes to the thread.
    """

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._under_way = 0
        self._ends_at = 0.0  # 0: take as long as it takes
        self.synchronous = ""

    def watch(self) -> None:
        """Let SQLite look at the time while it answers; once, after the connection was opened."""
        self._conn.set_progress_handler(self._is_over, _LOOK_EVERY)

    def _is_over(self) -> bool:
        return self._ends_at > 0 and time.perf_counter() > self._ends_at

    def ask(self, question: Callable[[], list[Any]]) -> list[Any] | None:
        """The rows, or None when the question takes longer than `QUESTION_SECONDS`; nothing has changed then."""
        self._ends_at = time.perf_counter() + QUESTION_SECONDS
        try:
            return question()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return None
        finally:
            self._ends_at = 0.0

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


_times_long: dict[str, int] = {}
"""How often a question took too long. A busy computer makes any question late once, but hardly the same one again."""


def _note_long(sql: str) -> None:
    _times_long[sql] = _times_long.get(sql, 0) + 1
    if len(_times_long) > _MOST_KNOWN:
        _times_long.pop(next(iter(_times_long)))  # the oldest may try again: the data or its indexes may have changed


class Cursor(aiosqlite.Cursor):
    """Fetches its rows together with running its statement."""

    _conn: Connection

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        """Run it: here when it is brief or a short question, else in the thread."""
        run = partial(_run, self._cursor, sql, () if parameters is None else parameters)
        rows: list[Any] | None = None
        if self._conn.is_free:
            if BRIEF.get() and not sql.startswith("BEGIN IMMEDIATE"):
                rows = run()
            elif sql.startswith("SELECT") and _times_long.get(sql, 0) < _LONG_AFTER:
                rows = self._conn.ask(run)
                if rows is None:
                    _note_long(sql)
        self._rows = await self._conn._execute(run) if rows is None else rows  # noqa: SLF001 - ours
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
