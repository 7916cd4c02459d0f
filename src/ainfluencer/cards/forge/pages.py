"""The pages of the forge: give a source and choose who writes; watch the steps; read the card beside its evidence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import Response

from ainfluencer.cards import queries as cards
from ainfluencer.cards.forge import handing, profile_pages, profiles, reading, service, shipped, sources, texts
from ainfluencer.cards.forge.api import bodies
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import KIND, Mode
from ainfluencer.cards.forge.profile_shapes import ConfigProfile, PromptProfile
from ainfluencer.cards.forge.rules import names
from ainfluencer.cards.forge.shapes import Found
from ainfluencer.cards.intake import attachment
from ainfluencer.cards.library.files import mime_of, stem
from ainfluencer.cards.models import CardRow
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, LimitReached, NotFound, OutsideError
from ainfluencer.db.session import database
from ainfluencer.engine import exports
from ainfluencer.engine import queries as engine
from ainfluencer.engine import service as jobs
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.engine.queries import JobFilter
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)
router.routes.extend(profile_pages.router.routes)  # before /cards/forge/{job_id}, which would take “profiles” for an id
MODES = (
    (Mode.CREATE.value, "A new card", "From the source alone.", "sparkles"),
    (Mode.FILL.value, "What a card lacks", "Only its empty fields.", "list-plus"),
    (Mode.REVISE.value, "A card, changed", "By an instruction.", "pen-line"),
    (Mode.CHECK.value, "A card, checked", "Held against its source.", "scan-search"),
    (Mode.TRANSLATE.value, "A card, translated", "Into another language.", "languages"),
)
ACCEPTED = ".txt,.md,.json,.html,.docx,.odt,.epub,.png,.jpg,.jpeg,.webp,.charx,.yaml,.yml"


@dataclass(frozen=True, slots=True)
class ForgePage:
    """The form, with both profiles and everything that was forged lately."""

    values: dict[str, Any]
    configs: Sequence[ConfigProfile]
    prompts: Sequence[PromptProfile]
    config: ConfigProfile
    prompt: PromptProfile
    writer: str
    writes: bool
    kept: Sequence[ForgeSource]
    recent: Sequence[Job]
    card: CardRow | None = None  # the input card, where one of the library was chosen
    found: Sequence[Found] = ()
    errors: dict[str, str] = field(default_factory=dict)
    modes: tuple[tuple[str, str, str, str], ...] = MODES
    accepted: str = ACCEPTED
    template: ClassVar[str] = "cards/forge_index.html"
    region: ClassVar[str] = "form"

    @property
    def config_options(self) -> list[tuple[str, str]]:
        """Values and labels of the choice."""
        return [(one.id, one.name) for one in self.configs]

    @property
    def prompt_options(self) -> list[tuple[str, str]]:
        """Values and labels of the choice."""
        return [(one.id, one.name) for one in self.prompts]


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """Both profiles in words; what the panel beside the form shows."""

    config: ConfigProfile
    prompt: PromptProfile
    writer: str
    writes: bool
    template: ClassVar[str] = "cards/forge_details.html"
    region: ClassVar[str] = "details"


@dataclass(frozen=True, slots=True)
class NamesPage:
    """Whom the source speaks of."""

    found: Sequence[Found]
    asked: bool = True
    template: ClassVar[str] = "cards/forge_names.html"
    region: ClassVar[str] = "names"


@dataclass(frozen=True, slots=True)
class JobPage:
    """One job: how far it is, then what it made, beside its evidence."""

    job: Job
    lines: Sequence[Any]
    shown: reading.Shown | None
    cost: str
    template: ClassVar[str] = "cards/forge_job.html"
    region: ClassVar[str] = "job"

    @property
    def is_alive(self) -> bool:
        """Whether it waits or runs."""
        return self.job.state in LIVE

    @property
    def seconds(self) -> float | None:
        """How long it runs or ran; None before it begins."""
        if self.job.started_at is None:
            return None
        return ((self.job.finished_at or clock.now()) - self.job.started_at).total_seconds()


@router.get("/cards/forge")
async def start(
    request: Request, session: Read, actor: Who, config: str = "", prompt: str = "", mode: str = "", card: str = ""
) -> Response:
    """The form; `mode` and the id of a card of the library are filled in. With htmx and a profile the panel of details alone."""
    actor.require(Right.CREATE)
    values = {"config_profile": config or "basic", "prompt_profile": prompt or "default", "library_card_id": card}
    known = {one[0] for one in MODES}
    return render(request, await _form(session, actor, {**values, "mode": mode if mode in known else Mode.CREATE}))


@router.get("/cards/forge/details")
async def details(
    request: Request, session: Read, actor: Who, config_profile: str = "basic", prompt_profile: str = "default"
) -> Response:
    """The panel of both profiles."""
    page = await _form(session, actor, {"config_profile": config_profile, "prompt_profile": prompt_profile})
    for asked, found in ((config_profile, page.config), (prompt_profile, page.prompt)):
        if asked not in {found.id, found.name}:
            raise NotFound("This profile is not there any more.", "Choose another one.", code="no_profile")
    return render(request, DetailsPage(page.config, page.prompt, page.writer, page.writes))


async def _form(
    session: AsyncSession, actor: Actor, values: dict[str, Any], errors: dict[str, str] | None = None
) -> ForgePage:
    configs, prompts = await profiles.list_configs(session, actor), await profiles.list_prompts(session, actor)
    chosen = str(values.get("config_profile") or "basic")
    config = next((one for one in configs if chosen in {one.id, one.name}), shipped.CONFIGS[0])
    asked = str(values.get("prompt_profile") or "default")
    prompt = next((one for one in prompts if asked in {one.id, one.name}), shipped.PROMPTS[0])
    try:
        writer = await service.writer_of(session, actor, config)
        title, writes = writer.title, writer.writes
    except OutsideError as e:
        title, writes = e.detail, False
    chosen_card = str(values.get("library_card_id") or "")
    card = await cards.find(session, actor, chosen_card) if chosen_card else None
    kept, _ = await sources.list_sources(session, actor, limit=8)
    recent = (await engine.list_jobs(session, actor, JobFilter(kind=KIND), limit=6)).items
    return ForgePage(values, configs, prompts, config, prompt, title, writes, kept, recent, card, errors=errors or {})


@router.post("/cards/forge/names")
async def find_names(request: Request, actor: Who) -> Response:
    """Whom the text and the files of the form speak of."""
    actor.require(Right.CREATE)
    async with request.form(max_files=bodies.MOST_FILES + 1) as form:
        ids = [str(one) for one in form.getlist("files")]
        uploads = [one for one in form.getlist("source") if isinstance(one, UploadFile) and one.filename]
        parts = [str(form.get("source_text", ""))]
        parts += [(await bodies.read_upload(one)).source.text for one in uploads]
    async with database().reading() as session:
        kept = await sources.load(session, actor, ids)

    def find() -> list[Found]:
        return names.characters("\n\n".join([*parts, *(texts.read(data, name).text for data, name in kept)]))

    return render(request, NamesPage(await asyncio.to_thread(find)))


@router.post("/cards/forge")
async def begin(request: Request, actor: Who) -> Response:
    """Begin a job of what the form holds; the form again with the mistake where something is missing."""
    actor.require(Right.CREATE)
    values: dict[str, Any] = {}
    try:
        async with request.form(max_files=bodies.MOST_FILES + 1, max_fields=200) as form:
            values = {
                name: form.getlist(name) if name == "files" else form.get(name) for name in form if name != "csrf"
            }
            wanted = await service.looked(actor, await bodies.of_form(form))
        async with database().writing() as session:
            begun = await service.begin(session, actor, wanted)
            job_id = begun.job.id
    except (InvalidInput, LimitReached, NotFound, OutsideError) as mistake:
        async with database().reading() as session:
            page = await _form(session, actor, values, form_errors(mistake))
        return render(request, page, status=422)
    flash(request, "The forge has begun.", "success")
    return go_to(request, f"/cards/forge/{job_id}")


@router.get("/cards/forge/{job_id}")
async def show(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """One job; htmx gets the part that moves."""
    return render(request, await _job(session, actor, job_id))


async def _job(session: AsyncSession, actor: Actor, job_id: str) -> JobPage:
    job = await engine.get(session, actor, job_id)
    if job.kind != KIND:
        raise NotFound("There is no such job of the forge.", "Open it in Operations.")
    lines = await engine.newest_logs(session, actor, job.id, limit=7)
    cents = job.usage.get("cost_cents")
    shown = await asyncio.to_thread(reading.shown_of, job.result) if job.result else None
    is_free = shown is not None and shown.metadata.get("cost") == 0
    cost = f"{cents / 100:.4f}" if cents is not None else "nothing" if is_free else "unknown"
    return JobPage(job, lines, shown, cost)


@router.get("/cards/forge/{job_id}/file")
async def download(session: Read, actor: Who, job_id: str) -> Response:
    """The card of a finished job; a translation in the file that came, under a name that says its language."""
    job = (await _job(session, actor, job_id)).job
    result = exports.result_of(job)
    own = await handing.own_file(session, actor, result)
    data = own[0] if own else await handing.file_of(session, actor, result, "json", 3)
    shown = reading.shown_of(result)
    language = f" ({shown.metadata['language']})" if own else ""
    headers = {"Content-Disposition": attachment(f"{stem(shown.name)}{language}{shown.suffix}")}
    return Response(data, media_type=mime_of(shown.suffix), headers={**headers, "X-Content-Type-Options": "nosniff"})


@router.post("/cards/forge/{job_id}/cancellation")
async def cancel(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """Stop it; the steps that are done are kept for a retry."""
    await _job(session, actor, job_id)
    await jobs.cancel(session, actor, job_id)
    flash(request, "Stopped. Try again goes on where it was.", "success")
    return go_to(request, f"/cards/forge/{job_id}")


@router.post("/cards/forge/{job_id}/retry")
async def retry(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """The same again; kept steps are taken up."""
    await _job(session, actor, job_id)
    again = await jobs.retry(session, actor, job_id)
    return go_to(request, f"/cards/forge/{again.id}")


@router.post("/cards/forge/{job_id}/fields")
async def write_again(
    request: Request, actor: Who, job_id: str, name: Annotated[str, Form()], instruction: Annotated[str, Form()] = ""
) -> Response:
    """Write one field anew from the same material; everything else stays."""
    async with database().writing() as session:
        page = await _job(session, actor, job_id)
        payload = page.job.payload
        config = payload.get("config", {})
        before = payload.get("options", {}).get("seed")
        options = service.options_from(
            {
                **payload.get("options", {}),
                "mode": "create",
                "based_on": job_id,
                "fields": [name],
                "instruction": instruction,
                "seed": (int((config.get("seed") if before is None else before) or 0) + 1) % 2**31,
            }
        )
        wanted = service.Request(
            options, str(config.get("id", "basic")), str(payload.get("prompt", {}).get("id", "default"))
        )
        begun = await service.begin(session, actor, wanted)
        job_id = begun.job.id
    return go_to(request, f"/cards/forge/{job_id}")


@router.post("/cards/forge/{job_id}/card")
async def keep(request: Request, actor: Who, job_id: str) -> Response:
    """Put the card into the library."""
    card_id, outcome = await service.keep_as_card(actor, job_id)
    flash(
        request,
        "The card is in the library." if outcome != "skipped" else "This very card is in the library already.",
        "success",
    )
    return go_to(request, f"/cards/{card_id}")
