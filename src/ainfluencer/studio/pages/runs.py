"""Runs: the latest of them, one with its progress and what it made, stop, again, forget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.engine import queries as engine
from ainfluencer.studio import queries, service
from ainfluencer.studio.models import Asset, Run
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

LATEST = 12


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list: what it was, whose, and its first pictures."""

    run: Run
    face: Face | None
    assets: tuple[Asset, ...]


@dataclass(frozen=True, slots=True)
class RunsRegion:
    """The latest runs, redrawn when a job moves."""

    lines: tuple[RunLine, ...]
    can_create: bool
    template: ClassVar[str] = "studio/_runs.html"

    @property
    def id(self) -> str:
        """The element of the list."""
        return "runs"


@dataclass(frozen=True, slots=True)
class RunsPage:
    """Every run, a page at a time."""

    lines: tuple[RunLine, ...]
    state: str
    next_url: str
    can_create: bool
    can_manage: bool
    states: tuple[str, ...] = ("queued", "running", "done", "failed", "cancelled")
    template: ClassVar[str] = "studio/runs.html"
    region: ClassVar[str] = "results"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: its own state, and the words of its job while that works."""

    run: Run
    step: str
    part: float | None
    assets: tuple[Asset, ...]

    @property
    def waits_for_checks(self) -> bool:
        """Whether a picture is there that has not been looked at."""
        return any(asset.score is None and asset.kind == "image" for asset in self.assets)


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One run."""

    now: Progress
    face: Face | None
    can_create: bool
    template: ClassVar[str] = "studio/show.html"


@dataclass(frozen=True, slots=True)
class RunRegion:
    """What is asked for again while a run works."""

    now: Progress
    can_create: bool
    template: ClassVar[str] = "studio/_run.html"

    @property
    def id(self) -> str:
        """The element of the run."""
        return f"run-{self.now.run.id}"


async def lines_of(session: AsyncSession, actor: Actor, runs: Sequence[Run]) -> tuple[RunLine, ...]:
    """Runs with faces and pictures, in two queries for all."""
    made = await queries.assets_of_runs(session, actor, [run.id for run in runs])
    faces = await characters.faces(session, actor) if runs else {}
    return tuple(RunLine(run, faces.get(run.character_id or ""), tuple(made.get(run.id, ()))) for run in runs)


async def latest(session: AsyncSession, actor: Actor) -> RunsRegion:
    """The newest runs."""
    runs = await queries.list_runs(session, actor, limit=LATEST)
    return RunsRegion(await lines_of(session, actor, runs), actor.can(Right.CREATE))


async def _progress(session: AsyncSession, actor: Actor, run_id: str) -> Progress:
    run = await queries.get_run(session, actor, run_id)
    step, part = "", None
    if run.job_id and run.state in {"queued", "running"}:
        try:
            job = await engine.get(session, actor, run.job_id)
            step, part = job.message, job.progress or None
        except NotFound:
            step = "Its job was deleted"
    return Progress(run, step, part, tuple(await queries.assets_of_run(session, actor, run_id)))


@router.get("/studio/runs")
async def index(request: Request, session: Read, actor: Who, state: str = "", cursor: str = "") -> Response:
    """All runs, newest first."""
    size = 30
    runs = await queries.list_runs(session, actor, state=state[:16], before=cursor[:26], limit=size)
    more = f"/studio/runs?state={state[:16]}&cursor={runs[-1].id}" if len(runs) == size else ""
    lines = await lines_of(session, actor, runs)
    return render(request, RunsPage(lines, state, more, actor.can(Right.CREATE), actor.can(Right.MANAGE)))


@router.post("/studio/runs/clearing")
async def clear(request: Request, session: Write, actor: Who) -> Response:
    """Forget every run that has ended; what they made stays."""
    count = await service.clear(session, actor)
    flash(request, f"{plural(count, 'run')} forgotten. What they made is still in the library.", "info")
    return go_to(request, "/studio/runs")


@router.get("/studio/runs/latest")
async def list_latest(request: Request, session: Read, actor: Who) -> Response:
    """The list beside the desk, again."""
    return swap(request, await latest(session, actor), back="/studio")


@router.get("/studio/runs/{run_id}")
async def show(request: Request, session: Read, actor: Who, run_id: str, part: str = "") -> Response:
    """One run with what it made."""
    now = await _progress(session, actor, run_id)
    if part == "region":
        return swap(request, RunRegion(now, actor.can(Right.CREATE)), back=f"/studio/runs/{run_id}")
    faces = await characters.faces(session, actor)
    return render(request, ShowPage(now, faces.get(now.run.character_id or ""), actor.can(Right.CREATE)))


@router.post("/studio/runs/{run_id}/cancellation")
async def cancel(request: Request, session: Write, actor: Who, run_id: str) -> Response:
    """Stop it."""
    run = await service.cancel(session, actor, run_id)
    flash(request, "Stopped.", "info")
    return go_to(request, f"/studio/runs/{run.id}")


@router.post("/studio/runs/{run_id}/repetition")
async def repeat(
    request: Request, session: Write, actor: Who, run_id: str, vary: Annotated[str, Form()] = ""
) -> Response:
    """The same again, or another take on it."""
    run = await service.again(session, actor, run_id, vary=bool(vary))
    return go_to(request, f"/studio/runs/{run.id}")


@router.post("/studio/runs/{run_id}/removal")
async def remove(request: Request, session: Write, actor: Who, run_id: str) -> Response:
    """Forget a run that has ended."""
    await service.remove(session, actor, run_id)
    flash(request, "Forgotten. What it made is still in the library.", "info")
    return go_to(request, "/studio/runs")
