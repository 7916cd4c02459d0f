"""Settings of makers: what writes and pictures, which is asked first, connecting one, and a place to try."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Annotated, ClassVar

from fastapi import Form, Request
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, OutsideError, ProductError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Access, Capability, Login
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers import queries, registry, service
from ainfluencer.makers.schemas import KINDS, Choice, MakerView
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.markdown import to_html
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PREFIX = "field-"  # keeps the maker's own names apart from ours
WELL = 50  # from this quality on, a text needs no apology
_LONGEST = 4000
_WORDS = {Capability.TEXT: "Words", Capability.IMAGE: "Photographs", Capability.POSTER: "Designed pictures"}
_ICONS = {Capability.TEXT: "pen-line", Capability.IMAGE: "camera", Capability.POSTER: "layout-template"}
_GLYPH_HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request: the makers that would be asked, best first, and those that could be connected for it."""

    name: str
    title: str
    icon: str
    asked: tuple[Choice, ...]
    could: tuple[tuple[str, str], ...]

    @property
    def best(self) -> Choice | None:
        """Who is asked first."""
        return self.asked[0] if self.asked else None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """All makers and what each is used for."""

    makers: tuple[MakerView, ...]
    kinds: tuple[Kind, ...]
    can_manage: bool
    well: int = WELL
    template: ClassVar[str] = "makers/index.html"


@dataclass(frozen=True, slots=True)
class TrialRegion:
    """What came of a try."""

    prompt: str
    maker: str
    makers: tuple[Choice, ...]
    text: str = ""
    made_by: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str = ""
    template: ClassVar[str] = "makers/_trial.html"

    @property
    def id(self) -> str:
        """One box a page."""
        return "try"


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One maker: its form and how to obtain it."""

    view: MakerView
    help: Markup
    models: tuple[tuple[str, str], ...]
    can_manage: bool
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    prefix: str = PREFIX
    template: ClassVar[str] = "makers/show.html"
    region: ClassVar[str] = "form"

    @property
    def is_built_in(self) -> bool:
        """Whether it is always there."""
        return self.view.manifest.access is Access.BUILT_IN


@router.get("/settings/makers")
async def index(request: Request, session: Read, actor: Who) -> Response:
    """The list, the order, the try-it box."""
    actor.require(Right.MANAGE)
    views = tuple(await queries.list_makers(session, actor))
    kinds = tuple([await _kind(session, actor, name, views) for name in KINDS])
    return render(request, IndexPage(views, kinds, actor.can(Right.MANAGE)))


async def _kind(session: AsyncSession, actor: Actor, name: str, views: tuple[MakerView, ...]) -> Kind:
    asked = tuple(await queries.choices(session, actor, KINDS[name]))
    used = {choice.slug for choice in asked}
    able = [v.manifest for v in views if v.manifest.can(KINDS[name]) and v.manifest.slug not in used]
    able.sort(key=lambda m: (m.login is not Login.NONE, -m.quality))  # what needs no account stands first
    return Kind(name, _WORDS[KINDS[name]], _ICONS[KINDS[name]], asked, tuple((m.slug, m.title) for m in able))


@router.post("/settings/makers/trial")
async def trial(
    request: Request, actor: Who, prompt: Annotated[str, Form()] = "", maker: Annotated[str, Form()] = ""
) -> Response:
    """Have a sentence or two written. Nothing is kept. No session is held while a model works."""
    actor.require(Right.MANAGE)
    async with database().reading() as session:
        known = tuple(await queries.choices(session, actor, Capability.TEXT))
    words = prompt.strip()[:1000]
    chosen = maker if maker in {choice.slug for choice in known} else ""
    if not words:
        return swap(
            request, TrialRegion("", chosen, known, error="Say what should be written."), back="/settings/makers"
        )
    begun = time.monotonic()
    try:
        made = await service.make(
            actor, TextRequest(({"role": "user", "content": words},), max_tokens=120), slug=chosen
        )
    except ProductError as e:
        shown = TrialRegion(words, chosen, known, error=f"{e.detail} {e.next_step}".strip())
    else:
        text = made.text.texts[0].strip() if made.text.texts else ""
        by = f"{made.title} ({made.text.model})" if made.text.model else made.title
        shown = TrialRegion(words, chosen, known, text, by, time.monotonic() - begun, made.notes)
    return swap(request, shown, back="/settings/makers")


@router.get("/settings/makers/{slug}/icon")
async def glyph(actor: Who, slug: str) -> Response:
    """The maker's glyph as SVG; empty when it has none."""
    actor.require(Right.READ)
    known = registry.manifest(slug)
    file = resources.files(f"{registry.PACKAGE}.{known.slug}").joinpath("icon.svg")
    data = file.read_bytes() if file.is_file() else b""
    return Response(data, media_type="image/svg+xml", headers=_GLYPH_HEADERS)


@router.get("/settings/makers/{slug}")
async def show(request: Request, session: Read, actor: Who, slug: str) -> Response:
    """One maker."""
    actor.require(Right.MANAGE)
    return render(request, _page(actor, await queries.get(session, actor, slug)))


@router.post("/settings/makers/{slug}")
async def connect(request: Request, actor: Who, slug: str) -> Response:
    """Ask it with the new values; keep them only when it answers. No transaction is open while it is asked."""
    actor.require(Right.MANAGE)
    manifest = registry.manifest(slug)
    async with request.form() as sent:
        given = {f.name: str(sent.get(PREFIX + f.name, ""))[:_LONGEST] for f in manifest.fields}
    secret = {f.name for f in manifest.fields if f.secret}
    values = {name: value for name, value in given.items() if name not in secret}
    secrets = {name: value for name, value in given.items() if name in secret}
    try:
        account = await service.check(actor, slug, values, secrets)
        await service.connect_now(actor, slug, values, secrets, account=account)
    except ProductError as mistake:
        async with database().reading() as session:
            view = await queries.get(session, actor, slug)
        return render(request, _page(actor, view, values, _mistakes(mistake, view)), status=422)
    notes = f" {' '.join(account.notes)}" if account.notes else ""
    flash(request, f"{manifest.title} answers as {account.title}.{notes}", "success")
    return go_to(request, "/settings/makers")


@router.post("/settings/makers/{slug}/check")
async def check(request: Request, actor: Who, slug: str) -> Response:
    """Ask it with what is stored."""
    found = await service.check(actor, slug)
    flash(request, f"{registry.manifest(slug).title} answers as {found.title}.", "success")
    return go_to(request, f"/settings/makers/{slug}")


@router.get("/settings/makers/{slug}/models")
async def models(request: Request, session: Read, actor: Who, slug: str) -> Response:
    """What it offers, asked for when somebody wants to see it."""
    actor.require(Right.MANAGE)
    found = await service.models(actor, slug)
    named = tuple((m.name, m.notes or (f"{m.size_bytes / 1e9:.1f} GB" if m.size_bytes else "")) for m in found)
    return render(request, _page(actor, await queries.get(session, actor, slug), models=named))


@router.post("/settings/makers/{slug}/switch")
async def switch(
    request: Request, session: Write, actor: Who, slug: str, on: Annotated[bool, Form()] = False
) -> Response:
    """On or off, without losing its settings."""
    await service.switch(session, actor, slug, on=on)
    flash(request, f"{registry.manifest(slug).title} is {'on' if on else 'off'}.", "success")
    return go_to(request, "/settings/makers")


@router.post("/settings/makers/{slug}/disconnection")
async def disconnect(request: Request, session: Write, actor: Who, slug: str) -> Response:
    """Forget settings and secrets."""
    await service.disconnect(session, actor, slug)
    flash(request, f"{registry.manifest(slug).title} is disconnected; its key is forgotten.", "success")
    return go_to(request, "/settings/makers")


def _page(
    actor: Actor,
    view: MakerView,
    values: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    models: tuple[tuple[str, str], ...] = (),
) -> ShowPage:
    file = resources.files(f"{registry.PACKAGE}.{view.manifest.slug}").joinpath("setup.md")
    text = file.read_text("utf-8") if file.is_file() else ""
    shown = dict(view.settings) if values is None else values
    return ShowPage(view, to_html(text), models, actor.can(Right.MANAGE), shown, errors or {})


def _mistakes(error: ProductError, view: MakerView) -> dict[str, str]:
    known = {f.name for f in view.manifest.fields}
    if isinstance(error, InvalidInput) and error.field in known:
        return {PREFIX + error.field: f"{error.detail} {error.next_step}".strip()}
    if isinstance(error, OutsideError):
        return {"": f"{view.manifest.title}: {error.detail} {error.next_step}".strip()}
    return form_errors(error)
