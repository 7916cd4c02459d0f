"""The page that brings a character in: drop a card, or write a brief."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from ainfluencer.cards import briefs, service
from ainfluencer.cards.intake import store_picture, uploaded
from ainfluencer.characters import service as character_service
from ainfluencer.characters.schemas import ConsentDraft, ConsentKind
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.web.deps import Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A drop area and a text area."""

    text: str = ""
    likeness: str = ConsentKind.SYNTHETIC.value
    errors: dict[str, str] = field(default_factory=dict)
    then: str = ""
    example: str = briefs.EXAMPLE
    template: ClassVar[str] = "cards/import.html"
    region: ClassVar[str] = "form"


@router.get("/characters/import")
async def start_import(request: Request, actor: Who) -> Response:
    """Choose a card or write a brief."""
    actor.require(Right.CREATE)
    return render(request, ImportPage())


@router.post("/characters/import")
async def bring(
    request: Request,
    session: Write,
    actor: Who,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
    likeness: Annotated[ConsentKind, Form()] = ConsentKind.SYNTHETIC,
    then: Annotated[str, Form()] = "",
) -> Response:
    """Make a character of what was dropped or written; with `then=week` a week of theirs comes next."""
    actor.require(Right.CREATE)
    try:
        data, filename = await uploaded(file if file and file.filename else None, text)
        source = await asyncio.to_thread(service.read_source, data, filename)
        character_service.check(source.draft)
    except InvalidInput as mistake:
        errors = form_errors(mistake)
        if set(errors) - {"file", "text"}:  # a field of the brief: say it above the form
            errors = {"text" if not (file and file.filename) else "file": " ".join(errors.values())}
        return render(request, ImportPage(text, likeness.value, errors, then), status=422)
    picture = await store_picture(session, actor, source)
    consent = ConsentDraft(kind=likeness, statement=f"Stated at import of {filename}: {likeness}.") if picture else None
    character = await service.import_source(session, actor, source, picture, consent=consent)
    remarks = f" {len(source.warnings)} remarks stand on the page." if source.warnings else ""
    flash(request, f"{character.name} is here.{remarks}", "success")
    return go_to(request, f"/weeks/new?character={character.id}" if then == "week" else f"/characters/{character.id}")
