"""Who makes a request: found from the session cookie or the bearer token. `main` hands `resolve_actor` to the app."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from fastapi import Request, Response
from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.models import ApiKey, Membership, Session, User
from ainfluencer.accounts.schemas import Client
from ainfluencer.accounts.service.sessions import LOCAL_LIFETIME, PAGE_LIFETIME, SignedIn
from ainfluencer.api.limits import address
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.config import settings
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import NotSignedIn
from ainfluencer.db.session import database

COOKIE = "ainfluencer_session"
_PROXIED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
TOUCH_EVERY = timedelta(minutes=5)  # writing the time of last use with every request would cost a write each


def is_loopback(request: Request) -> bool:
    """Whether the other end of the connection is this computer itself, with no proxy between.

    What came through a proxy never counts: whoever is behind it could write any address into the header.
    """
    if _PROXIED.intersection(request.headers):
        return False
    try:
        return ipaddress.ip_address(address(request.scope)).is_loopback
    except ValueError:
        return False


def client_of(request: Request) -> Client:
    """Address and browser, for the list of sessions."""
    return Client(ip=address(request.scope), user_agent=request.headers.get("user-agent", ""))


def session_token(request: Request) -> str:
    """The session token that this request carries, in its header or cookie; empty when it carries none or a key."""
    token = _bearer(request) or request.cookies.get(COOKIE, "")
    return token if token.startswith("ains_") else ""


def set_cookie(response: Response, signed_in: SignedIn) -> None:
    """Let the browser hold the session: unreadable for scripts, not sent along from other sites."""
    lifetime = LOCAL_LIFETIME if signed_in.session.is_local else PAGE_LIFETIME
    response.set_cookie(
        COOKIE,
        signed_in.token,
        max_age=int(lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings().secure_cookies,
        path="/",
    )


def drop_cookie(response: Response) -> None:
    """Let the browser forget the session."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=settings().secure_cookies, path="/")


# Made once, and columns only: every request asks one of them.
_KEY = (
    select(
        ApiKey.id, ApiKey.workspace_id, ApiKey.scopes, ApiKey.expires_at, ApiKey.last_used_at,
        ApiKey.user_id, User.name, Membership.role,
    )
    .join(User, User.id == ApiKey.user_id)
    .join(Membership, (Membership.user_id == ApiKey.user_id) & (Membership.workspace_id == ApiKey.workspace_id))
    .where(ApiKey.secret_hash == bindparam("secret"), ApiKey.revoked_at.is_(None), User.is_active)
)  # fmt: skip
_SESSION = (
    select(
        Session.id, Session.workspace_id, Session.is_local, Session.last_used_at,
        Session.user_id, User.name, Membership.role,
    )
    .join(User, User.id == Session.user_id)
    .join(Membership, (Membership.user_id == Session.user_id) & (Membership.workspace_id == Session.workspace_id))
    .where(Session.token_hash == bindparam("token"), Session.expires_at > bindparam("now"), User.is_active)
)  # fmt: skip


async def resolve_actor(request: Request) -> Actor:
    """The actor of this request; `NotSignedIn` when nobody is. Asked once, kept for the request.

    A bearer token wins over the cookie. That a change by cookie comes from our own pages is the business of
    `web.security`, which stands outside.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is not None:
        return known
    token = _bearer(request)
    if token.startswith("aink_"):
        actor = await _by_key(token)
    else:
        actor = await _by_session(request, token or request.cookies.get(COOKIE, ""), via="api" if token else "page")
    request.state.actor = actor
    return actor


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _by_key(token: str) -> Actor:
    async with database().reading() as session:
        key = (await session.execute(_KEY, {"secret": digest(token)})).first()
    if key is None or (key.expires_at is not None and key.expires_at <= clock.now()):
        raise NotSignedIn(
            "This API key is unknown, has expired, or was revoked.",
            "Make a new key under Settings, Keys.",
            code="key_invalid",
        )
    if key.last_used_at is None or clock.now() - key.last_used_at > TOUCH_EVERY:
        async with database().writing() as session:
            await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=clock.now()))
    scopes = frozenset(right for right in Right if right in key.scopes)
    return Actor(
        workspace_id=key.workspace_id, role=Role(key.role), user_id=key.user_id, name=key.name, scopes=scopes, via="api"
    )


async def _by_session(request: Request, token: str, *, via: str) -> Actor:
    if not token:
        raise NotSignedIn("Nobody is signed in.")
    async with database().reading() as session:
        row = (await session.execute(_SESSION, {"token": digest(token), "now": clock.now()})).first()
    if row is None:
        raise NotSignedIn("This session has ended.", code="session_ended")
    if row.is_local and not is_loopback(request):
        raise NotSignedIn(
            "This session was opened without a password, so it works on the computer itself only.",
            "Open the product on that computer and set a password under Settings.",
            code="local_only",
        )
    if clock.now() - row.last_used_at > TOUCH_EVERY:
        lifetime = LOCAL_LIFETIME if row.is_local else PAGE_LIFETIME
        async with database().writing() as session:
            await _touch(session, row.id, row.user_id, lifetime if via == "page" else None)
    return Actor(workspace_id=row.workspace_id, role=Role(row.role), user_id=row.user_id, name=row.name, via=via)


async def _touch(session: AsyncSession, session_id: str, user_id: str, lifetime: timedelta | None) -> None:
    now = clock.now()
    values = {"last_used_at": now}
    if lifetime:
        values["expires_at"] = now + lifetime
    await session.execute(update(Session).where(Session.id == session_id).values(values))
    await session.execute(update(User).where(User.id == user_id).values(last_seen_at=now))
