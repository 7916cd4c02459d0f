"""Durable work of operations: model packs, backups, and the nightly upkeep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from ainfluencer.accounts import queries as accounts
from ainfluencer.accounts import service as accounts_service
from ainfluencer.api import idempotency
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotFound, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import service as engine
from ainfluencer.operations import backups, packs, packs_install
from ainfluencer.operations.service import DAILY_BACKUP, KEEP_BACKUPS

THUMBNAIL_DAYS = 60
_ROUND_SECONDS = 3600
_NIGHT = 3  # o'clock UTC


@jobs.job("operations.models_install", queue="light", title="Install a model pack")
async def install(run: jobs.JobRun) -> dict[str, Any]:
    """A pack is there whole or not at all, so doing it again after a crash is safe."""
    tell = _teller(run)
    found = await asyncio.to_thread(
        packs_install.install,
        settings().data,
        [run.payload["pack_id"]],
        progress=lambda _id, part, say: tell(part, say),
    )
    return {"packs": [{"id": one.pack.id, "state": one.state} for one in found]}


@jobs.job("operations.models_verify", queue="light", title="Verify a model pack")
async def verify(run: jobs.JobRun) -> dict[str, Any]:
    """Every byte is read; a damaged pack fails the job, so that nobody overlooks it."""
    await run.progress(0.1, "Reading every byte")
    found = await asyncio.to_thread(packs.verify, settings().data, [run.payload["pack_id"]])
    for one in found:
        await run.log("info" if one.is_installed else "error", f"{one.pack.title}: {one.problem or one.state}")
    broken = next((one for one in found if not one.is_installed), None)
    if broken is not None:
        raise ProductError(
            f"{broken.pack.title} is {broken.state}: {broken.problem or 'its files are not here.'}",
            "Remove the pack and install it again.",
            code="pack_damaged",
        )
    return {"packs": [{"id": one.pack.id, "state": one.state} for one in found]}


@jobs.job("operations.models_remove", queue="light", title="Remove a model pack")
async def remove(run: jobs.JobRun) -> dict[str, Any]:
    """Already gone is as good as removed."""
    try:
        freed = await asyncio.to_thread(packs.remove, settings().data, run.payload["pack_id"])
    except NotFound:
        freed = 0
    return {"freed_bytes": freed}


@jobs.job("operations.backup", queue="light", title="Save a backup")
async def backup(run: jobs.JobRun) -> dict[str, Any]:
    """A file is written under another name until it is whole; after a crash a new one is begun."""
    prefix = str(run.payload.get("prefix") or "ainfluencer")
    path = await asyncio.to_thread(backups.create, settings(), prefix=prefix, tell=_teller(run))
    forgotten = 0
    if keep := int(run.payload.get("keep") or 0):
        forgotten = await asyncio.to_thread(backups.forget_daily, settings(), keep)
    return {"name": path.name, "size_bytes": path.stat().st_size, "forgotten": forgotten}


@jobs.job("operations.upkeep", queue="light", title="Nightly upkeep")
async def upkeep(run: jobs.JobRun) -> dict[str, Any]:
    """Forgets what has ended: sessions, links, request keys, small pictures that nobody looked at; then counts anew."""
    await run.progress(0.2, "Forgetting what has ended")
    async with database().writing() as session:
        await accounts_service.purge(session)
        requests = await idempotency.purge(session)
    await run.progress(0.6, "Clearing small pictures that nobody looked at")
    files, freed = await asyncio.to_thread(clear_variants, settings().data, THUMBNAIL_DAYS)
    await run.progress(0.9, "Counting what the database holds")
    await database().learn()
    return {"requests": requests, "thumbnails": files, "freed_bytes": freed}


@jobs.every("operations.nightly", seconds=_ROUND_SECONDS)
async def nightly() -> None:
    """Once a night, however many processes ask: the upkeep, and the backup where the first workspace wants it."""
    now = clock.now()
    night = (now if now.hour >= _NIGHT else now - timedelta(days=1)).date().isoformat()
    async with database().writing() as session:
        first = await accounts.find_first_workspace(session)
        if first is None:
            return
        actor = Actor(workspace_id=first.id, role=Role.OWNER, name="Upkeep", via="job")
        await engine.enqueue(session, actor, "operations.upkeep", key=f"operations.upkeep:{night}", priority=9)
        if now.hour < _NIGHT or not await accounts.setting_of(session, first.id, DAILY_BACKUP.key):
            return
        keep = await accounts.setting_of(session, first.id, KEEP_BACKUPS.key)
        await engine.enqueue(
            session,
            actor,
            "operations.backup",
            {"prefix": backups.DAILY, "keep": keep},
            key=f"operations.backup:{night}",
            priority=9,
            title="Daily backup",
            subject=("instance", "backup"),
        )


def clear_variants(data_folder: Path, days: int) -> tuple[int, int]:
    """Delete small copies of pictures that were neither made nor read for that long: (files, bytes freed)."""
    oldest, files, freed = clock.now().timestamp() - days * 86400, 0, 0
    for path in (data_folder / "media" / "variants").rglob("*"):
        about = path.stat()
        if path.is_file() and max(about.st_atime, about.st_mtime) < oldest:
            path.unlink(missing_ok=True)
            files, freed = files + 1, freed + about.st_size
    return files, freed


def _teller(run: jobs.JobRun) -> Callable[[float, str], None]:
    """Progress from a worker thread. A cancelled job is noticed here, and the thread's work ends with it."""
    loop = asyncio.get_running_loop()

    def tell(part: float, sentence: str) -> None:
        asyncio.run_coroutine_threadsafe(run.progress(min(part, 0.99), sentence), loop).result()

    return tell
