"""The grid of characters, and the form with three parts that makes and changes one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from ainfluencer.characters import forms, queries, service
from ainfluencer.characters.forms import CharacterForm
from ainfluencer.characters.personas import TEMPLATES, PersonaTemplate
from ainfluencer.characters.schemas import TRAITS, CharacterOut, Status
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PAGE = 24


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The grid of characters."""

    characters: tuple[CharacterOut, ...]
    q: str
    status: str
    total: int
    counts: dict[str, int]
    next_url: str
    can_create: bool
    template: ClassVar[str] = "characters/index.html"
    region: ClassVar[str] = "results"


@dataclass(frozen=True, slots=True)
class FormPage:
    """A new character, or one that is changed."""

    values: CharacterForm
    action: str
    title: str
    back: str
    part: str
    templates: tuple[PersonaTemplate, ...]
    errors: dict[str, str] = field(default_factory=dict)
    traits: tuple[tuple[str, str, str, str], ...] = TRAITS
    languages: tuple[tuple[str, str], ...] = forms.LANGUAGES
    template: ClassVar[str] = "characters/form.html"
    region: ClassVar[str] = "form"


@router.get("/characters")
async def index(
    request: Request, session: Read, actor: Who, q: str = "", status: str = "", cursor: str = ""
) -> Response:
    """All characters, filtered while typing."""
    known = status if status in {s.value for s in Status} else ""
    page = await queries.list_characters(session, actor, status=known, search=q[:200], cursor=cursor[:26], limit=PAGE)
    more = urlencode({"q": q, "status": known, "cursor": page.next_cursor})
    return render(
        request,
        IndexPage(
            tuple(queries.describe(c) for c in page.items),
            q,
            known,
            page.total,
            await queries.counts(session, actor),
            f"/characters?{more}" if page.next_cursor else "",
            actor.can(Right.CREATE),
        ),
    )


def _new_page(values: CharacterForm, errors: dict[str, str] | None = None) -> FormPage:
    errors = errors or {}
    part = forms.part_of(errors, values.part)
    return FormPage(values, "/characters", "New character", "/characters", part, TEMPLATES, errors)


@router.get("/characters/new")
async def new(request: Request, actor: Who, template: str = "") -> Response:
    """The empty form, or one that begins with a persona template."""
    actor.require(Right.CREATE)
    return render(request, _new_page(forms.form_from_template(template)))


@router.post("/characters")
async def create(request: Request, session: Write, actor: Who, form: Annotated[CharacterForm, Form()]) -> Response:
    """Make a character of the form."""
    try:
        character = await service.create(session, actor, service.draft_of(forms.new_of(form)))
    except (InvalidInput, ValidationError) as mistake:
        await session.rollback()
        return render(request, _new_page(form, form_errors(mistake)), status=422)
    flash(request, f"{character.name} is here.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.get("/characters/{character_id}/edit")
async def edit(request: Request, session: Read, actor: Who, character_id: str, part: str = "basics") -> Response:
    """The form, filled."""
    actor.require(Right.CREATE)
    character = queries.describe(await queries.get(session, actor, character_id))
    values = forms.form_of(character).model_copy(update={"part": part})
    return render(request, _edit_page(character, values))


def _edit_page(character: CharacterOut, values: CharacterForm, errors: dict[str, str] | None = None) -> FormPage:
    where = f"/characters/{character.id}"
    part = forms.part_of(errors or {}, values.part)
    return FormPage(values, where, f"Edit {character.name}", where, part, (), errors or {})


@router.post("/characters/{character_id}")
async def update(
    request: Request, session: Write, actor: Who, character_id: str, form: Annotated[CharacterForm, Form()]
) -> Response:
    """Keep the changes of the form."""
    before = queries.describe(await queries.get(session, actor, character_id))
    try:
        character = await service.update(session, actor, character_id, forms.changes_of(form))
    except (InvalidInput, ValidationError) as mistake:
        await session.rollback()
        return render(request, _edit_page(before, form, form_errors(mistake)), status=422)
    flash(request, f"{character.name} is kept.", "success")
    return go_to(request, f"/characters/{character.id}")
