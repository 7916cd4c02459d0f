"""Brings the database to the shape of the models: at every start, under a lock, with a copy of the file taken first."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from ainfluencer.core import clock
from ainfluencer.core.config import Settings, settings
from ainfluencer.core.errors import Conflict
from ainfluencer.db.base import Base, is_modelled
from ainfluencer.db.models import load_all
from ainfluencer.db.session import database_url

FOLDER = Path(__file__).parent / "migrations"
LOCK_SECONDS = 60
KEPT_COPIES = 5
_ADVISORY_LOCK = 0x41494E46  # any constant number, the same in every process


def _alembic(connection: Connection | None = None, *, versions: Path | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "newline")
    made.set_main_option("version_locations", str(versions or FOLDER / "versions").replace("%", "%%"))
    made.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def _engine(config: Settings) -> Engine:
    """A synchronous engine for schema work. SQLite: foreign keys off, or rebuilding a table would empty its children."""
    if not config.is_sqlite:
        return create_engine(database_url(config))
    config.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(database_url(config).replace("sqlite+aiosqlite", "sqlite"))

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.executescript("pragma journal_mode=wal; pragma foreign_keys=off; pragma busy_timeout=15000;")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("begin immediate"))
    return engine


@contextmanager
def _alone(config: Settings, engine: Engine) -> Iterator[None]:
    """One process at a time: a lock file beside SQLite, an advisory lock on PostgreSQL."""
    busy = Conflict(
        "Another process is changing the database's tables and has not finished after a minute.",
        "Wait for it, or end it, and start again.",
        code="migration_running",
    )
    if config.is_sqlite:
        try:
            with FileLock(config.data / "migrate.lock", timeout=LOCK_SECONDS):
                yield
        except Timeout:
            raise busy from None
        return
    with engine.connect() as holder:
        holder.execute(text(f"set lock_timeout = '{LOCK_SECONDS}s'"))
        try:
            holder.execute(text("select pg_advisory_lock(:n)"), {"n": _ADVISORY_LOCK})
        except OperationalError:
            raise busy from None
        holder.commit()
        try:
            yield
        finally:
            holder.execute(text("select pg_advisory_unlock(:n)"), {"n": _ADVISORY_LOCK})
            holder.commit()


def head(versions: Path | None = None) -> str | None:
    """The newest revision that this version of the product knows."""
    return ScriptDirectory.from_config(_alembic(versions=versions)).get_current_head()


def _refuse_newer(revision: str | None, versions: Path | None) -> None:
    known = {s.revision for s in ScriptDirectory.from_config(_alembic(versions=versions)).walk_revisions()}
    if revision and revision not in known:
        raise Conflict(
            f"The database was written by a newer version of AInfluencer (its tables are at {revision}).",
            "Install that version again, or restore the backup that was taken before it.",
            code="database_newer",
        )


def _copy_before(config: Settings, revision: str) -> Path:
    """A consistent copy of the SQLite file in `backups/`; only the newest few of these copies are kept."""
    folder = config.data / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"before-migration-{clock.now():%Y%m%dT%H%M%S%f}-{revision}.db"
    partial = target.with_suffix(".partial")
    with closing(sqlite3.connect(config.data / "ainfluencer.db")) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(target)
    for old in sorted(folder.glob("before-migration-*.db"))[:-KEPT_COPIES]:
        old.unlink()
    return target


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise Conflict(
            f"The update of the database was taken back: rows in {tables} would have lost what they belong to.",
            "Keep the copy in backups/ and report this; the database is as it was before.",
            code="migration_broke_references",
        )


def upgrade(config: Settings | None = None, *, versions: Path | None = None) -> str | None:
    """Bring the database to `head` and return that revision. All steps are one transaction: all or nothing.

    Blocking (call it before the event loop, or with `asyncio.to_thread`). `Conflict` when another process holds the
    lock for over a minute, or the database is newer than this program.
    """
    config = config or settings()
    target = head(versions)
    if target is None:
        raise Conflict(
            "This copy of AInfluencer carries no migrations.",
            "Install it again, or run: python -m ainfluencer db revision",
        )
    engine = _engine(config)
    try:
        with _alone(config, engine), engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
            connection.rollback()
            if present == target:
                return target
            _refuse_newer(present, versions)
            if present and config.is_sqlite:
                _copy_before(config, present)
            with connection.begin():
                command.upgrade(_alembic(connection, versions=versions), "head")
                if config.is_sqlite:
                    _check_references(connection)
    finally:
        engine.dispose()
    return target


def check(config: Settings | None = None) -> list[str]:
    """What differs between the database and the models, in words of Alembic; empty when they agree."""
    load_all()
    engine = _engine(config or settings())
    try:
        with engine.connect() as connection:
            state = MigrationContext.configure(
                connection, opts={"compare_type": True, "transactional_ddl": True, "include_object": is_modelled}
            )
            return [str(difference) for difference in compare_metadata(state, Base.metadata)]
    finally:
        engine.dispose()


def revision(message: str, *, versions: Path | None = None) -> Path | None:
    """Write the step that leads from the last migration to the present models. None when nothing changed.

    For developers: it compares against a throw-away SQLite database at `head`, never against anybody's data.
    """
    with tempfile.TemporaryDirectory(prefix="ainfluencer-revision-") as folder:
        config = replace(settings(), data=Path(folder), database_url="")
        if head(versions):
            upgrade(config, versions=versions)
        if not check(config):
            return None
        engine = _engine(config)
        try:
            with engine.connect() as connection:
                made = _alembic(connection, versions=versions)
                made.attributes["revision"] = True
                script = command.revision(made, message=message, autogenerate=True)
        finally:
            engine.dispose()
    if isinstance(script, list):
        script = script[0]
    return Path(script.path) if script else None
