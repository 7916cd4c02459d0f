"""One character: overview, material, what was made of it, and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response
from starlette.routing import Match

from ainfluencer.accounts import queries as accounts
from ainfluencer.accounts.models import AuditEntry
from ainfluencer.characters import queries
from ainfluencer.characters.models import MaterialRow
from ainfluencer.characters.schemas import TRAITS, CharacterOut, ConsentOut, MaterialKind
from ainfluencer.core.actor import Actor, Right
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

MATERIAL_PAGE = 60
TRAIL_PAGE = 40
QUOTES = 5

TABS = ("overview", "material", "content", "posts", "activity")


@dataclass(frozen=True, slots=True)
class Links:
    """What modules above this one show of a character, by address; empty where this application lacks it.

    Characters may not import them, so their pages are linked to and embedded, and only those that exist.
    """

    content: str = "/library?character={id}"
    posts: str = "/posts?character={id}&state=all"
    figures: str = "/insights?character={id}&days=90"
    card: str = "/characters/{id}/card"
    week: str = "/weeks/new?character={id}"


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the activity list; `detail` says who, by which way and what exactly."""

    icon: str
    tone: str
    title: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with a character."""

    create: bool
    manage: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The tab of material: some of it, of one kind or of all."""

    kind: str = ""
    pieces: tuple[MaterialRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One character with the part that is looked at."""

    character: CharacterOut
    tab: str
    counts: dict[str, int]
    words: Words
    deeds: tuple[Deed, ...]
    next_url: str
    consents: tuple[ConsentOut, ...]
    quotes: tuple[str, ...]
    may: Rights
    links: Links
    traits: tuple[tuple[str, str, str, str], ...] = TRAITS
    template: ClassVar[str] = "characters/show.html"

    @property
    def is_consented(self) -> bool:
        """Whether a consent holds for the likeness."""
        return any(one.holds for one in self.consents)

    @property
    def has_ended(self) -> bool:
        """Whether there was a consent that holds no more."""
        return bool(self.consents) and not self.is_consented


@router.get("/characters/{character_id}")
async def show(
    request: Request,
    session: Read,
    actor: Who,
    character_id: str,
    *,
    tab: str = "overview",
    kind: str = "",
    offset: int = 0,
    cursor: str = "",
) -> Response:
    """One character with the tab that is asked for; a deleted one too, so that it can be restored."""
    row = await queries.get(session, actor, character_id, deleted=True)
    tab = tab if tab in TABS else "overview"
    where, words = f"/characters/{row.id}", Words()
    deeds: tuple[Deed, ...] = ()
    more: dict[str, str] = {}
    quotes: list[MaterialRow] = []
    if tab == "material":
        words, more = await _words(session, actor, row.id, kind, max(0, offset))
    elif tab == "activity":
        deeds, more = await _deeds(session, actor, row.id, cursor)
    elif tab == "overview":
        quotes = await queries.list_material(session, actor, row.id, kind=MaterialKind.QUOTE, limit=QUOTES)
    page = ShowPage(
        character=queries.describe(row),
        tab=tab,
        counts=await queries.material_counts(session, actor, row.id),
        words=words,
        deeds=deeds,
        next_url=f"{where}?{urlencode({'tab': tab, **more})}" if more else "",
        consents=tuple(queries.describe_consent(one) for one in await queries.list_consents(session, actor, row.id)),
        quotes=tuple(piece.text for piece in quotes),
        may=Rights(actor.can(Right.CREATE), actor.can(Right.MANAGE)),
        links=_links(request.app, row.id),
    )
    return render(request, page)


def _links(app: FastAPI, character_id: str) -> Links:
    known: frozenset[str] | None = getattr(app.state, "character_links", None)
    if known is None:  # the routes of an application do not change
        known = app.state.character_links = frozenset(f.name for f in fields(Links) if _answers(app, str(f.default)))
    urls = {f.name: str(f.default).format(id=character_id) if f.name in known else "" for f in fields(Links)}
    return Links(**urls)


def _answers(app: FastAPI, url: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": url.partition("?")[0], "root_path": "", "headers": []}
    return any(route.matches(dict(scope))[0] is Match.FULL for route in app.router.routes)


async def _words(
    session: AsyncSession, actor: Actor, character_id: str, kind: str, offset: int
) -> tuple[Words, dict[str, str]]:
    known = MaterialKind(kind) if kind in {k.value for k in MaterialKind} else None
    found = await queries.list_material(
        session, actor, character_id, kind=known, offset=offset, limit=MATERIAL_PAGE + 1
    )
    shown = Words(known.value if known else "", tuple(found[:MATERIAL_PAGE]))
    more = {"kind": shown.kind, "offset": str(offset + MATERIAL_PAGE)}
    return shown, more if len(found) > MATERIAL_PAGE else {}


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
_VIA = {"api": "through the API", "key": "through the API", "cli": "from the command line", "job": "by a job"}
_KINDS = {"synthetic": "somebody invented", "own": "their own likeness", "named_person": "a named person"}


async def _deeds(
    session: AsyncSession, actor: Actor, character_id: str, cursor: str
) -> tuple[tuple[Deed, ...], dict[str, str]]:
    """What happened to a character, from the audit trail."""
    trail = await accounts.list_trail(
        session, actor, ("character", character_id), limit=TRAIL_PAGE, cursor=cursor or None
    )
    more = {"cursor": trail.next_cursor} if trail.next_cursor else {}
    return tuple(_deed(entry) for entry in trail.items), more


def _deed(entry: AuditEntry) -> Deed:
    kind, _, verb = entry.action.partition(".")
    icon, tone, title = _DEEDS.get(entry.action, ("circle-dot", "neutral", f"{kind} {verb}".strip().capitalize()))
    if entry.action == "character.pictured" and not entry.details.get("file_id"):
        title = "Profile picture removed"
    said = (entry.actor_name, _VIA.get(entry.via, ""), _exactly(entry))
    return Deed(icon, tone, title, " · ".join(part for part in said if part), entry.created_at)


def _exactly(entry: AuditEntry) -> str:
    details = entry.details
    if entry.action == "character.changed":
        return ", ".join(str(name).replace("_", " ") for name in details.get("fields", []))
    if entry.action == "consent.recorded":
        return _KINDS.get(str(details.get("kind", "")), "")
    return str(details.get("origin") or str(details.get("container", "")).upper())
