"""Brings a backup back: everything is unpacked and checked first, then swapped in; what was there is kept."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from ainfluencer import db
from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.engine import locks
from ainfluencer.operations import backups, postgres
from ainfluencer.operations.backups import DATABASES, DUMP, FOLDERS, MANIFEST
from ainfluencer.operations.errors import DiskFull

_VERSIONS = Path(db.__file__).parent / "migrations" / "versions"
ASIDE = "before-restore-"
_ROOM_BYTES = 50_000_000
_STAYS = frozenset({"models", "backups", "runs", "engine.lock", "migrate.lock"})
_REVISION = re.compile(r"""^revision(?:: [^=]+)? = ["'](\w+)["']""", re.MULTILINE)
_KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# Everything of ours goes, also what a newer version added: the backup brings its own tables.
_EMPTY = """
drop schema if exists dbos cascade;
do $$ declare one record; begin
  for one in select tablename from pg_tables where schemaname = 'public' loop
    execute format('drop table if exists public.%I cascade', one.tablename);
  end loop;
end $$;
"""


def restore(config: Settings, file: Path, *, force: bool = False) -> Path | None:
    """Bring a backup into the data folder (and the configured PostgreSQL). All of it, or nothing is changed.

    What was there is moved to the folder that is answered, inside the data folder; None when there was nothing.

    Raises:
        InvalidInput: not one of our backups, or damaged.
        Conflict: an instance is there and `force` is off, something runs on it, or the backup does not fit.
        DiskFull: it does not fit on the disk.

    """
    with _opened(file) as (archive, about):
        _check_fit(config, about)
        with _alone(config):
            _check_free(config, archive)
            is_taken = _holds_instance(config)
            if is_taken and not force:
                raise Conflict(
                    f"{config.data} holds an instance already.",
                    "Use --force to replace it; the old one is kept in a folder inside.",
                )
            room = Path(tempfile.mkdtemp(prefix=".restore-", dir=config.data))
            try:
                _unpack(archive, room, file)
                return _swap(config, room, is_taken=is_taken)
            finally:
                shutil.rmtree(room, ignore_errors=True)


def _damaged(file: Path, why: object) -> InvalidInput:
    return InvalidInput(
        f"{file} is not one of our backups, or it is damaged ({why}).",
        "Choose another backup. Nothing was changed.",
        code="backup_damaged",
    )


@contextmanager
def _opened(file: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as e:
        raise _damaged(file, e.strerror if isinstance(e, OSError) and e.strerror else e) from None
    with archive:
        try:
            about = json.loads(archive.read(MANIFEST))
            if not isinstance(about, dict) or about.get("database", "sqlite") not in _KINDS:
                raise ValueError(f"{MANIFEST} says nothing that is known")  # noqa: TRY301 - one way out for all faults
            for name in archive.namelist():
                _check_name(name)
        except (OSError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, RecursionError) as e:
            raise _damaged(file, e) from None
        yield archive, about


def _check_name(name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ValueError(f"unsafe name {name[:80]!r}")


def _check_fit(config: Settings, about: dict[str, Any]) -> None:
    wanted = about.get("database", "sqlite")
    present = "sqlite" if config.is_sqlite else "postgresql"
    if wanted != present:
        way = "Unset" if wanted == "sqlite" else "Set"
        raise Conflict(
            f"This backup is of a {_KINDS[wanted]} database, and this instance uses {_KINDS[present]}.",
            f"{way} AINFLUENCER_DATABASE_URL and restore again.",
            code="backup_other_database",
        )
    _refuse_newer(str(about.get("revision") or ""), str(about.get("version") or "a newer version"))


def _refuse_newer(revision: str, version: str) -> None:
    known = {name for script in _VERSIONS.glob("*.py") for name in _REVISION.findall(script.read_text("utf-8"))}
    if revision and revision not in known:
        raise Conflict(
            f"This backup was made by a newer AInfluencer ({version[:40]}), whose tables are not known here.",
            "Install that version and restore it there. Nothing was changed.",
            code="database_newer",
        )


@contextmanager
def _alone(config: Settings) -> Iterator[None]:
    """Nothing else works on the data folder (SQLite) or is connected to the database (PostgreSQL)."""
    try:
        config.data.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise DiskFull(f"The data folder {config.data} cannot be made: {e.strerror}.") from None
    if config.is_sqlite:
        lock = locks.take(config)
        try:
            yield
        finally:
            lock.release()
        return
    others = postgres.ask(
        config,
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    if others != "0":
        raise Conflict(
            f"{others} connections to the database are open.",
            "Stop web and workers (and whatever else is connected), then restore.",
            code="instance_runs",
        )
    yield


def _check_free(config: Settings, archive: zipfile.ZipFile) -> None:
    need = sum(one.file_size for one in archive.infolist()) + _ROOM_BYTES
    free = shutil.disk_usage(config.data).free
    if free < need:
        raise DiskFull(
            f"The backup needs {need // 1_000_000} MB, and the disk of {config.data} has {free // 1_000_000} MB free.",
            "Free some space and restore again. Nothing was changed.",
        )


def _holds_instance(config: Settings) -> bool:
    if config.is_sqlite:
        return (config.data / DATABASES[0]).exists()
    return bool(postgres.ask(config, "select to_regclass('public.alembic_version')"))


def _unpack(archive: zipfile.ZipFile, room: Path, file: Path) -> None:
    """Every byte is read and compared with its checksum; the database must open and be whole."""
    try:
        for one in archive.infolist():
            top = PurePosixPath(one.filename).parts[0]
            if top in FOLDERS or one.filename in {*DATABASES, DUMP, "config.toml"}:
                archive.extract(one, room)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, IndexError) as e:
        raise _damaged(file, e) from None
    except OSError as e:
        raise DiskFull(f"The backup could not be unpacked: {e.strerror or e}.") from None
    database = room / DATABASES[0]
    if database.exists():
        _check_database(database, file)
    elif not (room / DUMP).exists():
        raise _damaged(file, "it holds no database")


def _check_database(database: Path, file: Path) -> None:
    if damage := backups.damage_of(database):
        raise _damaged(file, damage)
    _refuse_newer(backups.revision_of(database), "its tables say so")


def _swap(config: Settings, room: Path, *, is_taken: bool) -> Path | None:
    """The old one steps aside and the new one takes its place, by renames within one folder."""
    aside = config.data / f"{ASIDE}{clock.now():%Y%m%d-%H%M%S}"
    aside.mkdir()
    if not config.is_sqlite:
        _bring_tables(config, room, aside, is_taken=is_taken)
    old = [p for p in config.data.iterdir() if p.name not in _STAYS and not p.name.startswith((ASIDE, ".restore-"))]
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in ((old, aside), (list(room.iterdir()), config.data)):
            for item in source:
                item.rename(target / item.name)
                moved.append((item, target / item.name))
    except OSError as e:
        for before, after in reversed(moved):
            after.rename(before)
        raise DiskFull(
            f"The data folder cannot be changed: {e.strerror}.", "The old files are back in their places."
        ) from None
    if not any(aside.iterdir()):
        aside.rmdir()
        return None
    return aside


def _bring_tables(config: Settings, room: Path, aside: Path, *, is_taken: bool) -> None:
    if is_taken:
        postgres.run(config, ["pg_dump", "--format=custom", f"--file={aside / DUMP}"])
    script, empty = room / "restore.sql", room / "empty.sql"
    postgres.script(room / DUMP, script)
    empty.write_text(_EMPTY, "utf-8")
    # One transaction: the old tables are there until the new ones are complete.
    postgres.run(
        config,
        ["psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={empty}", f"--file={script}"],
    )  # fmt: skip
    for done in (script, empty, room / DUMP):
        with suppress(OSError):
            done.unlink()
