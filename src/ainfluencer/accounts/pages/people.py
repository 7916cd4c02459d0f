"""People of the workspace: who is here, who is invited, links to hand over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import OneTimeLink
from ainfluencer.accounts.service.links import path_of
from ainfluencer.core.actor import Right, Role
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, is_htmx, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

ROLES: tuple[tuple[str, str, str, str], ...] = (
    ("owner", "Owner", "Everything, with people, keys and policy.", "crown"),
    ("manager", "Manager", "Everything but people, keys and policy.", "briefcase-business"),
    ("creator", "Creator", "Makes and edits characters, drafts and media.", "pencil-line"),
    ("reviewer", "Reviewer", "Approves and rejects.", "list-checks"),
    ("viewer", "Viewer", "Looks at everything, changes nothing.", "eye"),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in the list."""

    id: str
    name: str
    email: str
    role: str
    seen_at: datetime | None
    is_me: bool
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """A link that is shown once, to be handed over."""

    title: str
    text: str
    url: str
    is_invitation: bool = False


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody here."""

    members: tuple[Member, ...]
    invitations: tuple[OneTimeLink, ...]
    roles: tuple[tuple[str, str, str, str], ...]
    next_url: str
    can_own: bool
    handover: Handover | None = None
    email: str = ""
    role: str = "creator"
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "accounts/people.html"
    region: ClassVar[str] = "parts"
    block: ClassVar[str] = "parts"
    id: ClassVar[str] = "parts"


async def _page(session: Read, who: Who, *, cursor: str = "", handover: Handover | None = None) -> PeoplePage:
    found = await queries.list_people(session, who, limit=100, cursor=cursor or None)
    can_own = who.can(Right.OWN)
    invitations = (await queries.list_invitations(session, who, limit=100)).items if can_own else ()
    members = tuple(
        Member(
            id=m.user.id,
            name=m.user.name or m.user.email,
            email=m.user.email,
            role=str(m.role),
            seen_at=m.user.last_seen_at,
            is_me=m.user.id == who.user_id,
            is_verified=m.user.is_verified,
        )
        for m in found.items
    )
    more = f"/settings/people?cursor={found.next_cursor}" if found.next_cursor else ""
    return PeoplePage(members, tuple(invitations), ROLES, more, can_own, handover)


def _once(request: Request, page: PeoplePage) -> Response:
    """The page with its link: redrawn in place, or whole without scripts. Never a redirect, which would lose the link."""
    return swap(request, page) if is_htmx(request) else render(request, page)


def _full(request: Request, path: str) -> str:
    return (settings().public_url.rstrip("/") or str(request.base_url).rstrip("/")) + path


@router.get("/settings/people")
async def index(request: Request, who: Who, session: Read, cursor: str = "") -> Response:
    """Who is here."""
    return render(request, await _page(session, who, cursor=cursor))


@router.post("/settings/people")
async def invite(
    request: Request,
    who: Who,
    session: Write,
    email: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "viewer",
) -> Response:
    """Make an invitation and show its link, once."""
    try:
        if role not in set(Role):
            raise InvalidInput("Choose one of the roles.", field="role")
        link, token = await service.invite(session, who, email, Role(role))
    except ProductError as mistake:
        await session.rollback()
        page = await _page(session, who)
        errors = form_errors(mistake)
        again = PeoplePage(
            page.members,
            page.invitations,
            ROLES,
            page.next_url,
            page.can_own,
            None,
            email,
            role,
            errors,
        )
        return render(request, again, status=422)
    text = f"Hand this link to {link.email}. It is shown only now, works once, and for seven days."
    handover = Handover(
        "The invitation is ready", text, _full(request, path_of(link.purpose, token)), is_invitation=True
    )
    return _once(request, await _page(session, who, handover=handover))


@router.post("/settings/people/{user_id}/role")
async def change_role(
    request: Request, user_id: str, who: Who, session: Write, role: Annotated[str, Form()] = ""
) -> Response:
    """Give another role."""
    if role not in set(Role):
        raise InvalidInput("Choose one of the roles.", field="role")
    await service.change_role(session, who, user_id, Role(role))
    flash(request, "The role is changed.", "success")
    return go_to(request, "/settings/people")


@router.post("/settings/people/{user_id}/removal")
async def remove(request: Request, user_id: str, who: Who, session: Write) -> Response:
    """Take a person out, or leave."""
    await service.remove(session, who, user_id)
    flash(request, "The person is out; their sessions and keys no longer work here.", "success")
    return go_to(request, "/" if user_id == who.user_id else "/settings/people")


@router.post("/settings/people/{user_id}/password-link")
async def password_link(request: Request, user_id: str, who: Who, session: Write) -> Response:
    """A link to set a new password, shown once."""
    link, token = await service.reset_link(session, who, user_id)
    person = await queries.get_person(session, who, user_id)
    text = f"Hand this link to {person.user.name}. It is shown only now, works once, and for 24 hours."
    handover = Handover("A link to a new password", text, _full(request, path_of(link.purpose, token)))
    return _once(request, await _page(session, who, handover=handover))


@router.post("/settings/people/{user_id}/verification-link")
async def verification_link(request: Request, user_id: str, who: Who, session: Write) -> Response:
    """A link that proves the address, shown once."""
    link, token = await service.verification_link(session, who, user_id)
    text = (
        f"Send this link to {link.email}, and only there: opening it proves the address. It works once, for three days."
    )
    handover = Handover("A link that proves the address", text, _full(request, path_of(link.purpose, token)))
    return _once(request, await _page(session, who, handover=handover))


@router.post("/settings/invitations/{link_id}/revocation")
async def revoke(request: Request, link_id: str, who: Who, session: Write) -> Response:
    """Make an open invitation useless."""
    await service.revoke_invitation(session, who, link_id)
    flash(request, "The invitation no longer works.", "success")
    return go_to(request, "/settings/people")
