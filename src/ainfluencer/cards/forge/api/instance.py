"""For those who run the instance: debug, cache, system and config. What they say comes from the modules that own it."""

from __future__ import annotations

import asyncio
import platform
import sys
import tomllib
from dataclasses import fields
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import psutil
from sqlalchemy.ext.asyncio import AsyncSession

import ainfluencer
from ainfluencer.cards.forge import sources, steps
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import PREFIX, Settings, settings
from ainfluencer.engine import queries as engine
from ainfluencer.operations import access, doctor, logs, queries, services
from ainfluencer.operations.schemas import LineOut, ServiceOut
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["forge"])
_DAY = timedelta(hours=24)


@router.get("/debug")
async def show_debug(session: Read, actor: Who) -> dict[str, Any]:
    """What a support person asks for: version, checks of the machine, jobs by state, last errors, settings without secrets."""
    await access.require(session, actor, Right.OWN)
    since = clock.now() - _DAY
    found = await asyncio.to_thread(logs.errors, settings().data, since, limit=20)
    failed = await queries.failed_jobs(session, actor, since, limit=20)
    checks = await asyncio.to_thread(doctor.examine, settings(), serving=True)
    return {
        "version": ainfluencer.__version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "database": "sqlite" if settings().is_sqlite else "postgresql",
        "jobs": await queries.job_counts(session, actor, background=True),
        "failed_jobs": [
            {"id": job.id, "kind": job.kind, "finished_at": job.finished_at, "error": job.error} for job in failed
        ],
        "errors": [LineOut.of(line).model_dump(mode="json") for line in found.lines],
        "checks": [check.as_dict() for check in checks],
        "settings": _settings(),
    }


@router.get("/config")
async def show_config(session: Read, actor: Who) -> dict[str, Any]:
    """Every setting in effect, with where it comes from and what it is for; secrets are hidden."""
    await access.require(session, actor, Right.OWN)
    return {"items": await asyncio.to_thread(_settings), "next_cursor": None}


def _settings() -> list[dict[str, Any]]:
    current, default = settings(), Settings()
    file = current.data / "config.toml"
    try:
        stored = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    except (OSError, tomllib.TOMLDecodeError):
        stored = {}
    made = []
    for one in fields(Settings):
        value = getattr(current, one.name)
        is_default = value == getattr(default, one.name)
        source = "default" if is_default else "config.toml" if one.name in stored else "environment or command line"
        made.append(
            {
                "name": one.name,
                "value": hidden(str(value))
                if isinstance(value, str)
                else value
                if isinstance(value, int | bool)
                else str(value),
                "source": source,
                "environment": PREFIX + one.name.upper(),
                "sentence": one.metadata["sentence"],
            }
        )
    return made


def hidden(value: str) -> str:
    """An address without its password."""
    if "://" not in value:
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return "…"
    name, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"…@{host}" if at and name else host, query="…" if parts.query else ""))


@router.get("/system")
async def show_system(session: Read, actor: Who) -> dict[str, Any]:
    """Version, resources, workers and queues."""
    actor.require(Right.MANAGE)
    health = await engine.health(session)
    running = await asyncio.to_thread(services.look, settings(), health)
    return {
        "version": ainfluencer.__version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "now": clock.now(),
        "resources": await asyncio.to_thread(_resources),
        "services": [ServiceOut.of(one).model_dump(mode="json") for one in running],
        "workers": list(health.workers),
        "queues": {"running": health.running, "waiting": health.waiting, "overdue": health.overdue},
    }


def _resources() -> dict[str, Any]:
    memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(_existing()))
    own = psutil.Process()
    return {
        "processors": psutil.cpu_count(),
        "load_percent": psutil.cpu_percent(interval=None),
        "memory_bytes": memory.total,
        "memory_free_bytes": memory.available,
        "disk_bytes": disk.total,
        "disk_free_bytes": disk.free,
        "own_memory_bytes": own.memory_info().rss,
    }


def _existing() -> Any:
    folder = settings().data
    while not folder.exists():
        folder = folder.parent
    return folder


@router.get("/cache")
async def show_cache(session: Read, actor: Who) -> dict[str, Any]:
    """What can be thrown away without loss, by part, with its size."""
    actor.require(Right.MANAGE)
    return {"items": await _parts(session, actor), "next_cursor": None}


async def _parts(session: AsyncSession, actor: Actor) -> list[dict[str, Any]]:
    count, size = await steps.count(session, actor)
    waiting = settings().data / "imports" / actor.workspace_id
    shelf = await asyncio.to_thread(_sizes, waiting)
    return [
        {
            "part": "steps",
            "count": count,
            "bytes": size,
            "about": "Kept steps of the forge: a retried job takes them up again.",
        },
        {
            "part": "previews",
            "count": shelf[0],
            "bytes": shelf[1],
            "about": "Files between a preview and its import, kept for a day.",
        },
    ]


def _sizes(folder: Any) -> tuple[int, int]:
    files = [one for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    return len(files), sum(one.stat().st_size for one in files)


@router.delete("/cache/{part}")
async def clear_cache(part: Literal["steps", "previews"], session: Write, actor: Who) -> dict[str, Any]:
    """Throw one part away; answers how much that was."""
    actor.require(Right.MANAGE)
    if part == "steps":
        gone = await steps.forget(session, actor) + await sources.sweep(session, actor.workspace_id)
        return {"part": part, "removed": gone}
    return {
        "part": part,
        "removed": await asyncio.to_thread(_cleared, settings().data / "imports" / actor.workspace_id),
    }


def _cleared(folder: Any) -> int:
    files = [one for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []
    for one in files:
        one.unlink(missing_ok=True)
    return len(files)
