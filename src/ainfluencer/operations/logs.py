"""Reads what the runs of this instance wrote: `runs/<timestamp>/events.jsonl` and `summary.txt`, newest lines first read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ainfluencer.core import clock
from ainfluencer.core.crypto import redact
from ainfluencer.core.errors import InvalidInput, NotFound

LEVELS = ("debug", "info", "warning", "error")
MOST_BYTES = 4_000_000  # of one file, from its end: a page must not read a log of gigabytes
MOST_LINES = 500
_FOLDER = re.compile(r"\d{8}-\d{6}-[a-z]+-\d+")
_BLOCK = 256_000


@dataclass(frozen=True, slots=True)
class Run:
    """The log folder of one process."""

    name: str
    mode: str
    pid: int
    started_at: datetime
    size_bytes: int
    summary: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `details` is everything else that was said, as JSON values."""

    at: datetime
    level: str
    where: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)
    run: str = ""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to show; `level` is the least severe one, empty fields do not filter."""

    level: str = ""
    service: str = ""
    text: str = ""
    since: datetime | None = None


def runs(data_folder: Path) -> tuple[Run, ...]:
    """The kept runs, newest first."""
    home = data_folder / "runs"
    names = [p.name for p in home.iterdir()] if home.is_dir() else []
    return tuple(_run(home / name) for name in sorted(names, reverse=True) if _FOLDER.fullmatch(name))


def _run(folder: Path) -> Run:
    day, at, mode, pid = folder.name.split("-")
    started_at = datetime.strptime(day + at, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    size = sum(p.stat().st_size for p in folder.glob("*") if p.is_file())
    summary = folder / "summary.txt"
    words = summary.read_text("utf-8", "replace")[-4000:] if summary.is_file() else ""
    return Run(folder.name, mode, int(pid), started_at, size, redact(words))


def folder_of(data_folder: Path, name: str) -> Path:
    """The folder of a run by its name, or of the newest one for an empty name; `NotFound` otherwise."""
    known = [run.name for run in runs(data_folder)]
    if name and name not in known:
        raise NotFound("There is no such run.", "Its log may have been removed; choose another.")
    if not known:
        raise NotFound("No run has left a log here yet.")
    return data_folder / "runs" / (name or known[0])


def tail(data_folder: Path, name: str, wanted: LogFilter, *, limit: int = 200) -> tuple[Line, ...]:
    """The last `limit` lines of a run that match, oldest first."""
    found: list[Line] = []
    for line in _backwards(folder_of(data_folder, name)):
        if wanted.since is not None and line.at < wanted.since:
            break
        if _matches(line, wanted):
            found.append(line)
            if len(found) >= min(limit, MOST_LINES):
                break
    return tuple(reversed(found))


def services(data_folder: Path, name: str) -> tuple[str, ...]:
    """Who wrote into a run's log, by name."""
    return tuple(sorted({line.where for line in _backwards(folder_of(data_folder, name)) if line.where}))


@dataclass(frozen=True, slots=True)
class Errors:
    """Warnings and errors since an instant: the newest lines, and how many by level and by source."""

    lines: tuple[Line, ...]
    by_level: dict[str, int]
    by_source: dict[str, int]


def errors(data_folder: Path, since: datetime, *, limit: int = 100) -> Errors:
    """What went wrong in every run since then, newest first."""
    found: list[Line] = []
    levels: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    for run in runs(data_folder):
        for line in _backwards(data_folder / "runs" / run.name):
            if line.at < since:
                break
            if line.level in {"warning", "error"}:
                levels[line.level] += 1
                sources[line.where or "app"] += 1
                found.append(line)
    found.sort(key=lambda line: line.at, reverse=True)
    return Errors(tuple(found[:limit]), dict(levels), dict(sources.most_common(12)))


def _matches(line: Line, wanted: LogFilter) -> bool:
    if wanted.level and _rank(line.level) < _rank(wanted.level):
        return False
    if wanted.service and line.where != wanted.service:
        return False
    words = wanted.text.casefold()
    return not words or words in line.text.casefold() or words in json.dumps(line.details, default=str).casefold()


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


def _backwards(folder: Path) -> Iterator[Line]:
    """The lines of a run's log from its end, over rotated files too, at most `MOST_BYTES` of each."""
    for file in [folder / "events.jsonl", *sorted(folder.glob("events.jsonl.*"))]:
        if not file.is_file():
            continue
        for raw in _raw_backwards(file):
            line = _parse(raw, folder.name)
            if line is not None:
                yield line


def _raw_backwards(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        stream.seek(0, 2)
        end = stream.tell()
        least = max(0, end - MOST_BYTES)
        rest = b""
        while end > least:
            size = min(_BLOCK, end - least)
            end -= size
            stream.seek(end)
            lines = (stream.read(size) + rest).split(b"\n")
            rest = lines[0]
            yield from reversed(lines[1:])
        if least == 0:
            yield rest


def _parse(raw: bytes, run: str) -> Line | None:
    """One event; None for an empty or broken line (a process may have died while it wrote)."""
    try:
        event = json.loads(raw)
        at = clock.parse_instant(str(event.pop("ts")))
    except (ValueError, KeyError, AttributeError, TypeError, InvalidInput):
        return None
    level, where = str(event.pop("level", "info")), str(event.pop("service", ""))
    text = redact(str(event.pop("message", "")))
    details = {str(k): redact(v) if isinstance(v, str) else v for k, v in event.items()}
    return Line(at, "error" if level == "critical" else level, where, text, details, run)
