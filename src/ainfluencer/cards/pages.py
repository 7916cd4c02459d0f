"""The pages that bring a character in: drop a card or write a brief, see what was understood, then create."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import File, Form, Request, UploadFile
from starlette.responses import Response

from ainfluencer.cards import briefs, editing_pages, intake, queries, service
from ainfluencer.cards.bundles import pages as bundles
from ainfluencer.cards.forge import pages as forge
from ainfluencer.cards.library import pages as library
from ainfluencer.cards.schemas import CardSource
from ainfluencer.cards.starters import Starter, card, starters
from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.schemas import TRAITS, CharacterOut, ConsentDraft, ConsentKind
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused
from ainfluencer.db.session import database
from ainfluencer.media import probe
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.errors import form_errors
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

NO_PICTURE = "none"  # an answer to whose face it is: leave the card's picture out
_PREVIEW_WIDTH = 640


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A drop area, a text area, and ready-made characters."""

    text: str = ""
    then: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    starters: tuple[Starter, ...] = ()
    example: str = briefs.EXAMPLE
    template: ClassVar[str] = "cards/import.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What was understood of a file, before anything is made of it."""

    source: CardSource
    token: str
    starter: str
    then: str
    existing: CharacterOut | None
    likeness: str = ConsentKind.SYNTHETIC.value
    traits: tuple[tuple[str, str, str, str], ...] = TRAITS
    template: ClassVar[str] = "cards/preview.html"

    @property
    def quotes(self) -> tuple[str, ...]:
        """A few of their own words."""
        return tuple(m.text for m in self.source.draft.material if m.kind == "quote")[:3]

    @property
    def has_picture(self) -> bool:
        """Whether the card brings a picture that can be shown."""
        return bool(self.source.picture and self.token)


@router.get("/characters/import")
async def start_import(request: Request, actor: Who, then: str = "") -> Response:
    """Choose a card, write a brief, or take somebody ready-made."""
    actor.require(Right.CREATE)
    return render(request, ImportPage(then=_then(then), starters=await asyncio.to_thread(starters)))


def _then(text: str) -> str:
    return "week" if text == "week" else ""


@router.post("/characters/import/preview")
async def look_first(
    request: Request,
    actor: Who,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "",
) -> Response:
    """Read what was dropped or written, keep it for a day, and show what was understood."""
    actor.require(Right.CREATE)
    try:
        data, filename = await intake.uploaded(file if file and file.filename else None, text)
        await _read(actor, data, filename)
    except (InvalidInput, PolicyRefused) as mistake:
        return await _refused(request, mistake, text, then, is_file=bool(file and file.filename))
    token = await asyncio.to_thread(intake.keep, actor, data, filename, _then(then))
    return go_to(request, f"/characters/import/{token}")


async def _read(actor: Actor, data: bytes, filename: str) -> CardSource:
    source = await intake.read(actor, data, filename)
    character_service.check(source.draft)
    return source


async def _refused(
    request: Request, mistake: InvalidInput | PolicyRefused, text: str, then: str, *, is_file: bool
) -> Response:
    """The form again, with the reason beside the place that it came from."""
    errors = {"file" if is_file else "text": " ".join(form_errors(mistake).values())}
    found = await asyncio.to_thread(starters)
    return render(request, ImportPage(text, _then(then), errors, found), status=422)


@router.get("/characters/import/starters/{slug}")
async def show_starter(request: Request, session: Read, actor: Who, slug: str, then: str = "") -> Response:
    """What a ready-made character brings."""
    actor.require(Right.CREATE)
    return await _preview(request, session, actor, intake.Waiting("", *card(slug), _then(then)), slug)


@router.get("/characters/import/{token}")
async def show_preview(request: Request, session: Read, actor: Who, token: str) -> Response:
    """What was understood of a file that waits."""
    actor.require(Right.CREATE)
    return await _preview(request, session, actor, intake.waiting(actor, token))


async def _preview(request: Request, session: Read, actor: Actor, kept: intake.Waiting, starter: str = "") -> Response:
    source = await asyncio.to_thread(service.read_source, kept.data, kept.filename)
    found = await service.find_imported(session, actor, kept.data)
    existing = characters.describe(found[0]) if found else None
    return render(request, PreviewPage(source, kept.token, starter, kept.then, existing))


@router.get("/characters/import/{token}/picture")
async def preview_picture(actor: Who, token: str) -> Response:
    """The card's picture, decoded and drawn anew, so that nothing else of an unknown file reaches the browser."""
    kept = intake.waiting(actor, token)
    data = await asyncio.to_thread(_small, kept)
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, max-age=3600"})


def _small(kept: intake.Waiting) -> bytes:
    picture = service.read_source(kept.data, kept.filename).picture
    if picture is None:
        raise NotFound("This card brings no picture.")
    from PIL import ImageOps

    image = ImageOps.exif_transpose(probe.open_image(picture)).convert("RGB")
    image.thumbnail((_PREVIEW_WIDTH, _PREVIEW_WIDTH * 2))
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82)
    return out.getvalue()


@router.post("/characters/import")
async def bring(
    request: Request,
    actor: Who,
    *,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
    starter: Annotated[str, Form()] = "",
    likeness: Annotated[str, Form()] = ConsentKind.SYNTHETIC.value,
    then: Annotated[str, Form()] = "",
) -> Response:
    """Make a character of a preview, a ready-made card, a file or a text; with `then=week` a week of theirs comes next."""
    actor.require(Right.CREATE)
    is_file = bool(file and file.filename)
    try:
        if token or starter:
            kept = intake.waiting(actor, token) if token else intake.Waiting("", *card(starter))
            data, filename = kept.data, kept.filename
        else:
            data, filename = await intake.uploaded(file if is_file else None, text)
        source = await _read(actor, data, filename)
    except (InvalidInput, PolicyRefused) as mistake:
        return await _refused(request, mistake, text, then, is_file=is_file)
    character_id, name = await _create(actor, source, likeness)
    if token:
        await asyncio.to_thread(intake.forget, actor, token)
    count = len(source.warnings)
    remarks = f" {plural(count, 'remark')} on the card {'stands' if count == 1 else 'stand'} on the page."
    flash(request, f"{name} is here.{remarks if count else ''}", "success")
    return go_to(request, f"/weeks/new?character={character_id}" if then == "week" else f"/characters/{character_id}")


async def _create(actor: Actor, source: CardSource, likeness: str) -> tuple[str, str]:
    """The character in a transaction that begins after the reading; answers its id and name."""
    kind = ConsentKind.OWN if likeness == ConsentKind.OWN.value else ConsentKind.SYNTHETIC
    async with database().writing() as session:
        picture = None if likeness == NO_PICTURE else await intake.store_picture(session, actor, source)
        statement = f"Stated at the import of {PurePath(source.filename).name or 'a brief'}: {_STATED[kind]}."
        consent = ConsentDraft(kind=kind, statement=statement) if picture else None
        character = await service.import_source(session, actor, source, picture, consent=consent)
        return character.id, character.name


_STATED = {ConsentKind.SYNTHETIC: "an invented character, nobody real", ConsentKind.OWN: "the importer’s own likeness"}


@router.get("/characters/{character_id}/card")
async def original(session: Read, actor: Who, character_id: str) -> Response:
    """The file that a character came from, exactly as it was imported."""
    character = await characters.get(session, actor, character_id, deleted=True)
    rows = await queries.list_for_character(session, actor, character.id)
    if not rows:
        raise NotFound("This character did not come from a file.", "Export the persona instead.")
    name = rows[0].filename or f"{character.handle}.md"
    data = await asyncio.to_thread(queries.original, rows[0])
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


router.routes[:0] = editing_pages.router.routes  # before /cards/{card_id}, which would take “new” for an id
router.routes[:0] = forge.router.routes  # likewise
router.routes[:0] = bundles.router.routes  # likewise
router.routes.extend(library.router.routes)
