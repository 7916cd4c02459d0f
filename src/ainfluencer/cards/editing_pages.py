"""The editor of a card, a plain form of its main fields for browsers without scripts, and the page that begins a new one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.cards import service
from ainfluencer.cards.converting import versions
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.db.session import database
from ainfluencer.web.deps import Who
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

MAIN = (
    *("name", "description", "personality", "scenario", "first_mes", "mes_example"),
    *("system_prompt", "post_history_instructions", "creator_notes"),
)
LABELS = {
    "name": "Name",
    "description": "Description",
    "personality": "Personality",
    "scenario": "Scenario",
    "first_mes": "First message",
    "mes_example": "Example dialogue",
    "system_prompt": "Main prompt",
    "post_history_instructions": "After the chat",
    "creator_notes": "Creator's notes",
}
_OF_V1 = MAIN[:6]
_MEANWHILE = (
    "Somebody else changed this card meanwhile. Your words stand below and are not saved yet: saving again writes them over "
    "theirs, which stay as an earlier version."
)


@dataclass(frozen=True, slots=True)
class NewCardPage:
    """A name, and the editor opens."""

    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/new.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class EditPage:
    """One card in the editor. `values` are the main fields for the form that works without scripts."""

    card_id: str
    rev: int
    name: str
    values: dict[str, str]
    tags: str | None  # joined by commas; None when the card's version has none
    labels: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/edit.html"
    region: ClassVar[str] = "form"


@router.get("/cards/new")
async def start_card(request: Request, actor: Who) -> Response:
    """Ask for a name."""
    actor.require(Right.CREATE)
    return render(request, NewCardPage())


@router.post("/cards/new")
async def begin_card(request: Request, actor: Who, name: Annotated[str, Form()] = "") -> Response:
    """Make an empty V3 card of that name and open it."""
    actor.require(Right.CREATE)
    if not name.strip():
        mistake = InvalidInput("A card needs a name.", "Write one; it can be changed later.", field="name")
        return render(request, NewCardPage(name, form_errors(mistake)), status=422)
    examined = await service.examine_for(actor, _blank(name.strip()[:200], actor), "card.json")
    async with database().writing() as session:
        added = await service.keep(session, actor, examined, reason=service.VersionReason.EDITED)
        card_id = added.row.id
    return go_to(request, f"/cards/{card_id}/edit")


def _blank(name: str, actor: Actor) -> bytes:
    now = int(clock.now().timestamp())
    texts = dict.fromkeys((*MAIN[1:], "character_version"), "")
    lists: dict[str, list[Any]] = {"alternate_greetings": [], "group_only_greetings": [], "tags": []}
    data = {"name": name, **texts, "creator": actor.name, **lists, "extensions": {}, "creation_date": now}
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    return json.dumps(card, ensure_ascii=False, indent=2).encode()


@router.get("/cards/{card_id}/edit")
async def edit_card(request: Request, actor: Who, card_id: str) -> Response:
    """The editor; without scripts a form of the main fields."""
    actor.require(Right.CREATE)
    return render(request, await _page(actor, card_id))


async def _page(actor: Actor, card_id: str) -> EditPage:
    async with database().reading() as session:
        found = await service.read(session, actor, card_id)
        stored = found.opened.payload.data
        data, rank = versions.nested(stored)["data"], versions.rank_of(stored)
        names = MAIN if rank > 1 else _OF_V1
        values = {name: str(data.get(name) or "") for name in names}
        tags = ", ".join(data["tags"]) if rank > 1 else None
        return EditPage(card_id, found.row.rev, found.row.name, values, tags, {name: LABELS[name] for name in names})


@router.post("/cards/{card_id}/edit")
async def save_card(request: Request, actor: Who, card_id: str, rev: Annotated[int, Form()]) -> Response:
    """Save the plain form: only what differs is written. What was typed is shown again when it cannot be."""
    actor.require(Right.CREATE)
    form = await request.form()
    page = await _page(actor, card_id)
    typed = {name: _as_stored(str(form[name]), page.values[name]) for name in page.values if name in form}
    changes: dict[str, Any] = {name: text for name, text in typed.items() if text != page.values[name]}
    tags = str(form.get("tags", page.tags or ""))
    if page.tags is not None and tags != page.tags:
        changes["tags"] = [part.strip() for part in tags.split(",") if part.strip()]
    try:
        async with database().reading() as session:
            change = await service.propose(session, actor, card_id, rev=rev, set=changes)
        async with database().writing() as session:
            await service.record(session, actor, change)
    except (Conflict, InvalidInput) as mistake:
        told = {"": _MEANWHILE} if isinstance(mistake, Conflict) else form_errors(mistake)
        again = EditPage(card_id, page.rev, page.name, {**page.values, **typed}, tags, page.labels, told)
        return render(request, again, status=409 if isinstance(mistake, Conflict) else 422)
    flash(request, "Saved." if changes else "Nothing was changed.", "success")
    return go_to(request, f"/cards/{card_id}/edit")


def _as_stored(typed: str, stored: str) -> str:
    """A form sends every line end as two characters; the text is taken to have the ends that it had."""
    plain = typed.replace("\r\n", "\n")
    return stored if plain == stored.replace("\r\n", "\n") else plain
