"""People of a workspace: invited, registered, given a role, removed. A workspace always keeps an owner."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import ApiKey, LinkPurpose, Membership, OneTimeLink, Session, User, Workspace
from ainfluencer.accounts.schemas import clean_email, clean_name, clean_password
from ainfluencer.accounts.service.audit import record
from ainfluencer.accounts.service.links import make_link, use_link
from ainfluencer.accounts.service.mailing import ask_verification_letter
from ainfluencer.accounts.service.passwords import fits, hash_password
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.config import settings
from ainfluencer.core.errors import Conflict, NotAllowed, NotFound, NotSignedIn
from ainfluencer.db.session import database
from ainfluencer.integrations import mail


async def invite(session: AsyncSession, actor: Actor, email: str, role: Role) -> tuple[OneTimeLink, str]:
    """A link that lets the person with this address join as `role`; a second one replaces the first.

    Returns the invitation and its token, which the owner hands over.
    """
    actor.require(Right.OWN)
    email = clean_email(email)
    known = await session.scalar(
        select(Membership.id).join(User).where(User.email == email, Membership.workspace_id == actor.workspace_id)
    )
    if known:
        raise Conflict(
            f"{email} belongs to this workspace already.",
            "Change the role instead.",
            code="already_member",
            field="email",
        )
    link, token = await make_link(
        session, LinkPurpose.INVITE, workspace_id=actor.workspace_id, email=email, role=role, created_by=actor.user_id
    )
    record(session, actor, "person.invited", subject=("invitation", link.id), email=email, role=role)
    return link, token


async def revoke_invitation(session: AsyncSession, actor: Actor, link_id: str) -> None:
    """Make an open invitation useless."""
    actor.require(Right.OWN)
    link = await queries.get_invitation(session, actor, link_id)
    link.expires_at = clock.now()
    record(session, actor, "invitation.revoked", subject=("invitation", link.id), email=link.email)


async def accept_invitation(
    session: AsyncSession, token: str, *, password: str, name: str = ""
) -> tuple[User, Workspace]:
    """Join by invitation: a new person with name and new password, a known one with the password they have.

    The address counts as verified: the link was handed to its owner. The caller opens the session.
    """
    async with database().reading() as looking:  # argon2 takes its time: no write lock may be held meanwhile
        invitation = await queries.find_link(looking, token, LinkPurpose.INVITE)
        email = invitation.email if invitation else ""
        user = await looking.scalar(select(User).where(User.email == email))
    hashed = ""
    if user is None:
        name = clean_name(name or email.partition("@")[0] or "?")
        hashed = await hash_password(clean_password(password, email=email, name=name))
    elif not await fits(password, user.password_hash) or not user.is_active:
        raise NotSignedIn(
            "You have an account here already, and this is not its password.",
            "Type the password of your account, or ask for a link to set a new one.", code="wrong_credentials",
        )  # fmt: skip
    link = await use_link(session, token, LinkPurpose.INVITE)
    if user is None:
        user = User(email=link.email, name=name, password_hash=hashed, is_verified=True, claimed_at=clock.now())
        session.add(user)
        await session.flush()
    role = Role(link.role or Role.VIEWER)
    workspace = await session.get_one(Workspace, link.workspace_id)
    await _join(session, workspace, user, role)
    actor = Actor(workspace_id=workspace.id, role=role, user_id=user.id, name=user.name)
    record(session, actor, "person.joined", subject=("user", user.id), role=role)
    return user, workspace


async def _join(session: AsyncSession, workspace: Workspace, user: User, role: Role) -> None:
    known = await session.scalar(
        select(Membership.id).where(Membership.user_id == user.id, Membership.workspace_id == workspace.id)
    )
    if known is None:
        session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=role))
        await session.flush()


async def register(session: AsyncSession, *, email: str, password: str, name: str) -> tuple[User, Workspace]:
    """A person signs up by themselves, where the owner of the first workspace has opened registration.

    Refuses a closed door (`NotAllowed`), a short password (`InvalidInput`), a known address (`Conflict`).
    """
    async with database().reading() as looking:
        first = await queries.find_first_workspace(looking)
        how = await queries.setting_of(looking, first.id, "people.registration") if first else "closed"
    if first is None or how == "closed":
        raise NotAllowed("Registration is closed here.", "Ask the owner for an invitation.", code="registration_closed")
    email, name = clean_email(email), clean_name(name)
    hashed = await hash_password(clean_password(password, email=email, name=name))
    if await session.scalar(select(User.id).where(User.email == email)):
        raise Conflict(
            "There is an account with this address already.", "Sign in instead.", code="email_taken", field="email"
        )
    user = User(email=email, name=name, password_hash=hashed, claimed_at=clock.now())
    session.add(user)
    workspace, role = first, Role.VIEWER
    if how == "workspace":
        workspace, role = Workspace(name=f"{name[:70]}'s studio"), Role.OWNER
        session.add(workspace)
    await session.flush()
    await _join(session, workspace, user, role)
    actor = Actor(workspace_id=workspace.id, role=role, user_id=user.id, name=name)
    record(session, actor, "person.registered", subject=("user", user.id), role=role)
    if mail.is_on(settings()):
        await ask_verification_letter(session, actor)
    return user, workspace


async def _keep_an_owner(session: AsyncSession, membership: Membership) -> None:
    others = await session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.workspace_id == membership.workspace_id,
            Membership.role == Role.OWNER,
            Membership.id != membership.id,
        )
    )
    if membership.role == Role.OWNER and not others:
        raise Conflict("A workspace needs at least one owner.", "Make somebody else an owner first.", code="last_owner")


async def _locked_membership(session: AsyncSession, actor: Actor, user_id: str) -> Membership:
    """The membership, with the workspace's memberships locked, so that two owners cannot remove each other at once."""
    rows = await session.scalars(
        select(Membership)
        .where(Membership.workspace_id == actor.workspace_id)
        .order_by(Membership.id)
        .with_for_update()
    )
    found = next((m for m in rows if m.user_id == user_id), None)
    if found is None:
        raise NotFound("There is no such person in this workspace.")
    return found


async def change_role(session: AsyncSession, actor: Actor, user_id: str, role: Role) -> Membership:
    """Give a person another role; works at once, for their keys too. The last owner stays one."""
    actor.require(Right.OWN)
    membership = await _locked_membership(session, actor, user_id)
    before = Role(membership.role)
    if before == role:
        return membership
    await _keep_an_owner(session, membership)
    membership.role = role
    record(session, actor, "person.role_changed", subject=("user", user_id), before=before, after=role)
    return membership


async def remove(session: AsyncSession, actor: Actor, user_id: str) -> None:
    """Take a person out of the workspace: no session or key of theirs works here any more. One may remove oneself."""
    if user_id != actor.user_id:
        actor.require(Right.OWN)
    membership = await _locked_membership(session, actor, user_id)
    await _keep_an_owner(session, membership)
    here = actor.workspace_id
    await session.execute(delete(Session).where(Session.user_id == user_id, Session.workspace_id == here))
    await session.execute(
        update(ApiKey)
        .where(ApiKey.user_id == user_id, ApiKey.workspace_id == here, ApiKey.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    await session.delete(membership)
    record(session, actor, "person.removed", subject=("user", user_id), role=membership.role)
