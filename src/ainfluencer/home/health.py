"""What `GET /api/v2/health` asks: engine, disk, model packs (the database is asked anyway)."""

from __future__ import annotations

import asyncio
import shutil

from fastapi import FastAPI

from ainfluencer.api.schemas import Health, HealthCheck
from ainfluencer.core.config import settings
from ainfluencer.operations import packs

LOW_DISK_BYTES = 500_000_000


def checks(app: FastAPI) -> dict[str, HealthCheck]:
    """The checks of one application, by name."""

    async def engine() -> Health:
        return await _engine(app)

    return {"engine": engine, "disk": _disk, "models": _models}


async def _engine(app: FastAPI) -> Health:
    found = await app.state.engine.health()
    return Health(ok=found.alive, detail="" if found.alive else "No worker has been seen lately; nothing is published.")


async def _disk() -> Health:
    free = (await asyncio.to_thread(shutil.disk_usage, settings().data)).free
    return Health(ok=free > LOW_DISK_BYTES, detail=f"{free / 1e9:.1f} GB free")


async def _models() -> Health:
    missing = [s.pack.id for s in packs.status(settings().data) if s.pack.is_required and not s.is_installed]
    return Health(ok=not missing, detail=f"missing: {', '.join(missing)}" if missing else "installed")
