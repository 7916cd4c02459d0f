"""The state of this instance: services, the doctor's findings, backups."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import FileResponse, Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.engine import queries as engine
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.operations import access, backups, doctor, queries, service, services
from ainfluencer.operations.backups import Backup
from ainfluencer.operations.doctor import Check
from ainfluencer.operations.services import Service
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ServicesPage:
    """What runs here."""

    services: tuple[Service, ...]
    template: ClassVar[str] = "operations/index.html"
    region: ClassVar[str] = "services"


@dataclass(frozen=True, slots=True)
class DoctorPage:
    """What stands in the way."""

    checks: tuple[Check, ...]
    template: ClassVar[str] = "operations/doctor.html"
    region: ClassVar[str] = "checks"

    @property
    def worst(self) -> str:
        """Ok | warning | problem."""
        states = {check.state for check in self.checks}
        return next((word for word in ("problem", "warning") if word in states), "ok")


@dataclass(frozen=True, slots=True)
class BackupsRegion:
    """The job that makes one, and the files there are."""

    backups: tuple[Backup, ...]
    job: Job | None
    template: ClassVar[str] = "operations/_backups.html"

    @property
    def id(self) -> str:
        """One list a page."""
        return "backups"

    @property
    def is_running(self) -> bool:
        """Whether one is being made."""
        return self.job is not None and self.job.state in LIVE


@dataclass(frozen=True, slots=True)
class BackupsPage:
    """Backups and how to bring one back; `allowed` is for owners of the first workspace."""

    region_: BackupsRegion | None
    allowed: bool
    folder: str
    is_daily: bool
    keep: int
    template: ClassVar[str] = "operations/backups.html"


@router.get("/operations")
async def index(request: Request, session: Read, actor: Who) -> Response:
    """Everything that runs here; asked again every ten seconds."""
    actor.require(Right.MANAGE)
    health = await engine.health(session)
    return render(request, ServicesPage(await asyncio.to_thread(services.look, settings(), health)))


@router.get("/operations/doctor")
async def examine(request: Request, actor: Who) -> Response:
    """Every check, looked at now."""
    actor.require(Right.MANAGE)
    return render(request, DoctorPage(tuple(await asyncio.to_thread(doctor.examine, settings(), serving=True))))


@router.get("/operations/backups")
async def list_backups(request: Request, session: Read, actor: Who) -> Response:
    """The list, the button, and how to restore."""
    actor.require(Right.MANAGE)
    allowed = actor.can(Right.OWN) and await access.is_of_instance(session, actor)
    return render(
        request,
        BackupsPage(
            await _backups(session, actor) if allowed else None,
            allowed,
            str(settings().data / "backups"),
            bool(await accounts.setting(session, actor, service.DAILY_BACKUP.key)),
            int(await accounts.setting(session, actor, service.KEEP_BACKUPS.key)),
        ),
    )


@router.get("/operations/backups/region")
async def backups_region(request: Request, session: Read, actor: Who) -> Response:
    """The list on its own, while one is being made."""
    await access.require(session, actor, Right.OWN)
    return swap(request, await _backups(session, actor), back="/operations/backups")


@router.post("/operations/backups")
async def create(request: Request, session: Write, actor: Who) -> Response:
    """Save one now."""
    await service.back_up(session, actor)
    flash(request, "The backup is being written.", "success")
    return swap(request, await _backups(session, actor), back="/operations/backups")


@router.get("/operations/backups/{name}")
async def download(session: Read, actor: Who, name: str) -> Response:
    """The file."""
    await access.require(session, actor, Right.OWN)
    found = await asyncio.to_thread(backups.get, settings(), name)
    headers = {"cache-control": "no-store"}
    return FileResponse(found.path, media_type="application/zip", filename=found.name, headers=headers)


@router.post("/operations/backups/{name}/deletion")
async def delete(request: Request, session: Write, actor: Who, name: str) -> Response:
    """Delete one."""
    freed = await service.delete_backup(session, actor, name)
    flash(request, f"{name} is deleted; {freed / 1e6:.0f} MB are free again.", "success")
    if request.headers.get("hx-request") == "true":
        return swap(request, await _backups(session, actor))
    return go_to(request, "/operations/backups")


async def _backups(session: AsyncSession, actor: Actor) -> BackupsRegion:
    return BackupsRegion(await asyncio.to_thread(backups.listed, settings()), await queries.backup_job(session, actor))
