"""From an empty data folder to an owner who is in."""

from __future__ import annotations

import os
import stat

import pytest
from sqlalchemy import func, select, update

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import ApiKey, OneTimeLink, User, Workspace
from ainfluencer.accounts.schemas import Client
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import Conflict, InvalidInput, NotSignedIn
from ainfluencer.db.session import Database


async def first(db: Database) -> str:
    async with db.writing() as session:
        return await service.first_link(session)


async def test_the_first_workspace_is_made_once(db: Database) -> None:
    async with db.writing() as session:
        made = await service.ensure_first_workspace(session)
    async with db.writing() as session:
        again = await service.ensure_first_workspace(session)
        actor = await service.cli_actor(session)
        assert await session.scalar(select(func.count()).select_from(Workspace)) == 1
    assert made.id == again.id == actor.workspace_id
    assert actor.can(Right.OWN)


async def test_claim_with_a_password(db: Database) -> None:
    token = await first(db)
    async with db.writing() as session:
        user, workspace = await service.claim(
            session, token, name="Ada", email="Ada@Example.org", password="correct horse"
        )
    async with db.reading() as session:
        assert await queries.is_claimed(session)
    signed = await service.check_password("ada@example.org", "correct horse")
    assert signed.id == user.id
    assert user.is_verified
    assert "correct" not in user.password_hash
    assert user.password_hash.startswith("$argon2id$")
    assert workspace.id


async def test_claim_works_once(db: Database) -> None:
    token = await first(db)
    async with db.writing() as session:
        await service.claim(session, token, name="Ada")
    async with db.writing() as session:
        with pytest.raises(InvalidInput, match="used"):
            await service.claim(session, token, name="Mallory")
        with pytest.raises(Conflict):
            await service.first_link(session)


async def test_a_fresh_first_link_ends_the_older_one(db: Database) -> None:
    old, new = await first(db), await first(db)
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.claim(session, old, name="Ada")
        await service.claim(session, new, name="Ada")


async def test_an_expired_first_link(db: Database) -> None:
    token = await first(db)
    async with db.writing() as session:
        await session.execute(update(OneTimeLink).values(expires_at=clock.from_now(seconds=-1)))
        with pytest.raises(InvalidInput) as refused:
            await service.claim(session, token, name="Ada")
    assert refused.value.reason == "link_invalid"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "short"),
        ("nobody", "correct horse"),
        ("ada@example.org", ""),
        ("", "correct horse"),
        ("ada@example.org", "aaaaaaaaaaaa"),
    ],
)
async def test_a_bad_claim_does_not_use_the_link_up(db: Database, email: str, password: str) -> None:
    token = await first(db)
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.claim(session, token, name="Ada", email=email, password=password)
        await service.claim(session, token, name="Ada")


async def test_just_me_on_this_computer(db: Database) -> None:
    async with db.writing() as session:
        path = await service.way_in(session, await service.cli_actor(session))
        assert path.startswith("/welcome?token=ainl_")
        await service.claim(session, path.partition("=")[2], name="Ada")
        again = await service.way_in(session, await service.cli_actor(session))
    assert again.startswith("/welcome?token=ainl_")
    async with db.writing() as session:
        entered = await service.sign_in_by_link(session, again.partition("=")[2], Client(ip="127.0.0.1"))
    assert entered.session.is_local
    with pytest.raises(NotSignedIn):
        await service.check_password("owner@localhost", "")


async def test_with_a_password_the_launcher_opens_the_first_page(db: Database) -> None:
    token = await first(db)
    async with db.writing() as session:
        await service.claim(session, token, name="Ada", email="ada@example.org", password="correct horse")
        assert await service.way_in(session, await service.cli_actor(session)) == "/"


async def test_the_cli_key_is_made_once_and_replaced_when_it_ended(db: Database) -> None:
    data = db.config.data
    async with db.writing() as session:
        path = await service.ensure_cli_key(session, data)
        assert not path.exists()
    secret = path.read_text("utf-8").strip()
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with db.writing() as session:
        await service.ensure_cli_key(session, data)
        row = (await session.scalars(select(ApiKey))).one()
        assert row.secret_hash == digest(secret)
        assert secret not in repr(vars(row))
        row.revoked_at = clock.now()
    async with db.writing() as session:
        await service.ensure_cli_key(session, data)
    assert path.read_text("utf-8").strip() != secret


async def test_a_rolled_back_start_leaves_no_key_file(db: Database) -> None:
    async def start_and_fail() -> None:
        async with db.writing() as session:
            await service.ensure_cli_key(session, db.config.data)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await start_and_fail()
    assert not (db.config.data / "keys" / "cli.key").exists()


async def test_only_hashes_of_links_are_kept(db: Database, owner: Actor) -> None:
    token = await first(db)
    async with db.reading() as session:
        row = (await session.scalars(select(OneTimeLink))).one()
        user = await session.get_one(User, row.user_id)
    assert token not in repr(vars(row))
    assert user.id == owner.user_id
