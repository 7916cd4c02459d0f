"""Invitations, registration, roles, and ways back in."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import AuditEntry, Membership, OneTimeLink, Session, User, Workspace
from ainfluencer.accounts.schemas import Client
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn
from ainfluencer.db.session import Database
from tests.support.people import add_person, id_of, second_workspace

WORDS = "correct horse"


async def invited(db: Database, owner: Actor, email: str = "mira@example.org", role: Role = Role.CREATOR) -> str:
    async with db.writing() as session:
        return (await service.invite(session, owner, email, role))[1]


async def test_invite_and_join(db: Database, owner: Actor) -> None:
    token = await invited(db, owner)
    async with db.writing() as session:
        user, workspace = await service.accept_invitation(session, token, password=WORDS, name="Mira")
    async with db.reading() as session:
        person = await queries.get_person(session, owner, user.id)
        assert (await queries.list_invitations(session, owner)).items == []
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert person.role == Role.CREATOR
    assert workspace.id == owner.workspace_id
    assert actions == ["person.invited", "person.joined"]
    assert (await service.check_password("MIRA@example.org", WORDS)).is_verified


async def test_an_invitation_works_once_and_can_be_revoked(db: Database, owner: Actor) -> None:
    token = await invited(db, owner)
    async with db.writing() as session:
        await service.accept_invitation(session, token, password=WORDS, name="Mira")
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.accept_invitation(session, token, password=WORDS, name="Mallory")
    other = await invited(db, owner, "bo@example.org")
    async with db.writing() as session:
        open_one = (await queries.list_invitations(session, owner)).items[0]
        await service.revoke_invitation(session, owner, open_one.id)
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.accept_invitation(session, other, password=WORDS, name="Bo")


async def test_a_known_person_joins_with_the_password_they_have(db: Database, owner: Actor) -> None:
    token = await invited(db, owner)
    async with db.writing() as session:
        await service.accept_invitation(session, token, password=WORDS, name="Mira")
    other = await second_workspace(db)
    again = await invited(db, other)
    async with db.writing() as session:
        with pytest.raises(NotSignedIn):
            await service.accept_invitation(session, again, password="another password")
    async with db.writing() as session:
        user, _ = await service.accept_invitation(session, again, password=WORDS)
        assert len((await session.scalars(select(Membership).where(Membership.user_id == user.id))).all()) == 2


async def test_members_are_not_invited_again(db: Database, owner: Actor) -> None:
    with pytest.raises(Conflict):
        await invited(db, owner, "ADA@example.org")


@pytest.mark.parametrize("role", [r for r in Role if r != Role.OWNER])
async def test_only_owners_deal_with_people_and_keys(
    db: Database, owner: Actor, workspace: Workspace, role: Role
) -> None:
    actor = await add_person(db, workspace, "Mira", role)
    async with db.writing() as session:
        for verb in (
            service.invite(session, actor, "x@example.org", Role.VIEWER),
            service.change_role(session, actor, id_of(owner), Role.VIEWER),
            service.remove(session, actor, id_of(owner)),
            service.reset_link(session, actor, id_of(owner)),
            service.verification_link(session, actor, id_of(owner)),
            service.create_key(session, actor, "k", [Right.READ]),
            service.create_workspace(session, actor, "Mine"),
            service.set_setting(session, actor, "people.registration", "viewer"),
            queries.list_audit(session, actor),
            queries.list_keys(session, actor),
            queries.list_invitations(session, actor),
        ):
            with pytest.raises(NotAllowed):
                await verb


async def test_the_last_owner_stays(db: Database, owner: Actor, workspace: Workspace) -> None:
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await service.change_role(session, owner, id_of(owner), Role.VIEWER)
        with pytest.raises(Conflict):
            await service.remove(session, owner, id_of(owner))
    mira = await add_person(db, workspace, "Mira", Role.OWNER)
    async with db.writing() as session:
        await service.change_role(session, owner, id_of(owner), Role.VIEWER)
        with pytest.raises(Conflict):
            await service.remove(session, mira, id_of(mira))


async def test_who_is_removed_is_out(db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.CREATOR)
    async with db.writing() as session:
        user = await session.get_one(User, mira.user_id)
        await service.open_session(session, user, Client())
    async with db.writing() as session:
        await service.remove(session, owner, id_of(mira))
    async with db.writing() as session:
        assert await session.scalar(select(Session)) is None
        with pytest.raises(NotAllowed):
            await service.open_session(session, await session.get_one(User, mira.user_id), Client())


async def test_people_of_another_workspace_do_not_exist(db: Database, owner: Actor) -> None:
    other = await second_workspace(db)
    async with db.writing() as session:
        for verb in (
            service.change_role(session, owner, id_of(other), Role.VIEWER),
            service.remove(session, owner, id_of(other)),
            service.reset_link(session, owner, id_of(other)),
            queries.get_person(session, owner, id_of(other)),
        ):
            with pytest.raises(NotFound):
                await verb


async def open_registration(db: Database, owner: Actor, how: str) -> None:
    async with db.writing() as session:
        await service.set_setting(session, owner, "people.registration", how)


async def test_registration_is_closed_until_the_owner_opens_it(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.register(session, email="mira@example.org", password=WORDS, name="Mira")
    await open_registration(db, owner, "viewer")
    async with db.writing() as session:
        user, workspace = await service.register(session, email=" Mira@Example.org ", password=WORDS, name="Mira")
        role = await session.scalar(select(Membership.role).where(Membership.user_id == user.id))
    assert (workspace.id, role, user.is_verified, user.email) == (
        owner.workspace_id,
        Role.VIEWER,
        False,
        "mira@example.org",
    )


async def test_registration_with_a_workspace_of_ones_own(db: Database, owner: Actor) -> None:
    await open_registration(db, owner, "workspace")
    async with db.writing() as session:
        user, workspace = await service.register(session, email="mira@example.org", password=WORDS, name="Mira")
        role = await session.scalar(select(Membership.role).where(Membership.user_id == user.id))
    assert workspace.id != owner.workspace_id
    assert role == Role.OWNER


async def test_duplicates_and_short_passwords_are_refused(db: Database, owner: Actor) -> None:
    await open_registration(db, owner, "viewer")
    async with db.writing() as session:
        with pytest.raises(Conflict) as taken:
            await service.register(session, email="ADA@example.org", password=WORDS, name="Ada")
        with pytest.raises(InvalidInput) as short:
            await service.register(session, email="mira@example.org", password="123456789", name="Mira")
    assert (taken.value.reason, taken.value.field) == ("email_taken", "email")
    assert (short.value.reason, short.value.field) == ("password_too_short", "password")


async def test_password_reset_by_link(db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.CREATOR)
    async with db.writing() as session:
        await service.open_session(session, await session.get_one(User, mira.user_id), Client())
        _, token = await service.reset_link(session, owner, id_of(mira))
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.reset_password(session, token, "short")
    async with db.writing() as session:
        await service.reset_password(session, token, "a whole new one")
        assert await session.scalar(select(Session)) is None
    assert (await service.check_password("mira@example.org", "a whole new one")).id == mira.user_id
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.reset_password(session, token, "once more please")


async def test_an_expired_reset_link(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        _, token = await service.reset_link(session, owner, id_of(owner))
        await session.execute(update(OneTimeLink).values(expires_at=clock.from_now(seconds=-1)))
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.reset_password(session, token, WORDS)


async def test_a_reset_link_does_not_open_somebody_elses_workspace(
    db: Database, owner: Actor, workspace: Workspace
) -> None:
    """Else: invite the owner of another workspace, make a link for them, and take their workspace."""
    other = await second_workspace(db)
    async with db.writing() as session:
        session.add(Membership(workspace_id=workspace.id, user_id=other.user_id, role=Role.VIEWER))
        await session.flush()
        with pytest.raises(NotAllowed) as refused:
            await service.reset_link(session, owner, id_of(other))
    assert refused.value.reason == "belongs_elsewhere"


async def test_email_verification(db: Database, owner: Actor) -> None:
    await open_registration(db, owner, "viewer")
    async with db.writing() as session:
        user, _ = await service.register(session, email="mira@example.org", password=WORDS, name="Mira")
        _, token = await service.verification_link(session, owner, user.id)
    async with db.writing() as session:
        assert (await service.verify_email(session, token)).is_verified
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await service.verification_link(session, owner, user.id)
        with pytest.raises(InvalidInput):
            await service.verify_email(session, token)


async def test_a_changed_address_is_not_verified_by_an_older_link(db: Database, owner: Actor) -> None:
    await open_registration(db, owner, "viewer")
    async with db.writing() as session:
        user, _ = await service.register(session, email="mira@example.org", password=WORDS, name="Mira")
        _, token = await service.verification_link(session, owner, user.id)
        user.email = "else@example.org"
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await service.verify_email(session, token)
