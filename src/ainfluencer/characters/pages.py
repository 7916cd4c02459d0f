"""Pages of characters: the grid, one character, and the form with three parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.accounts.queries import AuditFilter
from ainfluencer.characters import forms, queries, service
from ainfluencer.characters.forms import CharacterForm
from ainfluencer.characters.models import Consent, MaterialRow
from ainfluencer.characters.personas import TEMPLATES, PersonaTemplate
from ainfluencer.characters.schemas import CharacterOut, MaterialKind, Status
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render

router = APIRouter(include_in_schema=False)

PAGE = 24
MATERIAL_PAGE = 60


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
    traits: tuple[tuple[str, str, str, str], ...] = forms.TRAITS
    languages: tuple[tuple[str, str], ...] = forms.LANGUAGES
    template: ClassVar[str] = "characters/form.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the activity list: icon, tone, what, who; `at` is aware UTC."""

    icon: str
    tone: str
    title: str
    detail: str
    at: object


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One character with the part that is looked at."""

    character: CharacterOut
    tab: str
    counts: dict[str, int]
    kind: str
    pieces: tuple[MaterialRow, ...]
    next_url: str
    consents: tuple[Consent, ...]
    deeds: tuple[Deed, ...]
    quote: str
    can_create: bool
    traits: tuple[tuple[str, str, str, str], ...] = forms.TRAITS
    template: ClassVar[str] = "characters/show.html"


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
        return render(request, _new_page(form, form_errors(mistake)), status=422)
    flash(request, f"{character.name} is here.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.get("/characters/{character_id}")
async def show(
    request: Request,
    session: Read,
    actor: Who,
    character_id: str,
    tab: str = "overview",
    kind: str = "",
    offset: int = 0,
) -> Response:
    """One character: overview, material, content, activity."""
    row = await queries.get(session, actor, character_id, deleted=True)
    known = MaterialKind(kind) if kind in {k.value for k in MaterialKind} else None
    offset = max(0, offset)
    pieces: list[MaterialRow] = []
    if tab == "material":
        pieces = await queries.list_material(session, actor, row.id, kind=known, offset=offset, limit=MATERIAL_PAGE + 1)
    quotes = await queries.list_material(session, actor, row.id, kind=MaterialKind.QUOTE, limit=1)
    more = urlencode({"tab": "material", "kind": kind, "offset": offset + MATERIAL_PAGE})
    return render(
        request,
        ShowPage(
            queries.describe(row),
            tab if tab in {"material", "content", "activity"} else "overview",
            await queries.material_counts(session, actor, row.id),
            known.value if known else "",
            tuple(pieces[:MATERIAL_PAGE]),
            f"/characters/{row.id}?{more}" if len(pieces) > MATERIAL_PAGE else "",
            tuple(await queries.list_consents(session, actor, row.id)),
            await _deeds(session, actor, row.id) if tab == "activity" else (),
            quotes[0].text if quotes else "",
            actor.can(Right.CREATE),
        ),
    )


_DEEDS = {
    "character.created": ("sparkles", "success", "Came into being"),
    "character.changed": ("pencil-line", "info", "Changed"),
    "character.paused": ("pause", "neutral", "Paused"),
    "character.resumed": ("circle-dot", "success", "Back to work"),
    "character.deleted": ("archive", "neutral", "Deleted"),
    "character.restored": ("undo-2", "info", "Restored"),
    "character.pictured": ("image", "info", "New profile picture"),
    "character.failed": ("circle-x", "error", "Needs a person"),
    "consent.recorded": ("shield-check", "success", "Consent recorded"),
    "consent.revoked": ("ban", "warning", "Consent revoked"),
    "card.imported": ("file-text", "info", "Card imported"),
}


async def _deeds(session: AsyncSession, actor: Actor, character_id: str) -> tuple[Deed, ...]:
    """What happened to a character, from the audit trail; only owners may read it."""
    if not actor.can(Right.OWN):
        return ()
    wanted = AuditFilter(subject_kind="character", subject_id=character_id)
    trail = await accounts.list_audit(session, actor, wanted, limit=50)
    return tuple(
        Deed(
            *_DEEDS.get(entry.action, ("circle-dot", "neutral", entry.action)), entry.actor_name or "", entry.created_at
        )
        for entry in trail.items
    )


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
        return render(request, _edit_page(before, form, form_errors(mistake)), status=422)
    flash(request, f"{character.name} is kept.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/pause")
async def pause(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Nothing new is made or published for now."""
    character = await service.pause(session, actor, character_id)
    where = f"/characters/{character.id}"
    flash(request, f"{character.name} is paused.", "success", undo_url=f"{where}/resumption")
    return go_to(request, where)


@router.post("/characters/{character_id}/resumption")
async def resume(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Back to work."""
    character = await service.resume(session, actor, character_id)
    flash(request, f"{character.name} is back at work.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/deletion")
async def delete(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Soft delete, with a way back."""
    character = await service.delete(session, actor, character_id)
    flash(request, f"{character.name} is deleted.", "info", undo_url=f"/characters/{character.id}/restoration")
    return go_to(request, "/characters")


@router.post("/characters/{character_id}/restoration")
async def restore(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Undo a deletion."""
    character = await service.restore(session, actor, character_id)
    flash(request, f"{character.name} is back, paused.", "success")
    return go_to(request, f"/characters/{character.id}")
