"""One file that holds an instance: database, media, keys and configuration. Models are left out: they can be had again."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ainfluencer import __version__
from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, NotFound
from ainfluencer.operations import postgres
from ainfluencer.operations.errors import DiskFull

FOLDERS = ("media", "keys")
DATABASES = ("ainfluencer.db", "engine.sqlite")
DUMP = "database.dump"
MANIFEST = "backup.json"
DAILY = "daily"
_NAME = re.compile(r"(?:ainfluencer|daily)-\d{8}-\d{6}\.zip")

Progress = Callable[[float, str], None]
"""Called with the share done (0..1) and a sentence."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One file in the folder of backups."""

    name: str
    path: Path
    size_bytes: int
    made_at: datetime
    is_daily: bool


def _silent(_share: float, _sentence: str) -> None: ...


def listed(config: Settings) -> tuple[Backup, ...]:
    """The backups in the data folder, newest first."""
    found = []
    for path in (config.data / "backups").glob("*.zip"):
        if _NAME.fullmatch(path.name):
            about = path.stat()
            made_at = datetime.fromtimestamp(about.st_mtime, UTC)
            found.append(Backup(path.name, path, about.st_size, made_at, path.name.startswith(DAILY)))
    return tuple(sorted(found, key=lambda b: (b.made_at, b.name), reverse=True))


def get(config: Settings, name: str) -> Backup:
    """One of the listed backups, or `NotFound`."""
    found = next((b for b in listed(config) if b.name == name), None)
    if found is None:
        raise NotFound("There is no such backup.", "Go back to the list of backups.")
    return found


def delete(config: Settings, name: str) -> int:
    """Delete a listed backup; answers the bytes freed."""
    found = get(config, name)
    found.path.unlink(missing_ok=True)
    return found.size_bytes


def forget_daily(config: Settings, keep: int) -> int:
    """Delete the oldest automatic backups beyond `keep`; answers how many. Those that a person made stay."""
    old = [b for b in listed(config) if b.is_daily][max(1, keep) :]
    for one in old:
        one.path.unlink(missing_ok=True)
    return len(old)


def create(config: Settings, out: Path | None = None, *, prefix: str = "ainfluencer", tell: Progress = _silent) -> Path:
    """Write a backup and return its path. SQLite is copied by its own online backup; PostgreSQL by pg_dump.

    The keys that open stored secrets are inside: keep the file as safe as the data folder.
    """
    target = out or config.data / "backups" / f"{prefix}-{clock.now():%Y%m%d-%H%M%S}.zip"
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=target.parent) as room,
            # A file from before 1980 (a clock that jumped) is no reason to fail.
            zipfile.ZipFile(part, "w", allowZip64=True, strict_timestamps=False) as archive,
        ):
            tell(0.02, "Copying the database")
            _add_database(config, archive, Path(room))
            for number, folder in enumerate(FOLDERS):
                tell(0.2 + 0.4 * number, f"Packing {folder}")
                _add_folder(archive, config.data, folder)
            if (config.data / "config.toml").exists():
                archive.write(config.data / "config.toml", "config.toml")
            about = {
                "version": __version__,
                "at": clock.now().isoformat(),
                "database": "sqlite" if config.is_sqlite else "postgresql",
                "revision": _revision(config),
            }
            archive.writestr(MANIFEST, json.dumps(about))
        if os.name != "nt":
            part.chmod(0o600)
        part.replace(target)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise DiskFull(
            f"The backup could not be written: {e.strerror or e}.",
            "Free some space or choose another place with --out.",
        ) from None
    except sqlite3.Error as e:
        part.unlink(missing_ok=True)
        if "full" in str(e):
            raise DiskFull(
                "The disk filled up while the database was copied.",
                "Free some space or choose another place with --out.",
            ) from None
        raise Conflict(
            f"The database is damaged, so no backup was written of it ({str(e)[:200]}).",
            "Stop the studio and restore the newest backup: ainfluencer restore FILE --force. Earlier ones were kept.",
            code="database_damaged",
        ) from None
    return target


def _revision(config: Settings) -> str:
    """Which migration the database is at, so that a restore can say at once whether it fits; '' when unknown."""
    if config.is_sqlite:
        return revision_of(config.data / DATABASES[0])
    # psql ends with an error where a table is missing, so it is looked for first.
    has_table = postgres.ask(config, "select to_regclass('alembic_version')")
    return postgres.ask(config, "select version_num from alembic_version") if has_table else ""


def revision_of(file: Path) -> str:
    """The migration that an SQLite file is at; '' when it has no tables of ours."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as found:
        row = found.execute("select version_num from alembic_version").fetchone()
        return str(row[0]) if row else ""
    return ""


def _add_database(config: Settings, archive: zipfile.ZipFile, room: Path) -> None:
    if not config.is_sqlite:
        dump = room / DUMP
        postgres.run(config, ["pg_dump", "--format=custom", f"--file={dump}"])
        archive.write(dump, DUMP, zipfile.ZIP_STORED)
        return
    for name in DATABASES:
        source = config.data / name
        if not source.exists():
            continue
        copy = room / name
        if damage := _copy(source, copy):
            if name != DATABASES[0]:
                continue  # what waits in the engine's own file is found again by the jobs' rows
            raise sqlite3.DatabaseError(damage)
        archive.write(copy, name, zipfile.ZIP_DEFLATED)


def _copy(source: Path, target: Path) -> str:
    """A consistent copy of a database in use; answers what is wrong with it, '' when it is whole."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    except sqlite3.OperationalError:  # no room, or locked: no word about the file itself
        raise
    except sqlite3.DatabaseError as e:
        return str(e)
    return damage_of(target)


def damage_of(file: Path) -> str:
    """What SQLite objects to in a database file; '' when it is whole. Reads all of it."""
    try:
        with closing(sqlite3.connect(file)) as opened:
            said = str(opened.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as e:
        return str(e)
    return "" if said == "ok" else said


def _add_folder(archive: zipfile.ZipFile, data: Path, folder: str) -> None:
    for path in sorted((data / folder).rglob("*")):
        if path.is_file() and "variants" not in path.parts and path.suffix not in {".part", ".lock"}:
            with suppress(FileNotFoundError):  # deleted while the others were packed
                archive.write(path, path.relative_to(data).as_posix(), zipfile.ZIP_STORED)
