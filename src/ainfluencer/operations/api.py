"""JSON routes of the instance: services, doctor, models, logs, errors, backups."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import FileResponse

from ainfluencer.api.schemas import Page
from ainfluencer.core import clock
from ainfluencer.core.actor import Right
from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotFound
from ainfluencer.engine import queries as engine
from ainfluencer.operations import access, backups, doctor, logs, packs, queries, service, services
from ainfluencer.operations.logs import LogFilter
from ainfluencer.operations.schemas import (
    BackupOut,
    CheckOut,
    ErrorsOut,
    JobStarted,
    LineOut,
    LogOut,
    PackOut,
    RunOut,
    ServiceOut,
)
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/operations", tags=["operations"])


@router.get("/services")
async def list_services(session: Read, actor: Who) -> Page[ServiceOut]:
    """What runs here: state, process, port, since when, and how to start and stop it (LAU-009..018)."""
    actor.require(Right.MANAGE)
    health = await engine.health(session)
    return Page(items=[ServiceOut.of(s) for s in await asyncio.to_thread(services.look, settings(), health)])


@router.get("/services/{service_id}")
async def show_service(service_id: str, session: Read, actor: Who) -> ServiceOut:
    """One of them."""
    found = {s.id: s for s in (await list_services(session, actor)).items}
    if service_id not in found:
        raise NotFound("There is no such service.", f"Known: {', '.join(found)}.")
    return found[service_id]


@router.get("/doctor")
async def examine(actor: Who) -> Page[CheckOut]:
    """Every check of this machine and data folder, in the order in which a start would meet them."""
    actor.require(Right.MANAGE)
    found = await asyncio.to_thread(doctor.examine, settings(), serving=True)
    return Page(items=[CheckOut(**check.as_dict()) for check in found])


@router.get("/models")
async def list_models(actor: Who) -> Page[PackOut]:
    """Every model pack and how it stands here."""
    actor.require(Right.READ)
    return Page(items=[PackOut.of(s) for s in await asyncio.to_thread(packs.status, settings().data)])


@router.post("/models/{pack_id}/{verb}", status_code=202)
async def change_model(
    pack_id: str, verb: Literal["installation", "verification", "removal"], session: Write, actor: Who
) -> JobStarted:
    """Install, verify or remove a pack, as a job."""
    verbs = {
        "installation": service.install_pack,
        "verification": service.verify_pack,
        "removal": service.remove_pack,
    }
    return JobStarted.of(await verbs[verb](session, actor, pack_id))


@router.get("/logs")
async def read_log(
    session: Read,
    actor: Who,
    run: Annotated[str, Query(max_length=80, description="Name of a run; the newest when left out.")] = "",
    level: Literal["", "debug", "info", "warning", "error"] = "",
    source: Annotated[str, Query(alias="service", max_length=80)] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=logs.MOST_LINES)] = 200,
) -> LogOut:
    """The last lines of a run's log, oldest first; `level` is the least severe one to show. Secrets are hidden."""
    await access.require(session, actor, Right.MANAGE)
    data = settings().data
    wanted = LogFilter(level, source, text)
    lines = await asyncio.to_thread(logs.tail, data, run, wanted, limit=limit)
    runs = await asyncio.to_thread(logs.runs, data)
    return LogOut(items=[LineOut.of(line) for line in lines], runs=[RunOut.of(one) for one in runs])


@router.get("/errors")
async def list_errors(session: Read, actor: Who, hours: Annotated[int, Query(ge=1, le=720)] = 24) -> ErrorsOut:
    """Warnings and errors of the last hours, newest first, with counts by level and source, and failed jobs."""
    await access.require(session, actor, Right.MANAGE)
    since = clock.now() - timedelta(hours=hours)
    found = await asyncio.to_thread(logs.errors, settings().data, since)
    failed = await queries.failed_jobs(session, actor, since, limit=200)
    return ErrorsOut(
        items=[LineOut.of(line) for line in found.lines],
        by_level=found.by_level,
        by_source=found.by_source,
        failed_jobs=len(failed),
    )


@router.get("/backups")
async def list_backups(session: Read, actor: Who) -> Page[BackupOut]:
    """The backups in the data folder, newest first."""
    await access.require(session, actor, Right.OWN)
    return Page(items=[BackupOut.of(b) for b in await asyncio.to_thread(backups.listed, settings())])


@router.post("/backups", status_code=202)
async def create_backup(session: Write, actor: Who) -> JobStarted:
    """Save database, media and keys into one file, as a job."""
    return JobStarted.of(await service.back_up(session, actor))


@router.get("/backups/{name}")
async def download_backup(name: str, session: Read, actor: Who) -> FileResponse:
    """The file. It holds the keys that open stored secrets: keep it as safe as the data folder."""
    await access.require(session, actor, Right.OWN)
    found = await asyncio.to_thread(backups.get, settings(), name)
    return FileResponse(
        found.path, media_type="application/zip", filename=found.name, headers={"cache-control": "no-store"}
    )


@router.delete("/backups/{name}", status_code=204)
async def delete_backup(name: str, session: Write, actor: Who) -> None:
    """Delete it."""
    await service.delete_backup(session, actor, name)
