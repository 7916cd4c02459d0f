"""Home: what is being made, what comes next, what waits for a person."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from starlette.responses import Response

from ainfluencer.api.schemas import Health
from ainfluencer.cards import service as cards
from ainfluencer.cards import starters
from ainfluencer.cards.briefs import EXAMPLE
from ainfluencer.cards.starters import Starter
from ainfluencer.core.actor import Actor, Right
from ainfluencer.home import overview
from ainfluencer.home.overview import Making, Overview
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

_SIGNS = {
    "engine": ("Engine", "cpu", "/operations"),
    "disk": ("Disk", "hard-drive", "/operations"),
    "models": ("Models", "boxes", "/operations/models"),
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What the person who looks may do."""

    create: bool
    review: bool
    manage: bool

    @classmethod
    def of(cls, actor: Actor) -> Rights:
        """The rights of an actor."""
        return cls(actor.can(Right.CREATE), actor.can(Right.REVIEW), actor.can(Right.MANAGE))


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything at a glance."""

    now: Overview
    making: tuple[Making, ...]
    first_name: str
    may: Rights
    template: ClassVar[str] = "home/index.html"
    region: ClassVar[str] = "home"


@dataclass(frozen=True, slots=True)
class FirstRunPage:
    """An empty workspace: bring somebody."""

    first_name: str
    hour: int
    may: Rights
    starters: tuple[Starter, ...]
    example: str = EXAMPLE
    template: ClassVar[str] = "home/first.html"
    region: ClassVar[str] = "home"


@dataclass(frozen=True, slots=True)
class MakingRegion:
    """The list of what is being made right now."""

    making: tuple[Making, ...]
    may: Rights
    template: ClassVar[str] = "home/_making.html"

    @property
    def id(self) -> str:
        """One list a page."""
        return "making"


@dataclass(frozen=True, slots=True)
class Sign:
    """One light of the health strip."""

    title: str
    icon: str
    href: str
    health: Health


@dataclass(frozen=True, slots=True)
class HealthRegion:
    """Engine, disk, models: asked for after the page is there, and again every half minute."""

    signs: tuple[Sign, ...]
    may: Rights
    template: ClassVar[str] = "home/_health.html"

    @property
    def id(self) -> str:
        """One strip a page."""
        return "health"


@router.get("/")
async def index(request: Request, session: Read, actor: Who) -> Response:
    """Home, or the first run where nobody lives yet."""
    found = await overview.read(session, actor)
    name = actor.name.split()[0] if actor.name.strip() else ""
    if not found.people:
        ready = await asyncio.to_thread(starters.starters)
        return render(request, FirstRunPage(name, found.hour, Rights.of(actor), ready))
    return render(request, HomePage(found, found.making, name, Rights.of(actor)))


@router.post("/starters/{slug}")
async def meet(request: Request, session: Write, actor: Who, slug: str) -> Response:
    """Bring a ready-made character in; their first week comes next."""
    actor.require(Right.CREATE)
    character = await cards.import_source(session, actor, await asyncio.to_thread(starters.source, slug), None)
    flash(request, f"{character.name} is here.", "success")
    return go_to(request, f"/weeks/new?character={character.id}")


@router.get("/home/making")
async def making(request: Request, session: Read, actor: Who) -> Response:
    """The live list on its own."""
    return swap(request, MakingRegion(await overview.making(session, actor), Rights.of(actor)), back="/")


@router.get("/home/health")
async def health(request: Request, actor: Who) -> Response:
    """The lights at the foot of Home."""
    actor.require(Right.READ)
    checks = request.app.state.health_checks
    signs = [Sign(*_SIGNS[name], await checks[name]()) for name in _SIGNS if name in checks]
    return swap(request, HealthRegion(tuple(signs), Rights.of(actor)), back="/")
