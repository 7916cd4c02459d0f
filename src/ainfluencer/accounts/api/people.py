"""People of the workspace and invitations to it."""

from __future__ import annotations

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.api.auth import user_out
from ainfluencer.accounts.models import Membership
from ainfluencer.accounts.schemas import InvitationIn, InvitationOut, LinkOut, PersonOut, RoleIn
from ainfluencer.accounts.service.links import path_of
from ainfluencer.api.schemas import Page, Paged
from ainfluencer.core.actor import Role
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["people"])


def _person(membership: Membership) -> PersonOut:
    return PersonOut(user=user_out(membership.user), role=Role(membership.role), joined_at=membership.created_at)


@router.get("/people")
async def list_people(who: Who, session: Read, paged: Paged) -> Page[PersonOut]:
    """Everybody in the workspace, those who came first first."""
    found = await queries.list_people(session, who, limit=paged.limit, cursor=paged.cursor)
    return Page(items=[_person(m) for m in found.items], next_cursor=found.next_cursor)


@router.get("/people/{user_id}")
async def get_person(user_id: str, who: Who, session: Read) -> PersonOut:
    """One person of the workspace."""
    return _person(await queries.get_person(session, who, user_id))


@router.patch("/people/{user_id}")
async def change_role(user_id: str, body: RoleIn, who: Who, session: Write) -> PersonOut:
    """Give a person another role. The last owner stays one."""
    await service.change_role(session, who, user_id, body.role)
    return _person(await queries.get_person(session, who, user_id))


@router.delete("/people/{user_id}", status_code=204)
async def remove_person(user_id: str, who: Who, session: Write) -> None:
    """Take a person out of the workspace; their sessions and keys stop working here."""
    await service.remove(session, who, user_id)


@router.post("/people/{user_id}/password-reset", status_code=201)
async def reset_link(user_id: str, who: Who, session: Write) -> LinkOut:
    """A link with which the person sets a new password. Hand it over; it works once, for 24 hours."""
    link, token = await service.reset_link(session, who, user_id)
    return LinkOut(path=path_of(link.purpose, token), expires_at=link.expires_at)


@router.post("/people/{user_id}/verification", status_code=201)
async def verification_link(user_id: str, who: Who, session: Write) -> LinkOut:
    """A link that verifies the person's address. Send it there; it works once, for three days."""
    link, token = await service.verification_link(session, who, user_id)
    return LinkOut(path=path_of(link.purpose, token), expires_at=link.expires_at)


@router.get("/invitations")
async def list_invitations(who: Who, session: Read, paged: Paged) -> Page[InvitationOut]:
    """Invitations that can still be used."""
    found = await queries.list_invitations(session, who, limit=paged.limit, cursor=paged.cursor)
    return Page(items=[InvitationOut.model_validate(i) for i in found.items], next_cursor=found.next_cursor)


@router.post("/invitations", status_code=201)
async def invite(body: InvitationIn, who: Who, session: Write) -> LinkOut:
    """Invite somebody. Hand the link over; it works once, for seven days."""
    link, token = await service.invite(session, who, body.email, body.role)
    return LinkOut(path=path_of(link.purpose, token), expires_at=link.expires_at)


@router.delete("/invitations/{invitation_id}", status_code=204)
async def revoke_invitation(invitation_id: str, who: Who, session: Write) -> None:
    """Make an open invitation useless."""
    await service.revoke_invitation(session, who, invitation_id)
