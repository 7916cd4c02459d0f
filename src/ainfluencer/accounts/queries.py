"""Questions about accounts. Everything but the first start is asked as an actor and answered for their workspace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from ainfluencer.accounts.models import (
    ApiKey,
    AuditEntry,
    LinkPurpose,
    Membership,
    OneTimeLink,
    Session,
    User,
    Workspace,
    WorkspaceSetting,
)
from ainfluencer.accounts.preferences import DECLARED, declared
from ainfluencer.accounts.schemas import SettingOut
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import NotFound
from ainfluencer.db.paging import Slice, take


async def find_first_workspace(session: AsyncSession) -> Workspace | None:
    """The oldest workspace of the instance."""
    return await session.scalar(select(Workspace).order_by(Workspace.created_at, Workspace.id).limit(1))


async def is_claimed(session: AsyncSession) -> bool:
    """Whether somebody has made this instance theirs."""
    return await session.scalar(select(User.id).where(User.claimed_at.is_not(None)).limit(1)) is not None


async def has_passwords(session: AsyncSession) -> bool:
    """Whether anybody here can sign in with a password at all."""
    return await session.scalar(select(User.id).where(User.password_hash != "").limit(1)) is not None


async def find_link(session: AsyncSession, token: str, *purposes: LinkPurpose) -> OneTimeLink | None:
    """The unused, unexpired link of that token, if it is for one of these purposes."""
    return await session.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == digest(token),
            OneTimeLink.purpose.in_(purposes),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
        )
    )


# -- people --


async def list_people(
    session: AsyncSession, actor: Actor, *, limit: int = 50, cursor: str | None = None
) -> Slice[Membership]:
    """The workspace's memberships with their users, those who came first first."""
    actor.require(Right.READ)
    query = select(Membership).options(joinedload(Membership.user)).where(Membership.workspace_id == actor.workspace_id)
    return await take(session, query, Membership, limit=limit, cursor=cursor, oldest_first=True)


async def get_person(session: AsyncSession, actor: Actor, user_id: str) -> Membership:
    """The membership of that user here, with the user; `NotFound` for anybody else."""
    actor.require(Right.READ)
    found = await session.scalar(
        select(Membership)
        .options(joinedload(Membership.user))
        .where(Membership.workspace_id == actor.workspace_id, Membership.user_id == user_id)
    )
    if found is None:
        raise NotFound("There is no such person in this workspace.")
    return found


async def find_user(session: AsyncSession, actor: Actor) -> User | None:
    """The actor's own user; None for a job that acts for nobody."""
    return await session.get(User, actor.user_id) if actor.user_id else None


async def list_invitations(
    session: AsyncSession, actor: Actor, *, limit: int = 50, cursor: str | None = None
) -> Slice[OneTimeLink]:
    """Invitations that can still be used."""
    actor.require(Right.OWN)
    query = select(OneTimeLink).where(*_open_invitations(actor))
    return await take(session, query, OneTimeLink, limit=limit, cursor=cursor)


async def get_invitation(session: AsyncSession, actor: Actor, link_id: str) -> OneTimeLink:
    """An open invitation of this workspace."""
    actor.require(Right.OWN)
    found = await session.scalar(select(OneTimeLink).where(OneTimeLink.id == link_id, *_open_invitations(actor)))
    if found is None:
        raise NotFound("There is no such open invitation.")
    return found


async def describe_invitation(session: AsyncSession, link: OneTimeLink) -> tuple[str, bool]:
    """For whoever holds the link: the workspace's name, and whether the invited address has an account here."""
    workspace = await session.get_one(Workspace, link.workspace_id)
    known = await session.scalar(select(User.id).where(User.email == link.email, User.password_hash != ""))
    return workspace.name, known is not None


def _open_invitations(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.workspace_id == actor.workspace_id,
        OneTimeLink.purpose == LinkPurpose.INVITE,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > clock.now(),
    )


# -- what lets in --


async def list_sessions(session: AsyncSession, actor: Actor) -> Sequence[Session]:
    """Where the actor's user is signed in, last used first."""
    rows = await session.scalars(
        select(Session)
        .where(Session.user_id == actor.user_id, Session.expires_at > clock.now())
        .order_by(Session.last_used_at.desc())
        .limit(200)
    )
    return rows.all()


async def list_keys(
    session: AsyncSession, actor: Actor, *, limit: int = 50, cursor: str | None = None
) -> Slice[ApiKey]:
    """The workspace's API keys, ended ones too."""
    actor.require(Right.OWN)
    query = select(ApiKey).where(ApiKey.workspace_id == actor.workspace_id)
    return await take(session, query, ApiKey, limit=limit, cursor=cursor)


async def get_key(session: AsyncSession, actor: Actor, key_id: str) -> ApiKey:
    """One key of this workspace."""
    actor.require(Right.OWN)
    found = await session.scalar(select(ApiKey).where(ApiKey.id == key_id, ApiKey.workspace_id == actor.workspace_id))
    if found is None:
        raise NotFound("There is no such API key.")
    return found


# -- workspaces, settings, trail --


async def get_workspace(session: AsyncSession, actor: Actor) -> Workspace:
    """The actor's workspace."""
    found = await session.get(Workspace, actor.workspace_id)
    if found is None:
        raise NotFound("This workspace is gone.")
    return found


async def list_workspaces(session: AsyncSession, actor: Actor) -> Sequence[Membership]:
    """The actor's memberships with their workspaces. A key sees its own workspace only."""
    if actor.scopes is None:
        return (await session.scalars(_PLACES, {"user": actor.user_id})).all()
    own = _PLACES.where(Membership.workspace_id == actor.workspace_id)
    return (await session.scalars(own, {"user": actor.user_id})).all()


# Made once: every page asks it.
_PLACES = (
    select(Membership)
    .options(joinedload(Membership.workspace))
    .where(Membership.user_id == bindparam("user"))
    .order_by(Membership.created_at, Membership.id)
    .limit(200)
)


async def setting_of(session: AsyncSession, workspace_id: str, key: str) -> Any:
    """The value of a declared setting in a workspace, for code that acts for nobody in particular."""
    row = await session.scalar(
        select(WorkspaceSetting).where(WorkspaceSetting.workspace_id == workspace_id, WorkspaceSetting.key == key)
    )
    return declared(key).default if row is None else row.value


async def setting(session: AsyncSession, actor: Actor, key: str) -> Any:
    """The value of a declared setting in the actor's workspace: what was set, else the default."""
    return await setting_of(session, actor.workspace_id, key)


async def list_settings(session: AsyncSession, actor: Actor) -> list[SettingOut]:
    """Every declared setting with its value, by key."""
    actor.require(Right.READ)
    rows = await session.scalars(select(WorkspaceSetting).where(WorkspaceSetting.workspace_id == actor.workspace_id))
    stored = {row.key: row.value for row in rows}
    return [
        SettingOut(
            key=p.key,
            kind=p.kind,
            title=p.title,
            sentence=p.sentence,
            value=stored.get(p.key, p.default),
            default=p.default,
            choices=list(p.choices),
            labels=list(p.labels or p.choices),
            least=p.least if p.kind == "number" else None,
            most=p.most if p.kind == "number" else None,
            needs_reason=p.needs_reason,
            can_change=actor.can(p.right),
        )
        for p in sorted(DECLARED.values(), key=lambda p: p.key)
    ]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What part of the trail is wanted; empty means all."""

    action: str = ""
    actor_id: str = ""
    subject_kind: str = ""
    subject_id: str = ""


async def list_trail(
    session: AsyncSession, actor: Actor, subject: tuple[str, str], *, limit: int = 50, cursor: str | None = None
) -> Slice[AuditEntry]:
    """What was done to one subject (kind, id), newest first; whoever may see the subject may see this."""
    actor.require(Right.READ)
    query = select(AuditEntry).where(
        AuditEntry.workspace_id == actor.workspace_id,
        AuditEntry.subject_kind == subject[0],
        AuditEntry.subject_id == subject[1],
    )
    return await take(session, query, AuditEntry, limit=limit, cursor=cursor)


async def list_audit(
    session: AsyncSession,
    actor: Actor,
    wanted: AuditFilter | None = None,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Slice[AuditEntry]:
    """The trail, newest first. `action` also matches a whole kind: `person` finds `person.invited`."""
    actor.require(Right.OWN)
    wanted = wanted or AuditFilter()
    query = select(AuditEntry).where(AuditEntry.workspace_id == actor.workspace_id)
    if wanted.action:
        query = query.where(
            or_(AuditEntry.action == wanted.action, AuditEntry.action.startswith(wanted.action + ".", autoescape=True))
        )
    for column, value in (
        (AuditEntry.actor_id, wanted.actor_id),
        (AuditEntry.subject_kind, wanted.subject_kind),
        (AuditEntry.subject_id, wanted.subject_id),
    ):
        if value:
            query = query.where(column == value)
    return await take(session, query, AuditEntry, limit=limit, cursor=cursor)
