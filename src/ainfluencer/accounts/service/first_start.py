"""The first start: a workspace and its owner exist before anybody came; a one-time link lets the person in."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import ApiKey, LinkPurpose, Membership, User, Workspace
from ainfluencer.accounts.schemas import clean_email, clean_name, clean_password
from ainfluencer.accounts.service.audit import record
from ainfluencer.accounts.service.links import make_link, path_of, use_link
from ainfluencer.accounts.service.passwords import hash_password
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.crypto import digest, new_token, write_private
from ainfluencer.core.errors import Conflict, NotAllowed, NotFound
from ainfluencer.db.session import after_commit

UNCLAIMED_EMAIL = "owner@localhost"
CLI_KEY_NAME = "Command line on this computer"


async def ensure_first_workspace(session: AsyncSession) -> Workspace:
    """The instance's first workspace; made together with its owner when there is none."""
    found = await queries.find_first_workspace(session)
    if found:
        return found
    workspace = Workspace(name="My studio")
    owner = User(email=UNCLAIMED_EMAIL, name="Owner")
    session.add_all([workspace, owner])
    await session.flush()
    session.add(Membership(workspace_id=workspace.id, user_id=owner.id, role=Role.OWNER))
    await session.flush()
    return workspace


async def _first_owner(session: AsyncSession) -> tuple[Workspace, User]:
    workspace = await ensure_first_workspace(session)
    owner = await session.scalar(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.workspace_id == workspace.id, Membership.role == Role.OWNER, User.is_active)
        .order_by(Membership.created_at, Membership.id)
        .limit(1)
    )
    if owner is None:
        raise NotFound("The first workspace has no owner.", "Restore a backup, or start with an empty data folder.")
    return workspace, owner


async def first_link(session: AsyncSession) -> str:
    """The token of a fresh one-time link that claims this instance; `Conflict` once somebody has."""
    workspace, owner = await _first_owner(session)
    if owner.claimed_at is not None:
        raise Conflict(
            "This instance has an owner already.", "Sign in, or ask the owner to invite you.", code="claimed"
        )
    _, token = await make_link(session, LinkPurpose.FIRST_OWNER, workspace_id=workspace.id, user_id=owner.id)
    return token


async def sign_in_link(session: AsyncSession) -> str:
    """The token of a link that signs the owner in on this computer (15 minutes, for whoever may read the data folder)."""
    workspace, owner = await _first_owner(session)
    _, token = await make_link(session, LinkPurpose.SIGN_IN, workspace_id=workspace.id, user_id=owner.id)
    return token


async def way_in(session: AsyncSession, actor: Actor) -> str:
    """The path that the launcher opens: claim the instance, enter without a password, or just the first page.

    Only the first owner's own key (`cli.key`) gets one: the link signs in as that person.
    """
    actor.require(Right.OWN)
    _, owner = await _first_owner(session)
    if actor.user_id != owner.id:
        raise NotAllowed("Only the owner of this computer's data folder gets a way in.", "Sign in instead.")
    if owner.claimed_at is None:
        return path_of(LinkPurpose.FIRST_OWNER, await first_link(session))
    if not owner.password_hash:
        return path_of(LinkPurpose.SIGN_IN, await sign_in_link(session))
    return "/"


async def claim(
    session: AsyncSession, token: str, *, name: str, email: str = "", password: str = ""
) -> tuple[User, Workspace]:
    """The person behind the first link becomes the owner: with address and password, or (both empty) without.

    Without a password nobody can sign in from elsewhere; it can be set later. The caller opens the session.
    """
    name = clean_name(name)
    hashed = ""
    if password or email:
        email = clean_email(email)
        hashed = await hash_password(clean_password(password, email=email, name=name))
    link = await use_link(session, token, LinkPurpose.FIRST_OWNER)
    user = await session.get_one(User, link.user_id)
    workspace = await session.get_one(Workspace, link.workspace_id)
    user.name = name
    user.email = email or user.email
    user.password_hash = hashed
    user.is_verified = True
    user.claimed_at = clock.now()
    actor = Actor(workspace_id=workspace.id, role=Role.OWNER, user_id=user.id, name=name)
    record(session, actor, "instance.claimed", subject=("user", user.id), with_password=bool(hashed))
    return user, workspace


async def cli_actor(session: AsyncSession) -> Actor:
    """The owner, for commands that work on the data folder without a running instance."""
    workspace, owner = await _first_owner(session)
    return Actor(workspace_id=workspace.id, role=Role.OWNER, user_id=owner.id, name=owner.name, via="cli")


async def ensure_cli_key(session: AsyncSession, data: Path) -> Path:
    """`keys/cli.key` of the data folder: an API key with which the command line speaks to the running instance.

    A key that no longer works is replaced. The file (mode 0600) appears when the transaction commits.
    """
    path = data / "keys" / "cli.key"
    workspace, owner = await _first_owner(session)
    old = path.read_text("utf-8").strip() if path.is_file() else ""
    if old and await _works(session, old):
        return path
    secret = new_token("k")
    session.add(
        ApiKey(
            workspace_id=workspace.id,
            user_id=owner.id,
            name=CLI_KEY_NAME,
            prefix=secret[:10],
            secret_hash=digest(secret),
            scopes=[str(right) for right in Right],
        )
    )
    await session.flush()
    after_commit(session, lambda: write_private(path, secret + "\n"))
    return path


async def _works(session: AsyncSession, secret: str) -> bool:
    found = await session.scalar(
        select(ApiKey.id)
        .join(Membership, (Membership.user_id == ApiKey.user_id) & (Membership.workspace_id == ApiKey.workspace_id))
        .where(ApiKey.secret_hash == digest(secret), ApiKey.revoked_at.is_(None), Membership.role == Role.OWNER)
    )
    return found is not None
