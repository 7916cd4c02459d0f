"""Being signed in: opened, renewed, moved to another workspace, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.models import LinkPurpose, Membership, OneTimeLink, Session, User
from ainfluencer.accounts.schemas import Client
from ainfluencer.accounts.service.audit import record
from ainfluencer.accounts.service.links import use_link
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.crypto import digest, new_token
from ainfluencer.core.errors import NotAllowed, NotFound, NotSignedIn

PAGE_LIFETIME = timedelta(days=30)  # from the last use
PROGRAM_LIFETIME = timedelta(hours=24)  # from sign-in or refresh
LOCAL_LIFETIME = timedelta(days=400)  # browsers keep no cookie longer


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and its token, which exists only here."""

    token: str
    session: Session
    user: User


async def open_session(
    session: AsyncSession,
    user: User,
    client: Client,
    *,
    lifetime: timedelta = PAGE_LIFETIME,
    is_local: bool = False,
    workspace_id: str = "",
) -> SignedIn:
    """Sign a user in whose identity has been checked. Without `workspace_id`: where they were last, else the first."""
    role, workspace_id = await _where(session, user, workspace_id)
    token = new_token("s")
    row = Session(
        user_id=user.id,
        workspace_id=workspace_id,
        token_hash=digest(token),
        expires_at=clock.now() + lifetime,
        last_used_at=clock.now(),
        is_local=is_local,
        ip=client.ip[:45],
        user_agent=client.user_agent[:300],
    )
    session.add(row)
    stored = await session.get_one(User, user.id)
    stored.last_seen_at = clock.now()
    await session.flush()
    actor = Actor(workspace_id=workspace_id, role=role, user_id=user.id, name=user.name)
    record(session, actor, "session.opened", subject=("session", row.id), ip=row.ip)
    return SignedIn(token, row, stored)


async def _where(session: AsyncSession, user: User, workspace_id: str) -> tuple[Role, str]:
    last = select(Session.workspace_id).where(Session.user_id == user.id).order_by(Session.last_used_at.desc()).limit(1)
    wanted = workspace_id or await session.scalar(last)
    rows = (
        await session.scalars(
            select(Membership).where(Membership.user_id == user.id).order_by(Membership.created_at, Membership.id)
        )
    ).all()
    if not rows:
        raise NotAllowed(
            "You do not belong to any workspace any more.", "Ask an owner to invite you again.", code="no_workspace"
        )
    chosen = next((m for m in rows if m.workspace_id == wanted), rows[0])
    return Role(chosen.role), chosen.workspace_id


async def sign_in_by_link(session: AsyncSession, token: str, client: Client) -> SignedIn:
    """The owner of this computer enters with the link that the launcher opened."""
    link = await use_link(session, token, LinkPurpose.SIGN_IN)
    user = await session.get_one(User, link.user_id)
    is_local = not user.password_hash
    lifetime = LOCAL_LIFETIME if is_local else PAGE_LIFETIME
    return await open_session(
        session, user, client, is_local=is_local, lifetime=lifetime, workspace_id=link.workspace_id or ""
    )


async def _row(session: AsyncSession, token: str) -> Session:
    row = await session.scalar(
        select(Session).where(Session.token_hash == digest(token), Session.expires_at > clock.now())
    )
    if row is None:
        raise NotSignedIn("This session has ended.", code="session_ended")
    return row


async def refresh(session: AsyncSession, token: str) -> SignedIn:
    """A new token for a living session; the old one stops working at once."""
    row = await _row(session, token)
    fresh = new_token("s")
    row.token_hash = digest(fresh)
    row.expires_at = clock.now() + (LOCAL_LIFETIME if row.is_local else PROGRAM_LIFETIME)
    row.last_used_at = clock.now()
    return SignedIn(fresh, row, await session.get_one(User, row.user_id))


async def sign_out(session: AsyncSession, token: str) -> None:
    """End the session of that token; nothing happens when it has ended already."""
    await session.execute(delete(Session).where(Session.token_hash == digest(token)))


async def sign_out_everywhere(session: AsyncSession, actor: Actor, *, keep_token: str = "") -> int:
    """End every session of the actor's user (but the one of `keep_token`); returns how many. API keys stay."""
    if actor.user_id is None:
        raise NotAllowed("Only a person has sessions.")
    _refuse_small_keys(actor)
    done = await session.execute(
        delete(Session).where(Session.user_id == actor.user_id, Session.token_hash != digest(keep_token))
    )
    ended = done.rowcount if isinstance(done, CursorResult) else 0
    record(session, actor, "session.ended_everywhere", subject=("user", actor.user_id), sessions=ended)
    return ended


async def end_session(session: AsyncSession, actor: Actor, session_id: str) -> None:
    """End one of the actor's own sessions; `NotFound` for anybody else's."""
    row = await session.get(Session, session_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("There is no such session of yours.")
    _refuse_small_keys(actor)
    await session.delete(row)
    record(session, actor, "session.ended", subject=("session", session_id))


def _refuse_small_keys(actor: Actor) -> None:
    """A program that was allowed to read must not throw its person out."""
    if actor.scopes is not None:
        actor.require(Right.OWN)


async def switch_workspace(session: AsyncSession, actor: Actor, token: str, workspace_id: str) -> Session:
    """Move the session of that token to another workspace of the same person; `NotFound` when it is not theirs."""
    row = await _row(session, token)
    membership = await session.scalar(
        select(Membership.id).where(Membership.user_id == row.user_id, Membership.workspace_id == workspace_id)
    )
    if membership is None or row.user_id != actor.user_id:
        raise NotFound("You do not belong to such a workspace.")
    row.workspace_id = workspace_id
    return row


async def purge(session: AsyncSession) -> None:
    """Forget sessions that ended and links that expired over a month ago. For the nightly job."""
    await session.execute(delete(Session).where(Session.expires_at < clock.now()))
    await session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < clock.now() - timedelta(days=30)))
