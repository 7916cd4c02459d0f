"""Bringing files from outside, with the honest question who made them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import File, Form, Request, UploadFile
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.studio import service as studio
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

MAX_FILES = 40


@dataclass(frozen=True, slots=True)
class FormPage:
    """The upload form as it was filled in."""

    characters: tuple[tuple[str, str], ...]
    character: str = ""
    alt_text: str = ""
    made_by: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "library/form.html"
    region: ClassVar[str] = "form"


@router.get("/library/new")
async def new(request: Request, session: Read, actor: Who, character: str = "") -> Response:
    """The empty form."""
    actor.require(Right.CREATE)
    faces = await characters.faces(session, actor)
    return render(request, FormPage(tuple((f.id, f.name) for f in faces.values()), character))


@router.post("/library")
async def upload(
    request: Request,
    session: Write,
    actor: Who,
    files: Annotated[list[UploadFile], File(default_factory=list)],
    character: Annotated[str, Form()] = "",
    alt_text: Annotated[str, Form()] = "",
    made_by: Annotated[str, Form()] = "",
) -> Response:
    """Keep the files, all of them or none."""
    actor.require(Right.CREATE)
    given = [file for file in files if file.filename]
    try:
        _check(given, made_by)
        for file in given:
            await studio.add_upload(
                session,
                actor,
                await file.read(),
                filename=file.filename or "upload",
                character_id=character or None,
                alt_text=alt_text.strip(),
                is_ai=made_by == "ai",
            )
    except InvalidInput as mistake:
        await session.rollback()
        faces = await characters.faces(session, actor)
        choices = tuple((f.id, f.name) for f in faces.values())
        errors = {(at or "files"): text for at, text in form_errors(mistake).items()}
        return render(request, FormPage(choices, character, alt_text, made_by, errors), status=422)
    flash(request, f"{plural(len(given), 'file')} in the library, waiting for approval.", "success")
    return go_to(request, "/library")


def _check(given: list[UploadFile], made_by: str) -> None:
    if not given:
        raise InvalidInput("There is no file.", "Choose at least one.", field="files")
    if len(given) > MAX_FILES:
        raise InvalidInput(f"{len(given)} files are too many at once.", f"Send up to {MAX_FILES}.", field="files")
    if made_by not in {"ai", "person"}:
        raise InvalidInput("Please say who made it.", "It decides the label of every post.", field="made_by")
