"""Pages of the design system itself: the live stream, and `/_patterns`, which shows every component in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.web.deps import Who
from ainfluencer.web.errors import form_errors
from ainfluencer.web.live import HUB
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router
from ainfluencer.web.samples import Sample, SampleLine, SamplePost, lines, posts, samples
from ainfluencer.web.states import all_states

router = Router(include_in_schema=False)

LOOKS = ("full", "empty", "loading", "error", "denied")
FAMILIES = ("actions", "fields", "data", "cards", "feedback")
ARCHETYPES = ("index", "show", "form", "board", "steps")


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """One family of components in all states."""

    family: str
    families: tuple[str, ...]
    archetypes: tuple[str, ...]
    states: tuple[str, ...]
    items: tuple[Sample, ...]
    posts: tuple[SamplePost, ...]
    lines: tuple[SampleLine, ...]
    now: datetime
    template: ClassVar[str] = "web/patterns/family.html"


@dataclass(frozen=True, slots=True)
class ArchetypePage:
    """One of the five kinds of page, in one of its looks."""

    archetype: str
    look: str
    looks: tuple[str, ...]
    families: tuple[str, ...]
    archetypes: tuple[str, ...]
    items: tuple[Sample, ...]
    posts: tuple[SamplePost, ...]
    errors: dict[str, str]
    values: dict[str, str]
    query: str
    now: datetime
    template: ClassVar[str] = "web/patterns/archetype.html"
    region: ClassVar[str] = "results"


@dataclass(frozen=True, slots=True)
class JobRegion:
    """A job as it runs, for the progress pattern."""

    part: float
    template: ClassVar[str] = "web/patterns/_job.html"
    id: ClassVar[str] = "job-pattern"


@router.get("/live")
async def live(actor: Who, topics: Annotated[str, Query(max_length=500)] = "") -> StreamingResponse:
    """The page's stream of updates, within the actor's workspace."""
    return HUB.answer(actor.workspace_id, topics)


@router.get("/_patterns")
async def patterns(request: Request, actor: Who, family: str = "actions") -> Response:
    """Every component of one family."""
    del actor  # any signed-in person
    if family not in FAMILIES:
        raise NotFound(f"There is no family of components called “{family[:40]}”.")
    shown = FamilyPage(family, FAMILIES, ARCHETYPES, all_states(), samples(), posts(), lines(), clock.now())
    return render(request, shown)


@router.get("/_patterns/pages/{archetype}")
async def archetype_page(request: Request, actor: Who, archetype: str, look: str = "full", q: str = "") -> Response:
    """One kind of page, full, empty, loading, failed or refused."""
    del actor
    return render(request, _archetype(archetype, look, query=q))


@router.post("/_patterns/pages/form")
async def try_form(request: Request, actor: Who) -> Response:
    """Shows what a form with a mistake looks like, and what a good one answers. Nothing is kept."""
    del actor
    async with request.form() as form:
        values = {name: str(form.get(name, "")) for name in ("name", "line", "about")}
    if not values["name"].strip():
        mistake = InvalidInput("A character needs a name.", "Write one.", field="name")
        return render(request, _archetype("form", "full", form_errors(mistake), values), 422)
    flash(
        request,
        f"{values['name']} looks good. Nothing was kept: this page only shows patterns.",
        "success",
        "/_patterns/undo",
    )
    return go_to(request, "/_patterns/pages/form")


@router.post("/_patterns/undo")
async def undo(request: Request, actor: Who) -> Response:
    """What an undo answers."""
    del actor
    flash(request, "Taken back.", "info")
    return swap(request, back="/_patterns/pages/form")


@router.get("/_patterns/job")
async def job_region(request: Request, actor: Who) -> Response:
    """The progress pattern moves by the clock: full after a minute."""
    del actor
    return swap(request, JobRegion(part=clock.now().second / 60), back="/_patterns?family=feedback")


def _archetype(
    archetype: str,
    look: str,
    errors: dict[str, str] | None = None,
    values: dict[str, str] | None = None,
    query: str = "",
) -> ArchetypePage:
    if archetype not in ARCHETYPES or look not in LOOKS:
        raise NotFound("There is no such pattern.")
    found = tuple(s for s in samples() if query.lower() in s.title.lower()) if look == "full" else ()
    kept = values or {"name": "Mira Vale", "line": "Ceramicist in Lisbon, slow mornings", "about": ""}
    return ArchetypePage(
        archetype, look, LOOKS, FAMILIES, ARCHETYPES, found, posts(), errors or {}, kept, query, clock.now()
    )
