"""Model packs as a page: what each is for, how it stands, and the jobs that bring, check and remove it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.operations import access, packs, queries, service
from ainfluencer.operations.packs import PackStatus
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

_VERBS = {
    "installation": (service.install_pack, "is on its way"),
    "verification": (service.verify_pack, "is being read"),
    "removal": (service.remove_pack, "is being removed"),
}


@dataclass(frozen=True, slots=True)
class PackRegion:
    """A pack, the newest job about it, and whether the person may change it."""

    status: PackStatus
    job: Job | None
    may: bool
    template: ClassVar[str] = "operations/_pack.html"

    @property
    def id(self) -> str:
        """The card's element."""
        return f"pack-{self.status.pack.id}"

    @property
    def is_busy(self) -> bool:
        """Whether a job is about it right now."""
        return self.job is not None and self.job.state in LIVE


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """Every pack."""

    packs: tuple[PackRegion, ...]
    folder: str
    may: bool
    template: ClassVar[str] = "operations/models.html"

    @property
    def installed_bytes(self) -> int:
        """What lies on the disk."""
        return sum(p.status.pack.size_bytes for p in self.packs if p.status.is_installed)


@router.get("/operations/models")
async def index(request: Request, session: Read, actor: Who) -> Response:
    """The packs."""
    actor.require(Right.MANAGE)
    shown = await _packs(session, actor)
    return render(
        request, ModelsPage(shown, str(packs.models_folder(settings().data)), shown[0].may if shown else False)
    )


@router.get("/operations/models/{pack_id}/region")
async def region(request: Request, session: Read, actor: Who, pack_id: str) -> Response:
    """One card, while a job is about it."""
    actor.require(Right.MANAGE)
    return swap(request, await _pack(session, actor, pack_id), back="/operations/models")


@router.post("/operations/models/{pack_id}/{verb}")
async def change(request: Request, session: Write, actor: Who, pack_id: str, verb: str) -> Response:
    """Install, verify or remove."""
    pack = packs.pack(pack_id)
    do, words = _VERBS.get(verb, _VERBS["verification"])
    await do(session, actor, pack.id)
    flash(request, f"{pack.title} {words}.", "success")
    return swap(request, await _pack(session, actor, pack.id), back="/operations/models")


async def _packs(session: AsyncSession, actor: Actor) -> tuple[PackRegion, ...]:
    found = await asyncio.to_thread(packs.status, settings().data)
    jobs = await queries.pack_jobs(session, actor)
    may = actor.can(Right.MANAGE) and await access.is_of_instance(session, actor)
    return tuple(PackRegion(status, jobs.get(status.pack.id), may) for status in found)


async def _pack(session: AsyncSession, actor: Actor, pack_id: str) -> PackRegion:
    wanted = packs.pack(pack_id).id
    return next(p for p in await _packs(session, actor) if p.status.pack.id == wanted)
