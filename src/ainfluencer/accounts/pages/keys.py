"""API keys: made, shown once, ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.core import clock
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import ProductError
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

SCOPES: tuple[tuple[str, str, str], ...] = (
    (Right.READ, "Read", "See everything in the workspace."),
    (Right.CREATE, "Create", "Make and edit characters, drafts and media."),
    (Right.REVIEW, "Review", "Approve and reject."),
    (Right.PUBLISH, "Publish", "Connect channels, schedule, withdraw."),
    (Right.MANAGE, "Manage", "Makers, models, settings, jobs of others."),
    (Right.OWN, "Own", "People, keys and policy. Rarely needed."),
)
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "no end"))


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key in the list."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    """Every key."""

    keys: tuple[KeyLine, ...]
    scopes: tuple[tuple[str, str, str], ...]
    lifetimes: tuple[tuple[str, str], ...]
    next_url: str
    can_own: bool
    secret: str = ""
    name: str = ""
    chosen: tuple[str, ...] = ("read",)
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "accounts/keys.html"
    region: ClassVar[str] = "parts"


async def _page(
    session: Read,
    who: Who,
    *,
    cursor: str = "",
    secret: str = "",
    name: str = "",
    chosen: tuple[str, ...] = ("read",),
    errors: dict[str, str] | None = None,
) -> KeysPage:
    found = await queries.list_keys(session, who, cursor=cursor or None)
    now = clock.now()
    lines = tuple(
        KeyLine(
            id=k.id,
            name=k.name,
            prefix=k.prefix,
            scopes=tuple(k.scopes),
            created_at=k.created_at,
            used_at=k.last_used_at,
            expires_at=k.expires_at,
            state="ended" if k.revoked_at else "expired" if k.expires_at and k.expires_at <= now else "works",
        )
        for k in found.items
    )
    more = f"/settings/keys?cursor={found.next_cursor}" if found.next_cursor else ""
    return KeysPage(
        lines,
        SCOPES,
        LIFETIMES,
        more,
        can_own=True,
        secret=secret,
        name=name,
        chosen=chosen,
        errors=errors or {},
    )


@router.get("/settings/keys")
async def index(request: Request, who: Who, session: Read, cursor: str = "") -> Response:
    """The keys, or why they are not shown."""
    if not who.can(Right.OWN):
        denied = KeysPage((), SCOPES, LIFETIMES, "", can_own=False)
        return render(request, denied, status=403)
    return render(request, await _page(session, who, cursor=cursor))


@router.post("/settings/keys")
async def create(
    request: Request,
    who: Who,
    session: Write,
    name: Annotated[str, Form()] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a key and show its secret, once."""
    chosen = tuple(scopes or ())
    expires_at = clock.from_now(days=min(int(days), 3650)) if days.isdecimal() else None
    try:
        rights = [right for right in Right if right in chosen]
        _, secret = await service.create_key(session, who, name, rights, expires_at=expires_at)
    except ProductError as mistake:
        await session.rollback()
        page = await _page(session, who, name=name, chosen=chosen, errors=form_errors(mistake))
        return render(request, page, status=422)
    return render(request, await _page(session, who, secret=secret))


@router.post("/settings/keys/{key_id}/revocation")
async def revoke(request: Request, key_id: str, who: Who, session: Write) -> Response:
    """End a key."""
    key = await service.revoke_key(session, who, key_id)
    flash(request, f"“{key.name}” no longer works.", "success")
    return go_to(request, "/settings/keys")
