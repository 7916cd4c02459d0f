"""Structured logs of one run: `runs/<timestamp>/` with events.jsonl for programs and summary.txt for people.

Secrets are redacted before anything is written. A disk that is full never stops the product: logging then goes quiet.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.core.crypto import redact_event

ROTATE_BYTES = 10_000_000
ROTATE_KEEP = 5
KEEP_RUNS = 30

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Quiet(logging.handlers.RotatingFileHandler):
    """Logging must not break what it reports on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Say nothing: the disk is full or gone."""


def _as_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """One line: ts, level, service, message, fix and whatever else was said."""
    ordered = {
        "ts": event.pop("timestamp", ""),
        "level": event.pop("level", "info"),
        "service": event.pop("logger", "app"),
        "message": event.pop("event", ""),
    }
    return json.dumps({**ordered, **event}, default=str, ensure_ascii=False)


def start_run(config: Settings, service: str, *, console: bool = False) -> Path:
    """Begin the log of this process and return its folder; older runs beyond the newest thirty are removed."""
    folder = config.data / "runs" / f"{clock.now():%Y%m%d-%H%M%S}-{service}-{os.getpid()}"
    level = _LEVELS.get(config.log_level.lower(), 20)
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    root.addHandler(logging.NullHandler())  # without any, Python would print what cannot be written
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        file = _Quiet(folder / "events.jsonl", maxBytes=ROTATE_BYTES, backupCount=ROTATE_KEEP, encoding="utf-8")
        file.setFormatter(_formatter(_as_json))
        root.addHandler(file)
        _point_to(folder)
        _forget_old(folder.parent)
    if console:
        screen = logging.StreamHandler(sys.stderr)
        screen.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
        root.addHandler(screen)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic", "dbos", "PIL", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    summary(folder, f"{service} started, data in {config.data}")
    return folder


def _formatter(renderer: Any) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _point_to(folder: Path) -> None:
    """`runs/latest` (a link) and `runs/latest.txt` (for systems without links) name the newest run."""
    (folder.parent / "latest.txt").write_text(folder.name + "\n", "utf-8")
    link = folder.parent / "latest"
    with suppress(OSError, NotImplementedError):
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name, target_is_directory=True)


def _forget_old(runs: Path) -> None:
    folders = sorted(p for p in runs.iterdir() if p.is_dir() and not p.is_symlink())
    for old in folders[:-KEEP_RUNS]:
        for file in old.glob("*"):
            file.unlink(missing_ok=True)
        old.rmdir()


def summary(folder: Path, line: str) -> None:
    """Add one line for people to the run's summary.txt."""
    with suppress(OSError), (folder / "summary.txt").open("a", encoding="utf-8") as file:
        file.write(f"{clock.now():%Y-%m-%d %H:%M:%S} UTC  {line}\n")
