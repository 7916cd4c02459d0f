"""One executor, one name: a file lock on the data folder (SQLite) or an advisory lock (PostgreSQL)."""

from __future__ import annotations

import hashlib
import socket
from typing import Protocol

from filelock import FileLock, Timeout

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import LimitReached
from ainfluencer.engine.errors import AlreadyRunning

NAMES = 64  # workers of one machine on one database


def lock_number(name: str) -> int:
    """A signed 64-bit number for PostgreSQL's advisory locks."""
    return int.from_bytes(hashlib.sha256(f"ainfluencer:{name}".encode()).digest()[:8], signed=True)


class ExecutorLock(Protocol):
    """Held for as long as the process executes. Every method blocks: call them in a thread."""

    executor_id: str

    def alive(self) -> bool:
        """Whether the lock is certainly still ours."""
        ...

    def release(self) -> None:
        """Let it go."""
        ...


class FolderLock:
    """SQLite: one engine process per data folder. The operating system lets go of it when the process ends."""

    def __init__(self, config: Settings) -> None:
        config.data.mkdir(parents=True, exist_ok=True)
        self.executor_id = config.worker_id or "local"
        self._lock = FileLock(config.data / "engine.lock", timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout:
            raise AlreadyRunning(
                f"Another AInfluencer is working on the data folder {config.data}.",
                "Use the one that runs, or stop it first, or choose another folder with --data.",
            ) from None

    def alive(self) -> bool:
        """A file lock does not go away by itself."""
        return self._lock.is_locked

    def release(self) -> None:
        """Let it go."""
        self._lock.release()


class SessionLock:
    """PostgreSQL: an advisory lock of a session of its own. It ends with the connection, and with it our right to run."""

    def __init__(self, config: Settings) -> None:
        import psycopg

        self._connection = psycopg.connect(
            "postgresql://" + config.database_url.partition("://")[2],
            autocommit=True,
            connect_timeout=10,
            keepalives=1,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            application_name="ainfluencer-executor",
        )
        self._leading = False
        try:
            self.executor_id = self._take(config.worker_id)
        except BaseException:
            self._connection.close()
            raise

    def _take(self, wanted: str) -> str:
        if wanted:
            if self.try_lock(wanted):
                return wanted
            raise AlreadyRunning(
                f"A worker called “{wanted}” is running on this database.", "Give this one another worker_id, or none."
            )
        # Without a given name: the first free number of this machine, so that a restart resumes its own work.
        for number in range(NAMES):
            name = f"{socket.gethostname()}-{number}"
            if self.try_lock(name):
                return name
        raise LimitReached(f"{NAMES} workers of this machine are connected already.", "Stop some, or set worker_id.")

    def try_lock(self, name: str) -> bool:
        """Take another name's lock too, if nobody holds it (its owner's session has ended)."""
        row = self._connection.execute("select pg_try_advisory_lock(%s)", (lock_number(name),)).fetchone()
        return bool(row and row[0])

    def lead(self) -> bool:
        """Whether this process leads the periodic rounds; once it does, it does until its session ends."""
        if not self._leading:
            self._leading = self.try_lock("rounds")
        return self._leading

    def unlock(self, name: str) -> None:
        """Give back what `try_lock` took."""
        self._connection.execute("select pg_advisory_unlock(%s)", (lock_number(name),))

    def alive(self) -> bool:
        """Ask the server; a broken connection means that the lock is gone."""
        import psycopg

        try:
            self._connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def release(self) -> None:
        """End the session, and with it every lock that it holds."""
        self._connection.close()


def take(config: Settings) -> FolderLock | SessionLock:
    """The lock of this executor, or `AlreadyRunning`. Blocking."""
    return FolderLock(config) if config.is_sqlite else SessionLock(config)
