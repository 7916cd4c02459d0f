"""What runs here: this instance, its workers, model processes, database and disk, each with how to start and stop it."""

from __future__ import annotations

import shutil
import socket
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from ainfluencer import __version__
from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.db.session import sqlite_version
from ainfluencer.engine.queries import EngineHealth

LOW_DISK_BYTES = 2_000_000_000
_MODEL_HOME = "ainfluencer.makers.adapters."
_START = "python launch.py up   (or: ainfluencer up)"
_STOP = "Ctrl C in the window where it runs; it ends what it is doing first."


@dataclass(frozen=True, slots=True)
class Service:
    """One thing that should run. `state`: running | idle | stopped | error. Nobody can stop it through a page."""

    id: str
    title: str
    icon: str
    state: str
    detail: str
    facts: tuple[tuple[str, str], ...] = ()
    pid: int = 0
    port: int = 0
    started_at: datetime | None = None
    seen_at: datetime | None = None
    memory_bytes: int = 0
    cpu_percent: float = 0.0
    start: str = ""
    stop: str = ""
    problem: str = ""
    parts: tuple[tuple[str, float, float], ...] = field(default=())  # label, value, total: drawn as meters


def look(config: Settings, health: EngineHealth) -> tuple[Service, ...]:
    """Every service as it stands now. Reads processes and the disk: call it off the event loop."""
    found = [_instance(config), _engine(health), *_models(), _database(config), _disk(config), _stage(config)]
    return tuple(found)


def _instance(config: Settings) -> Service:
    me = psutil.Process()
    with me.oneshot():
        started, memory = me.create_time(), me.memory_info().rss
    total = psutil.virtual_memory()
    return Service(
        "instance", "This instance", "server", "running" if _listens(config) else "error",
        f"AInfluencer {__version__} at {config.url}",
        (("Data folder", str(config.data)), ("Host", socket.gethostname())),
        me.pid, config.port, _instant(started), memory_bytes=memory, cpu_percent=_cpu(me), start=_START, stop=_STOP,
        problem="" if _listens(config) else f"Nothing answers on port {config.port}.",
        parts=(("Memory of the machine", float(total.total - total.available), float(total.total)),),
    )  # fmt: skip


def _engine(health: EngineHealth) -> Service:
    newest = next((w for w in health.workers if w["mode"] != "web" and w["alive"]), None)
    waiting = sum(health.waiting.values())
    facts = [(f"Waiting in {queue}", str(number)) for queue, number in sorted(health.waiting.items())]
    facts += [
        (f"{w['name']} ({w['mode']})", f"process {w['pid']} on {w['host']}") for w in health.workers if w["alive"]
    ]
    late = f", the oldest is {health.overdue_seconds:.0f} s late" if health.overdue else ""
    return Service(
        "engine", "Engine and workers", "cpu", "running" if health.alive else "error",
        f"{health.running} running, {waiting} waiting{late}",
        tuple(facts), newest["pid"] if newest else 0, 0, newest["started_at"] if newest else None,
        health.last_seen_at, start="ainfluencer up, or with PostgreSQL: ainfluencer worker", stop=_STOP,
        problem="" if health.alive else "No worker has been seen lately; nothing is made or published.",
    )  # fmt: skip


def _models() -> list[Service]:
    """Model processes are children of this one; each is started when it is needed and leaves when idle."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            words = next((w for w in child.cmdline() if w.startswith(_MODEL_HOME)), "")
            if not words:
                continue
            with child.oneshot():
                started, memory = _instant(child.create_time()), child.memory_info().rss
            found.append(
                Service(
                    "text-model", "Text model", "brain", "running", "In memory and ready to write",
                    (("Process", words),), child.pid, 0, started, memory_bytes=memory, cpu_percent=_cpu(child),
                    start="It starts by itself when something is to be written.",
                    stop="It leaves memory by itself when nothing was written for a while.",
                )
            )  # fmt: skip
        except psutil.Error:  # it ended while we looked
            continue
    return found or [
        Service(
            "text-model", "Text model", "brain", "idle", "Not in memory: nothing is being written",
            start="It starts by itself when something is to be written.",
        )
    ]  # fmt: skip


def _database(config: Settings) -> Service:
    if not config.is_sqlite:
        return Service(
            "database", "Database", "database", "running", "PostgreSQL",
            start="With the service manager of its machine.", stop="With the service manager of its machine.",
        )  # fmt: skip
    file = config.data / "ainfluencer.db"
    size = sum(p.stat().st_size for p in (file, file.with_name(file.name + "-wal")) if p.exists())
    return Service(
        "database", "Database", "database", "running" if file.exists() else "error",
        f"SQLite {sqlite_version()}, {size / 1e6:.1f} MB", (("File", str(file)),),
        start="Part of this instance.", problem="" if file.exists() else "The database file is gone.",
    )  # fmt: skip


def _disk(config: Settings) -> Service:
    usage = shutil.disk_usage(config.data if config.data.exists() else config.data.parent)
    low = usage.free < LOW_DISK_BYTES
    facts = tuple((title, f"{_size(config.data / name) / 1e6:,.0f} MB") for title, name in _FOLDERS)
    return Service(
        "disk", "Disk", "hard-drive", "error" if low else "running", f"{usage.free / 1e9:.1f} GB free",
        facts, problem="Little room is left: pictures and backups may fail." if low else "",
        parts=(("Used", float(usage.used), float(usage.total)),),
    )  # fmt: skip


_FOLDERS = (("Media", "media"), ("Models", "models"), ("Backups", "backups"), ("Logs", "runs"))


def _stage(config: Settings) -> Service:
    where = config.stage_url or "inside this instance"
    return Service(
        "local-network", "Stage", "theater", "running", f"The private network, {where}",
        start="Part of this instance.", stop="Pause its channels to keep characters off it.",
    )  # fmt: skip


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*") if folder.is_dir() else ():
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # a file that is being removed
            continue
    return total


def _listens(config: Settings) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(0.3)
        host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host  # noqa: S104 - compared, not bound
        return probe.connect_ex((host, config.port)) == 0


def _cpu(process: psutil.Process) -> float:
    """Share of one core since the process began (psutil's own figure needs two readings some time apart)."""
    spent = process.cpu_times()
    lived = max(1.0, clock.now().timestamp() - process.create_time())
    return round(float(100 * (spent.user + spent.system) / lived), 1)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
