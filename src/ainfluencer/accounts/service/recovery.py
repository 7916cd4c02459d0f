"""Passwords changed and reset, addresses verified. Links come by mail or are handed over: no mail server is needed."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import LinkPurpose, Membership, OneTimeLink, Session, User
from ainfluencer.accounts.schemas import clean_email, clean_name, clean_password
from ainfluencer.accounts.service.audit import record
from ainfluencer.accounts.service.links import make_link, use_link
from ainfluencer.accounts.service.passwords import fits, hash_password
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed
from ainfluencer.db.session import database


async def reset_link(session: AsyncSession, actor: Actor, user_id: str) -> tuple[OneTimeLink, str]:
    """A link with which that person sets a new password; the owner hands it over.

    Refused for somebody who also belongs to a workspace that the actor does not own: the link would open that too.
    """
    actor.require(Right.OWN)
    person = await queries.get_person(session, actor, user_id)
    owned = select(Membership.workspace_id).where(Membership.user_id == actor.user_id, Membership.role == Role.OWNER)
    elsewhere = await session.scalar(
        select(Membership.id).where(Membership.user_id == user_id, Membership.workspace_id.not_in(owned)).limit(1)
    )
    if elsewhere:
        raise NotAllowed(
            f"{person.user.name} also belongs to a workspace of somebody else, which this link would open.",
            "The person can change the password where they are signed in.",
            code="belongs_elsewhere",
        )
    link, token = await make_link(
        session, LinkPurpose.PASSWORD_RESET, workspace_id=actor.workspace_id, user_id=user_id, created_by=actor.user_id
    )
    record(session, actor, "person.reset_link_made", subject=("user", user_id))
    return link, token


async def reset_password(session: AsyncSession, token: str, password: str) -> User:
    """Set a new password by link. Every session of the person ends. A mailed link proves the address as well."""
    async with database().reading() as looking:
        found = await queries.find_link(looking, token, LinkPurpose.PASSWORD_RESET)
        known = await looking.get(User, found.user_id) if found else None
    email, name = (known.email, known.name) if known else ("", "")
    hashed = await hash_password(clean_password(password, email=email, name=name))
    link = await use_link(session, token, LinkPurpose.PASSWORD_RESET)
    user = await session.get_one(User, link.user_id)
    if link.email and link.email != user.email:
        raise Conflict("The address was changed after this link was made.", "Ask for a new link.", code="link_invalid")
    user.password_hash, user.is_verified = hashed, user.is_verified or bool(link.email)
    await session.execute(delete(Session).where(Session.user_id == user.id))
    actor = Actor(workspace_id=link.workspace_id or "", role=Role.VIEWER, user_id=user.id, name=user.name)
    record(session, actor, "password.reset", subject=("user", user.id))
    return user


async def change_password(
    session: AsyncSession, actor: Actor, *, present: str, password: str, email: str = "", keep_token: str = ""
) -> User:
    """Change one's own password; other sessions end. Somebody without one (this computer only) sets their first.

    `email` is taken with the first password, because it is what one signs in with from elsewhere.
    """
    if actor.user_id is None or actor.scopes is not None:
        raise NotAllowed("Only a signed-in person can change a password.", "Sign in with the present password.")
    async with database().reading() as looking:
        user = await looking.get_one(User, actor.user_id)
    if user.password_hash and not await fits(present, user.password_hash):
        raise InvalidInput(
            "The present password is wrong.",
            "Type the one with which you sign in.",
            field="present",
            code="wrong_credentials",
        )
    address = clean_email(email) if email and not user.password_hash else user.email
    hashed = await hash_password(clean_password(password, email=address, name=user.name))
    if address != user.email and await session.scalar(select(User.id).where(User.email == address)):
        raise Conflict("There is an account with this address already.", code="email_taken", field="email")
    user = await session.get_one(User, actor.user_id)
    user.email, user.password_hash = address, hashed
    others = delete(Session).where(Session.user_id == user.id, Session.token_hash != digest(keep_token))
    await session.execute(others)
    kept = await session.scalar(select(Session).where(Session.token_hash == digest(keep_token)))
    if kept is not None:
        kept.is_local = False
    record(session, actor, "password.changed", subject=("user", user.id))
    return user


async def change_name(session: AsyncSession, actor: Actor, name: str) -> User:
    """Change one's own name."""
    if actor.user_id is None:
        raise NotAllowed("Only a person has a name to change.")
    user = await session.get_one(User, actor.user_id)
    user.name = clean_name(name)
    return user


async def verification_link(session: AsyncSession, actor: Actor, user_id: str) -> tuple[OneTimeLink, str]:
    """A link that proves that whoever opens it reads the person's mail; made by an owner and sent there."""
    actor.require(Right.OWN)
    person = await queries.get_person(session, actor, user_id)
    if person.user.is_verified:
        raise Conflict("This address is verified already.", code="already_verified")
    made = await make_link(
        session,
        LinkPurpose.VERIFY_EMAIL,
        workspace_id=actor.workspace_id,
        user_id=user_id,
        email=person.user.email,
        created_by=actor.user_id,
    )
    record(session, actor, "person.verification_link_made", subject=("user", user_id))
    return made


async def verify_email(session: AsyncSession, token: str) -> User:
    """Mark the address as verified; `Conflict` when it was changed after the link was made."""
    link = await use_link(session, token, LinkPurpose.VERIFY_EMAIL)
    user = await session.get_one(User, link.user_id)
    if user.email != link.email:
        raise Conflict("The address was changed after this link was made.", "Ask for a new link.", code="link_invalid")
    user.is_verified = True
    actor = Actor(workspace_id=link.workspace_id or "", role=Role.VIEWER, user_id=user.id, name=user.name)
    record(session, actor, "email.verified", subject=("user", user.id))
    return user
