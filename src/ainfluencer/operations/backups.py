"""One file that holds an instance: database, media, keys and configuration. Models are left out: they can be had again."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from ainfluencer import __version__
from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput, LimitReached, NotConnected, NotFound

_FOLDERS = ("media", "keys")
_DATABASES = ("ainfluencer.db", "engine.sqlite")
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
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    try:
        with (
            tempfile.TemporaryDirectory(dir=target.parent) as room,
            zipfile.ZipFile(part, "w", allowZip64=True) as archive,
        ):
            tell(0.02, "Copying the database")
            _add_database(config, archive, Path(room))
            for number, folder in enumerate(_FOLDERS):
                tell(0.2 + 0.4 * number, f"Packing {folder}")
                _add_folder(archive, config.data, folder)
            if (config.data / "config.toml").exists():
                archive.write(config.data / "config.toml", "config.toml")
            about = {
                "version": __version__,
                "at": clock.now().isoformat(),
                "database": "sqlite" if config.is_sqlite else "postgresql",
            }
            archive.writestr(MANIFEST, json.dumps(about))
        if os.name != "nt":
            part.chmod(0o600)
        part.replace(target)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise LimitReached(
            f"The backup could not be written: {e.strerror}.", "Free some space or choose another place with --out."
        ) from None
    return target


def _add_database(config: Settings, archive: zipfile.ZipFile, room: Path) -> None:
    if not config.is_sqlite:
        dump = room / "database.dump"
        program = shutil.which("pg_dump")
        if not program:
            raise NotConnected("postgresql", "pg_dump is not on the PATH.", "Install PostgreSQL's client programs.")
        done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
            [program, "--format=custom", f"--file={dump}", config.database_url],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotConnected("postgresql", f"pg_dump said: {done.stderr.strip()[-200:]}")
        archive.write(dump, "database.dump", zipfile.ZIP_STORED)
        return
    for name in _DATABASES:
        source = config.data / name
        if not source.exists():
            continue
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(room / name)) as copy:
            live.backup(copy)
        archive.write(room / name, name, zipfile.ZIP_DEFLATED)


def _add_folder(archive: zipfile.ZipFile, data: Path, folder: str) -> None:
    for path in sorted((data / folder).rglob("*")):
        if path.is_file() and "variants" not in path.parts and path.suffix not in {".part", ".lock"}:
            archive.write(path, path.relative_to(data).as_posix(), zipfile.ZIP_STORED)


def restore(config: Settings, file: Path, *, force: bool = False) -> None:
    """Unpack a backup into the data folder. What was there is moved aside, never deleted."""
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read(MANIFEST))
            names = [_safe(name) for name in archive.namelist()]
            if (config.data / _DATABASES[0]).exists():
                if not force:
                    raise Conflict(
                        f"{config.data} holds an instance already.",
                        "Use --force to replace it; the old one is kept beside it.",
                    )
                aside = config.data.with_name(f"{config.data.name}-before-restore-{clock.now():%Y%m%d-%H%M%S}")
                _move_aside(config.data, aside)
            config.data.mkdir(parents=True, exist_ok=True)
            for name in names:
                if name != MANIFEST:
                    archive.extract(name, config.data)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as e:
        raise InvalidInput(
            f"{file} is not one of our backups, or it is damaged ({e}).", "Choose another backup."
        ) from None
    if about.get("database") == "postgresql":
        _restore_postgres(config)


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ValueError(f"unsafe name {name!r}")
    return name


def _move_aside(data: Path, aside: Path) -> None:
    aside.mkdir()
    for item in data.iterdir():
        if item.name not in {"models", "backups"}:
            shutil.move(str(item), aside / item.name)


def _restore_postgres(config: Settings) -> None:
    program = shutil.which("pg_restore")
    if not program or not config.database_url:
        raise NotConnected(
            "postgresql", "pg_restore or AINFLUENCER_DATABASE_URL is missing.", "Set both and restore again."
        )
    done = subprocess.run(  # noqa: S603 - a fixed program and our own arguments
        [
            program,
            "--clean",
            "--if-exists",
            "--no-owner",
            f"--dbname={config.database_url}",
            str(config.data / "database.dump"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotConnected("postgresql", f"pg_restore said: {done.stderr.strip()[-300:]}")
