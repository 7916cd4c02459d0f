"""The desk: words on the left, the drawing on the right, the latest runs below."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import Form, Request
from fastapi.responses import FileResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused, ProductError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries as makers
from ainfluencer.studio import forms, presets, queries, service
from ainfluencer.studio import layouts as designs
from ainfluencer.studio.forms import PictureForm, PosterForm
from ainfluencer.studio.layouts import Layout
from ainfluencer.studio.pages.runs import RunLine, latest
from ainfluencer.studio.presets import Preset
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)
POSTER = Capability.POSTER.value  # the two forms
PICTURE = "picture"
_KEEP = {"Cache-Control": "private, max-age=604800"}


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The studio with one of its two forms."""

    tab: str
    poster: PosterForm
    picture: PictureForm
    characters: tuple[tuple[str, str], ...]
    layouts: tuple[Layout, ...]
    makers: tuple[tuple[str, str], ...]
    connectable: tuple[str, ...]
    preset: Preset | None
    lines: tuple[RunLine, ...]
    can_create: bool
    errors: dict[str, str] = field(default_factory=dict)
    presets: tuple[Preset, ...] = presets.PRESETS
    formats: tuple[tuple[str, str, str], ...] = designs.FORMATS
    moods: tuple[str, ...] = forms.MOODS
    sizes: tuple[tuple[str, str], ...] = forms.SIZES
    shapes: tuple[tuple[str, str], ...] = forms.SHAPES
    template: ClassVar[str] = "studio/index.html"
    region: ClassVar[str] = "form"

    @property
    def all_shapes(self) -> list[tuple[str, str]]:
        """The shapes to choose from, with the one that is filled in."""
        known = [shape for shape, _ in self.shapes]
        own = [] if self.picture.size in known else [(self.picture.size, self.picture.size.replace("x", " × "))]
        return [*own, *self.shapes]


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """The drawing as it would be; `pages` are addresses that hold the picture itself."""

    pages: tuple[str, ...]
    problem: str = ""
    template: ClassVar[str] = "studio/_preview.html"


async def _page(
    session: AsyncSession, actor: Actor, tab: str, poster: PosterForm, picture: PictureForm, errors: dict[str, str]
) -> IndexPage:
    faces = await characters.faces(session, actor)
    views = await makers.list_makers(session, actor)
    can_draw = [v.manifest for v in views if v.manifest.can(Capability.IMAGE)]
    return IndexPage(
        tab=tab,
        poster=poster,
        picture=picture,
        characters=tuple((f.id, f.name) for f in faces.values()),
        layouts=tuple(await designs.all_layouts(actor, await designs.offered(session, actor))),
        makers=tuple((v.manifest.slug, v.manifest.title) for v in views if v.manifest in can_draw and v.is_usable),
        connectable=tuple(m.title for m in can_draw),
        preset=next((p for p in presets.PRESETS if p.id == picture.preset), None),
        lines=(await latest(session, actor)).lines,
        can_create=actor.can(Right.CREATE),
        errors=errors,
    )


@router.get("/studio")
async def index(
    request: Request,
    session: Read,
    actor: Who,
    tab: str = "",
    preset: str = "",
    run: str = "",
    character: str = "",
) -> Response:
    """The desk, empty or filled with an earlier run or a preset."""
    poster = PosterForm(character=character, use_picture="on")
    picture = PictureForm(character=character)
    if run:
        before = await queries.get_run(session, actor, run)
        tab = PICTURE if before.kind == "image" else POSTER
        poster = forms.poster_of(before) if tab == POSTER else poster
        picture = forms.picture_form_of(before) if tab == PICTURE else picture
    elif preset:
        tab, chosen = PICTURE, presets.get(preset)
        picture = PictureForm(
            character=character,
            preset=chosen.id,
            prompt=chosen.prompt.replace("{subject}", "[what it shows]"),
            negative_prompt=chosen.negative_prompt,
            size=f"{chosen.width}x{chosen.height}",
            count=str(chosen.batch_size),
            **{k: str(v) for k, v in chosen.settings().items()},
        )
    shown = PICTURE if tab == PICTURE else POSTER
    return render(request, await _page(session, actor, shown, poster, picture, {}))


@router.post("/studio/posters")
async def make_poster(request: Request, session: Write, actor: Who, form: Annotated[PosterForm, Form()]) -> Response:
    """Start the run of a poster."""
    try:
        run = await service.start(session, actor, form.new_run())
    except (InvalidInput, PolicyRefused, ValidationError) as mistake:
        await session.rollback()
        page = await _page(session, actor, POSTER, form, PictureForm(), form_errors(mistake))
        return render(request, page, status=422)
    return go_to(request, f"/studio/runs/{run.id}")


@router.post("/studio/pictures")
async def make_picture(request: Request, session: Write, actor: Who, form: Annotated[PictureForm, Form()]) -> Response:
    """Start the run of a generated picture."""
    try:
        run = await service.start(session, actor, form.new_run())
    except (InvalidInput, PolicyRefused, ValidationError) as mistake:
        await session.rollback()
        page = await _page(session, actor, PICTURE, PosterForm(), form, form_errors(mistake))
        return render(request, page, status=422)
    return go_to(request, f"/studio/runs/{run.id}")


@router.post("/studio/preview")
async def preview(request: Request, actor: Who, form: Annotated[PosterForm, Form()]) -> Response:
    """Draw what is written so far, at half size, and keep nothing."""
    if not (form.title.strip() or form.body.strip() or form.items.strip()):
        return render(request, PreviewPage(()))
    try:
        drawn = await service.preview(actor, form.model_copy(update={"seed": form.seed or "1"}).new_run())
    except ProductError as refusal:
        return render(request, PreviewPage((), f"{refusal.detail} {refusal.next_step}"))
    except ValidationError as mistake:
        return render(request, PreviewPage((), " ".join(form_errors(mistake).values())))
    pages = await asyncio.to_thread(lambda: tuple(base64.b64encode(data).decode() for data in drawn))
    return render(request, PreviewPage(tuple(f"data:image/png;base64,{page}" for page in pages)))


@router.get("/studio/layouts/{name}")
async def layout(actor: Who, name: str) -> FileResponse:
    """A small sample of a design."""
    actor.require(Right.CREATE)
    async with database().reading() as session:
        slug = await designs.offered(session, actor)
    found = next((one for one in await designs.all_layouts(actor, slug) if one.name == name), None)
    if found is None:
        raise NotFound("There is no such layout.")
    return FileResponse(await designs.sample(actor, slug, found), media_type="image/webp", headers=_KEEP)
