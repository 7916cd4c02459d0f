"""Durable work as pages: the list with its filters, one job with its log, and the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.engine import exports, service
from ainfluencer.engine import jobs as registry
from ainfluencer.engine import queries as engine
from ainfluencer.engine.models import LIVE, Job, JobLog, JobState
from ainfluencer.engine.queries import JobFilter
from ainfluencer.operations import queries
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, go_to, is_htmx, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PAGE = 40
LOG_LINES = 500
_SUBJECTS = {"week": "/weeks/", "post": "/posts/", "character": "/characters/"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A job and what the person may do with it."""

    job: Job
    may: bool

    @property
    def is_alive(self) -> bool:
        """Whether it waits or runs."""
        return self.job.state in LIVE

    @property
    def owner(self) -> str:
        """What the job belongs to, when it is moved and cancelled only there."""
        known = registry.KINDS.get(self.job.kind)
        return known.owned if known else ""

    @property
    def can_change(self) -> bool:
        """Whether buttons for it make sense here."""
        return self.may and not self.owner

    @property
    def subject_url(self) -> str:
        """The page of what it is about, where there is one."""
        home = _SUBJECTS.get(self.job.subject_kind, "")
        return home + self.job.subject_id if home and self.job.subject_id else ""

    @property
    def seconds(self) -> float | None:
        """How long it ran."""
        begun, ended = self.job.started_at, self.job.finished_at
        return (ended - begun).total_seconds() if begun and ended else None


@dataclass(frozen=True, slots=True)
class JobsPage:
    """Jobs, newest first."""

    jobs: tuple[Shown, ...]
    state: str
    kind: str
    kinds: tuple[tuple[str, str], ...]
    counts: dict[str, int]
    background: bool
    next_url: str
    template: ClassVar[str] = "operations/jobs.html"
    region: ClassVar[str] = "results"


@dataclass(frozen=True, slots=True)
class RowRegion:
    """One row of the list."""

    shown: Shown
    template: ClassVar[str] = "operations/_row.html"

    @property
    def id(self) -> str:
        """The row's element."""
        return f"job-{self.shown.job.id}"


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job with everything that is known of it."""

    shown: Shown
    lines: Sequence[JobLog]
    formats: tuple[str, ...]
    template: ClassVar[str] = "operations/job.html"
    region: ClassVar[str] = "job"


@router.get("/operations/jobs")
async def index(
    request: Request,
    session: Read,
    actor: Who,
    state: str = "",
    kind: str = "",
    cursor: str = "",
    background: str = "",
) -> Response:
    """The jobs of the workspace, filtered; what happens by itself only when that is asked for."""
    actor.require(Right.MANAGE)
    known = state if state in set(JobState) else ""
    everything = background == "on"
    wanted = JobFilter(kind=kind[:80], states=(known,) if known else (), background=everything)
    found = await engine.list_jobs(session, actor, wanted, cursor=cursor[:26], limit=PAGE)
    asked = {"state": known, "kind": kind, "background": "on" if everything else "", "cursor": found.next_cursor}
    more = urlencode({name: value for name, value in asked.items() if value})
    return render(
        request,
        JobsPage(
            tuple(_shown(actor, job) for job in found.items),
            known,
            kind,
            tuple((name, _title(name)) for name in await queries.job_kinds(session, actor, background=everything)),
            await queries.job_counts(session, actor, background=everything),
            everything,
            f"/operations/jobs?{more}" if found.next_cursor else "",
        ),
    )


@router.get("/operations/jobs/{job_id}")
async def show(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """One job; htmx gets the part that moves."""
    return render(request, await _page(session, actor, job_id))


@router.post("/operations/jobs/{job_id}/cancellation")
async def cancel(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """Stop it."""
    job = await service.cancel(session, actor, job_id)
    flash(request, f"“{job.title}” is cancelled.", "success")
    return swap(request, RowRegion(_shown(actor, job)), back=f"/operations/jobs/{job.id}")


@router.post("/operations/jobs/{job_id}/retry")
async def retry(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """The same again, as a new job."""
    again = await service.retry(session, actor, job_id)
    flash(request, f"“{again.title}” begins again.", "success")
    return go_to(request, f"/operations/jobs/{again.id}")


@router.post("/operations/jobs/{job_id}/deletion")
async def delete(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """Forget one that has ended."""
    await service.delete(session, actor, job_id)
    flash(request, "The job and its log are deleted.", "success")
    return go_to(request, "/operations/jobs")


@router.get("/operations/jobs/{job_id}/row")
async def row(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """One row of the list, while it moves."""
    actor.require(Right.MANAGE)
    job = await engine.get(session, actor, job_id)
    return swap(request, RowRegion(_shown(actor, job)), back="/operations/jobs")


@router.get("/operations/jobs/{job_id}/log")
async def log_drawer(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """The log in a drawer beside the list; without scripts the job's page."""
    if not is_htmx(request):
        return go_to(request, f"/operations/jobs/{job_id}")
    page = await _page(session, actor, job_id)
    return render(request, LogDrawer(page.shown, page.lines))


@dataclass(frozen=True, slots=True)
class LogDrawer:
    """The log beside the list."""

    shown: Shown
    lines: Sequence[JobLog]
    template: ClassVar[str] = "operations/_log.html"
    region: ClassVar[str] = "drawer"


async def _page(session: AsyncSession, actor: Actor, job_id: str) -> JobPage:
    job = await engine.get(session, actor, job_id)
    lines = await engine.newest_logs(session, actor, job.id, limit=LOG_LINES)
    formats = tuple(exports.formats_of(job)) if job.state == JobState.COMPLETED and job.result is not None else ()
    return JobPage(_shown(actor, job), lines, formats)


def _shown(actor: Actor, job: Job) -> Shown:
    own = actor.user_id is not None and job.actor.get("user_id") == actor.user_id
    return Shown(job, actor.can(Right.CREATE if own else Right.MANAGE))


def _title(kind: str) -> str:
    known = registry.KINDS.get(kind)
    return known.title if known else kind
