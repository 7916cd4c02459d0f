"""One-time links: made here, handed over by a person, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import LinkPurpose, OneTimeLink
from ainfluencer.core import clock
from ainfluencer.core.actor import Role
from ainfluencer.core.crypto import digest, new_token
from ainfluencer.core.errors import InvalidInput

LIFETIMES: dict[LinkPurpose, timedelta] = {
    LinkPurpose.FIRST_OWNER: timedelta(days=7),
    LinkPurpose.SIGN_IN: timedelta(minutes=15),
    LinkPurpose.INVITE: timedelta(days=7),
    LinkPurpose.PASSWORD_RESET: timedelta(hours=24),
    LinkPurpose.VERIFY_EMAIL: timedelta(days=3),
}
PATHS: dict[LinkPurpose, str] = {
    LinkPurpose.FIRST_OWNER: "/welcome",
    LinkPurpose.SIGN_IN: "/welcome",
    LinkPurpose.INVITE: "/invitation",
    LinkPurpose.PASSWORD_RESET: "/new-password",
    LinkPurpose.VERIFY_EMAIL: "/verify",
}


def path_of(purpose: LinkPurpose, token: str) -> str:
    """Where the link leads on this instance."""
    return f"{PATHS[purpose]}?token={token}"


async def make_link(
    session: AsyncSession,
    purpose: LinkPurpose,
    *,
    workspace_id: str | None = None,
    user_id: str | None = None,
    email: str = "",
    role: Role | None = None,
    created_by: str | None = None,
) -> tuple[OneTimeLink, str]:
    """A new link and its token. An older unused one for the same thing stops working."""
    same = (
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.user_id == user_id,
        OneTimeLink.email == email,
        OneTimeLink.workspace_id == workspace_id,
        OneTimeLink.expires_at > clock.now(),
    )
    await session.execute(update(OneTimeLink).where(*same).values(expires_at=clock.now()))
    token = new_token("l")
    link = OneTimeLink(
        purpose=purpose,
        token_hash=digest(token),
        workspace_id=workspace_id,
        user_id=user_id,
        email=email,
        role=role,
        created_by=created_by,
        expires_at=clock.now() + LIFETIMES[purpose],
    )
    session.add(link)
    await session.flush()
    return link, token


async def use_link(session: AsyncSession, token: str, *purposes: LinkPurpose) -> OneTimeLink:
    """Use a link up. `InvalidInput` when it is unknown, used, expired or for something else.

    The condition is in the update itself, so of two people with one link only one gets in.
    """
    link = await queries.find_link(session, token, *purposes)
    at: datetime = clock.now()
    if link is not None:
        done = await session.execute(
            update(OneTimeLink)
            .where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
            .values(used_at=at)
            .execution_options(synchronize_session=False)
        )
        if isinstance(done, CursorResult) and done.rowcount == 1:
            return link
    raise InvalidInput(
        "This link has been used, has expired, or is not complete.",
        "Ask for a new one; the owner of this computer gets one with: ainfluencer up",
        code="link_invalid",
        field="token",
    )
