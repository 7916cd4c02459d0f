"""The log of this and earlier runs, and what went wrong lately."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.engine.models import Job
from ainfluencer.operations import access, logs, queries
from ainfluencer.operations.logs import Errors, Line, LogFilter, Run
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

HOURS = (1, 24, 168)


@dataclass(frozen=True, slots=True)
class LogsPage:
    """The last lines of one run."""

    allowed: bool
    lines: tuple[Line, ...] = ()
    runs: tuple[Run, ...] = ()
    services: tuple[str, ...] = ()
    run: str = ""
    level: str = ""
    service: str = ""
    text: str = ""
    levels: tuple[str, ...] = logs.LEVELS
    template: ClassVar[str] = "operations/logs.html"
    region: ClassVar[str] = "results"

    @property
    def url(self) -> str:
        """The address of exactly this view."""
        asked = {"run": self.run, "level": self.level, "service": self.service, "q": self.text}
        return "/operations/logs?" + urlencode({name: value for name, value in asked.items() if value})

    @property
    def present(self) -> Run | None:
        """The run that is looked at."""
        return next((one for one in self.runs if one.name == self.run), self.runs[0] if self.runs else None)


@dataclass(frozen=True, slots=True)
class ErrorsPage:
    """Warnings, errors and failed jobs of the last hours."""

    allowed: bool
    hours: int
    found: Errors | None = None
    failed: Sequence[Job] = ()
    choices: tuple[int, ...] = HOURS
    template: ClassVar[str] = "operations/errors.html"
    region: ClassVar[str] = "results"


@router.get("/operations/logs")
async def show_log(
    request: Request, session: Read, actor: Who, run: str = "", level: str = "", service: str = "", q: str = ""
) -> Response:
    """The log of a run, filtered; htmx gets the lines and asks again while one follows."""
    if not await _allowed(session, actor):
        return render(request, LogsPage(allowed=False))
    data = settings().data
    runs = await asyncio.to_thread(logs.runs, data)
    if not runs:
        return render(request, LogsPage(allowed=True))
    name = run if run in {one.name for one in runs} else ""
    wanted = LogFilter(level if level in logs.LEVELS else "", service[:80], q[:200])
    lines = await asyncio.to_thread(logs.tail, data, name, wanted, limit=300)
    sources = await asyncio.to_thread(logs.services, data, name)
    return render(
        request, LogsPage(True, lines, runs, sources, name or runs[0].name, wanted.level, wanted.service, wanted.text)
    )


@router.get("/operations/errors")
async def show_errors(request: Request, session: Read, actor: Who, hours: int = 24) -> Response:
    """What went wrong lately."""
    span = hours if hours in HOURS else 24
    if not await _allowed(session, actor):
        return render(request, ErrorsPage(allowed=False, hours=span))
    since = clock.now() - timedelta(hours=span)
    found = await asyncio.to_thread(logs.errors, settings().data, since)
    return render(request, ErrorsPage(True, span, found, await queries.failed_jobs(session, actor, since)))


async def _allowed(session: AsyncSession, actor: Actor) -> bool:
    actor.require(Right.MANAGE)
    return await access.is_of_instance(session, actor)
