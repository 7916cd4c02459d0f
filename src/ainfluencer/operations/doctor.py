"""Looks at this machine and data folder and says what stands in the way, each with the way out."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import socket
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import ProductError
from ainfluencer.integrations import mail
from ainfluencer.operations import backups, packs
from ainfluencer.web import assets

LOW_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: ok | warning | problem."""

    id: str
    title: str
    state: str
    detail: str
    next_step: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def examine(config: Settings, *, serving: bool = False) -> list[Check]:
    """Every check, in the order in which a start would meet them. `serving`: asked by the instance that runs here."""
    looks: tuple[Callable[[Settings], Check], ...] = (
        _python, _folder, _disk, _database, _own_port if serving else _port, _pages, _packs, _openmp, _connectable, _mail
    )  # fmt: skip
    return [look(config) for look in looks]


def _python(_config: Settings) -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("python", "Python", "ok", version)


def _folder(config: Settings) -> Check:
    try:
        config.data.mkdir(parents=True, exist_ok=True)
        probe = config.data / ".doctor"
        probe.write_text("ok", "utf-8")
        probe.unlink()
    except OSError as e:
        return Check(
            "folder", "Data folder", "problem", f"{config.data}: {e.strerror}", "Choose another one with --data."
        )
    return Check("folder", "Data folder", "ok", str(config.data))


def _disk(config: Settings) -> Check:
    home = config.data if config.data.exists() else config.data.parent
    try:
        free = shutil.disk_usage(home).free
    except OSError as e:
        return Check("disk", "Disk", "problem", e.strerror or "unreadable", "Choose another data folder.")
    state = "ok" if free > LOW_DISK_BYTES else "warning" if free > LOW_DISK_BYTES / 10 else "problem"
    return Check("disk", "Disk", state, f"{free / 1e9:.1f} GB free", "" if state == "ok" else "Free some space.")


def _database(config: Settings) -> Check:
    if config.is_sqlite:
        return _sqlite(config.data / backups.DATABASES[0])
    import psycopg

    try:
        with psycopg.connect(config.database_url, connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.Error as e:
        return Check("database", "Database", "problem", str(e).strip()[:200], "Check AINFLUENCER_DATABASE_URL.")
    state = "ok" if version >= 140000 else "warning"
    return Check("database", "Database", state, f"PostgreSQL {version // 10000}")


def _sqlite(file: Path) -> Check:
    damage = backups.damage_of(file) if file.exists() else ""
    if not damage:
        return Check("database", "Database", "ok", "SQLite in the data folder")
    return Check(
        "database",
        "Database",
        "problem",
        f"{file} is damaged: {damage[:200]}",
        "Stop the studio and restore the newest backup: ainfluencer restore FILE --force.",
    )


def _own_port(config: Settings) -> Check:
    return Check("port", "Port", "ok", f"{config.port}, used by this instance")


def _port(config: Settings) -> Check:
    with closing(socket.socket()) as probe:
        probe.settimeout(0.5)
        taken = probe.connect_ex(("127.0.0.1", config.port)) == 0
    if taken:
        return Check(
            "port", "Port", "warning", f"{config.port} is in use", "That may be this instance; else choose --port."
        )
    return Check("port", "Port", "ok", f"{config.port} is free")


def _pages(_config: Settings) -> Check:
    if assets.are_built():
        return Check("pages", "Web interface", "ok", "built")
    return Check(
        "pages", "Web interface", "problem", "not built", "Run: python launch.py, or python tools/build_assets.py"
    )


def _packs(config: Settings) -> Check:
    missing = [s.pack.id for s in packs.status(config.data) if s.pack.is_required and not s.is_installed]
    if missing:
        return Check(
            "packs", "Model packs", "warning", f"{', '.join(missing)} missing", "Run: ainfluencer models install"
        )
    return Check("packs", "Model packs", "ok", "all required ones are installed")


def _openmp(_config: Settings) -> Check:
    if sys.platform != "linux" or ctypes.util.find_library("gomp"):
        return Check("openmp", "OpenMP", "ok", "found")
    return Check(
        "openmp",
        "OpenMP",
        "problem",
        "libgomp.so.1 is missing; the text model needs it",
        "Debian/Ubuntu: apt install libgomp1",
    )


def _connectable(config: Settings) -> Check:
    if config.host in {"127.0.0.1", "localhost", "::1"}:
        return Check("address", "Address", "ok", f"{config.url}, this computer only")
    state = "ok" if config.secure_cookies else "warning"
    return Check(
        "address",
        "Address",
        state,
        f"{config.host}:{config.port} lets other machines in (process {os.getpid()})",
        "" if state == "ok" else "Put HTTPS in front and set AINFLUENCER_SECURE_COOKIES=true.",
    )


def _mail(config: Settings) -> Check:
    if not mail.is_on(config):
        return Check("mail", "Mail", "ok", "off; links are handed over by hand")
    try:
        return Check("mail", "Mail", "ok", f"{mail.check(config)} takes letters")
    except ProductError as e:
        return Check("mail", "Mail", "problem", e.detail, e.next_step)
