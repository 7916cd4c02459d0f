"""Passwords, sessions and keys: who gets in, and for how long."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import Session, User, Workspace
from ainfluencer.accounts.schemas import Client
from ainfluencer.accounts.service.sessions import SignedIn
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn
from ainfluencer.db.session import Database
from tests.support.people import add_person, second_workspace

WORDS = "correct horse"


async def signed_in(db: Database, actor: Actor, **options: Any) -> SignedIn:
    async with db.writing() as session:
        return await service.open_session(
            session, await session.get_one(User, actor.user_id), Client("::1", "Firefox"), **options
        )


@pytest.mark.parametrize(
    ("email", "password"),
    [("mira@example.org", "wrong"), ("nobody@example.org", WORDS), ("mira@example.org", ""), ("", "")],
)
async def test_wrong_credentials_get_one_answer(db: Database, workspace: Workspace, email: str, password: str) -> None:
    await add_person(db, workspace, "Mira", Role.VIEWER, password=WORDS)
    with pytest.raises(NotSignedIn) as refused:
        await service.check_password(email, password)
    assert refused.value.detail == "The e-mail address or the password is wrong."


async def test_people_without_a_password_or_switched_off_do_not_get_in(db: Database, workspace: Workspace) -> None:
    await add_person(db, workspace, "Mira", Role.VIEWER)
    bo = await add_person(db, workspace, "Bo", Role.VIEWER, password=WORDS)
    async with db.writing() as session:
        (await session.get_one(User, bo.user_id)).is_active = False
    for email in ("mira@example.org", "bo@example.org"):
        with pytest.raises(NotSignedIn):
            await service.check_password(email, WORDS)


async def test_an_unknown_user_takes_as_long_as_a_wrong_password(db: Database, workspace: Workspace) -> None:
    await add_person(db, workspace, "Mira", Role.VIEWER, password=WORDS)

    async def took(email: str) -> float:
        started = time.perf_counter()
        with pytest.raises(NotSignedIn):
            await service.check_password(email, "wrong password")
        return time.perf_counter() - started

    await took("mira@example.org")
    known = statistics.median([await took("mira@example.org") for _ in range(3)])
    unknown = statistics.median([await took("nobody@example.org") for _ in range(3)])
    assert unknown > known / 3, "without a hash to check, the answer would come some fifty times sooner"


async def test_only_the_hash_of_a_session_is_kept(db: Database, owner: Actor) -> None:
    made = await signed_in(db, owner)
    async with db.reading() as session:
        row = (await session.scalars(select(Session))).one()
    assert row.token_hash == digest(made.token)
    assert made.token not in repr(vars(row))
    assert (row.ip, row.user_agent) == ("::1", "Firefox")


async def test_refresh_gives_a_new_token_and_ends_the_old(db: Database, owner: Actor) -> None:
    made = await signed_in(db, owner)
    async with db.writing() as session:
        fresh = await service.refresh(session, made.token)
    assert fresh.token != made.token
    async with db.writing() as session:
        for bad in (made.token, "ains_nonsense", ""):
            with pytest.raises(NotSignedIn):
                await service.refresh(session, bad)


async def test_an_ended_session_cannot_be_refreshed(db: Database, owner: Actor) -> None:
    made = await signed_in(db, owner, lifetime=timedelta(seconds=-1))
    async with db.writing() as session:
        with pytest.raises(NotSignedIn):
            await service.refresh(session, made.token)
        await service.purge(session)
        assert await session.scalar(select(Session)) is None


async def test_sign_out_everywhere_keeps_this_one(db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.VIEWER)
    here, _, theirs = await signed_in(db, owner), await signed_in(db, owner), await signed_in(db, mira)
    async with db.writing() as session:
        assert await service.sign_out_everywhere(session, owner, keep_token=here.token) == 1
        left = set(await session.scalars(select(Session.token_hash)))
    assert left == {digest(here.token), digest(theirs.token)}


async def test_one_ends_only_ones_own_sessions(db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.VIEWER)
    mine = await signed_in(db, owner)
    async with db.writing() as session:
        with pytest.raises(NotFound):
            await service.end_session(session, mira, mine.session.id)
        await service.end_session(session, owner, mine.session.id)
        assert list(await queries.list_sessions(session, owner)) == []


async def test_switching_needs_membership(db: Database, owner: Actor) -> None:
    other = await second_workspace(db)
    made = await signed_in(db, owner)
    async with db.writing() as session:
        with pytest.raises(NotFound):
            await service.switch_workspace(session, owner, made.token, other.workspace_id)
        mine = await service.create_workspace(session, owner, "Second", "Europe/Paris")
        row = await service.switch_workspace(session, owner, made.token, mine.id)
        assert row.workspace_id == mine.id
    again = await signed_in(db, owner)
    assert again.session.workspace_id == mine.id, "a person goes on where they were last"


async def test_changing_the_password(db: Database, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.VIEWER, password=WORDS)
    here, _ = await signed_in(db, mira), await signed_in(db, mira)
    async with db.writing() as session:
        with pytest.raises(InvalidInput) as refused:
            await service.change_password(session, mira, present="wrong", password="a whole new one")
    assert refused.value.field == "present"
    async with db.writing() as session:
        await service.change_password(session, mira, present=WORDS, password="a whole new one", keep_token=here.token)
        assert list(await session.scalars(select(Session.token_hash))) == [digest(here.token)]
    assert await service.check_password("mira@example.org", "a whole new one")


async def test_the_first_password_turns_a_local_session_into_a_full_one(db: Database, owner: Actor) -> None:
    here = await signed_in(db, owner, is_local=True)
    async with db.writing() as session:
        user = await service.change_password(
            session, owner, present="", password=WORDS, email="Ada.L@example.org", keep_token=here.token
        )
        assert not (await session.scalars(select(Session))).one().is_local
    assert (await service.check_password("ada.l@example.org", WORDS)).id == user.id


async def test_a_key_may_do_what_is_named_and_no_more(db: Database, owner: Actor) -> None:
    limited = Actor(
        owner.workspace_id, Role.OWNER, owner.user_id, "Ada", scopes=frozenset({Right.OWN, Right.READ}), via="api"
    )
    async with db.writing() as session:
        key, secret = await service.create_key(session, owner, " CI  job ", [Right.READ, Right.CREATE])
        assert (key.name, key.scopes, key.prefix) == ("CI job", ["read", "create"], secret[:10])
        with pytest.raises(NotAllowed):
            await service.create_key(session, limited, "more", [Right.PUBLISH])
        with pytest.raises(InvalidInput):
            await service.create_key(session, owner, "none", [])
        with pytest.raises(InvalidInput):
            await service.create_key(session, owner, "late", [Right.READ], expires_at=clock.from_now(hours=-1))
        with pytest.raises(NotAllowed):
            await service.change_password(session, limited, present="", password=WORDS)


async def test_a_key_ends_once(db: Database, owner: Actor) -> None:
    other = await second_workspace(db)
    async with db.writing() as session:
        key, _ = await service.create_key(session, owner, "CI", [Right.READ])
        with pytest.raises(NotFound):
            await service.revoke_key(session, other, key.id)
        first = (await service.revoke_key(session, owner, key.id)).revoked_at
        assert (await service.revoke_key(session, owner, key.id)).revoked_at == first


async def test_a_session_does_not_outlive_its_time(db: Database, owner: Actor) -> None:
    made = await signed_in(db, owner)
    async with db.writing() as session:
        await session.execute(update(Session).values(expires_at=clock.from_now(seconds=-1)))
        with pytest.raises(NotSignedIn):
            await service.switch_workspace(session, owner, made.token, owner.workspace_id)
