"""Letters that are asked for: a new password, a proof of the address. Who asks never learns who has an account."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import LinkPurpose, Membership, OneTimeLink, User
from ainfluencer.accounts.schemas import clean_email
from ainfluencer.accounts.service.first_start import UNCLAIMED_EMAIL
from ainfluencer.accounts.service.links import make_link
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.config import settings
from ainfluencer.core.errors import Conflict, NotAllowed
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job
from ainfluencer.integrations import mail

PASSWORD_JOB, VERIFICATION_JOB, TRIAL_JOB = (
    "accounts.mail_password",
    "accounts.mail_verification",
    "accounts.mail_trial",
)
APART = timedelta(minutes=5)  # between two letters of one kind to one person, however often they are asked for
LIFETIME = timedelta(hours=1)  # of a mailed link to a new password


def require_mail() -> None:
    """`Conflict` (mail_off) when this instance sends no mail."""
    if not mail.is_on(settings()):
        raise Conflict(
            "This studio sends no mail.",
            "Ask the owner of the workspace for a link; the owner starts AInfluencer on its own computer.",
            code="mail_off",
        )


async def ask_password_letter(session: AsyncSession, email: str) -> None:
    """A letter with a link to a new password, if there is such a person.

    The same is written down either way, so that neither the answer nor the time it takes tells who has an account.
    """
    require_mail()
    email = clean_email(email)
    workspace = await queries.find_first_workspace(session)
    if workspace is None:
        return
    user = await session.scalar(select(User).where(User.email == email))
    user_id = user.id if user is not None and await _may_get(session, user, LinkPurpose.PASSWORD_RESET) else ""
    asker = Actor(workspace_id=workspace.id, role=Role.MANAGER, name="Somebody at the door", via="page")
    await engine.enqueue(session, asker, PASSWORD_JOB, {"user_id": user_id})


async def ask_verification_letter(session: AsyncSession, actor: Actor) -> bool:
    """A letter to oneself that proves the address; False when one was sent just now. `Conflict` when it is proven."""
    require_mail()
    user = await session.get(User, actor.user_id) if actor.user_id else None
    if user is None:
        raise NotAllowed("Only a person has an address to prove.")
    if user.is_verified:
        raise Conflict("This address is verified already.", "There is nothing to do.", code="already_verified")
    if not await _may_get(session, user, LinkPurpose.VERIFY_EMAIL):
        return False
    await engine.enqueue(session, actor, VERIFICATION_JOB, {"user_id": user.id})
    return True


async def ask_trial_letter(session: AsyncSession, actor: Actor, to: str) -> Job:
    """A letter that shows whether mail arrives."""
    actor.require(Right.OWN)
    require_mail()
    return await engine.enqueue(
        session, actor, TRIAL_JOB, {"to": clean_email(to)}, title="A letter to see if mail works"
    )


async def mailed_link(session: AsyncSession, user_id: str, purpose: LinkPurpose) -> tuple[User, str] | None:
    """The person and a fresh token, made only now so that it stands nowhere but in the letter; None for nobody."""
    user = await session.get(User, user_id) if user_id else None
    if user is None or not user.is_active or (purpose == LinkPurpose.VERIFY_EMAIL and user.is_verified):
        return None
    workspace_id = await session.scalar(
        select(Membership.workspace_id).where(Membership.user_id == user.id).order_by(Membership.created_at).limit(1)
    )
    link, token = await make_link(session, purpose, workspace_id=workspace_id, user_id=user.id, email=user.email)
    if purpose == LinkPurpose.PASSWORD_RESET:
        link.expires_at = clock.now() + LIFETIME
    return user, token


async def _may_get(session: AsyncSession, user: User, purpose: LinkPurpose) -> bool:
    """Somebody who is there, with an address of their own, and not twice in a short while."""
    if not user.is_active or user.claimed_at is None or user.email == UNCLAIMED_EMAIL:
        return False
    lately = await session.scalar(
        select(OneTimeLink.id)
        .where(
            OneTimeLink.user_id == user.id,
            OneTimeLink.purpose == purpose,
            OneTimeLink.email == user.email,
            OneTimeLink.created_at > clock.now() - APART,
        )
        .limit(1)
    )
    return lately is None
