"""Passwords and addresses by mail, through the engine to a real mail server; and nobody learns who has an account."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from ainfluencer.accounts import jobs as letter_jobs
from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import LinkPurpose, OneTimeLink, User, Workspace
from ainfluencer.accounts.pages import router
from ainfluencer.accounts.service import mailing
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, Unreachable
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs, policy
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from tests.support.clients import client_for, small_app
from tests.support.mail_servers import Box, mail_server
from tests.support.people import add_person
from tests.unit.accounts.test_pages import app, browser, send

__all__ = ["app"]
OLD, NEW = "correct horse", "battery staple"
HANDLERS = {
    mailing.PASSWORD_JOB: letter_jobs.mail_password,
    mailing.VERIFICATION_JOB: letter_jobs.mail_verification,
    mailing.TRIAL_JOB: letter_jobs.mail_trial,
}


@pytest.fixture
async def box(db: Database) -> AsyncIterator[Box]:
    """A mail server that this instance knows, under a public address of its own."""
    jobs.load_all()
    async with mail_server() as made:
        known = replace(
            config.settings(),
            smtp_url=made.url,
            mail_from="studio@harbour.example",
            public_url="https://studio.harbour.example/",
        )
        config.use(known)
        yield made


@pytest.fixture
async def mira(db: Database, workspace: Workspace, owner: Actor) -> Actor:
    """Mira, with a password and an address that is not proven."""
    made = await add_person(db, workspace, "Mira", Role.CREATOR, password=OLD)
    async with db.writing() as session:
        await session.execute(
            update(User).where(User.id == made.user_id).values(is_verified=False, claimed_at=clock.now())
        )
    return made


async def deliver(db: Database) -> list[Job]:
    """Run every waiting letter as the engine would; answers their jobs."""
    async with db.reading() as session:
        found = list(await session.scalars(select(Job).where(Job.kind.in_(HANDLERS), Job.state == "pending")))
    for job in found:
        await HANDLERS[job.kind](JobRun(job))
        async with db.writing() as session:
            (await session.get_one(Job, job.id)).state = "completed"  # type: ignore[assignment] # a string column
    return found


def token_in(text: str, path: str) -> str:
    found = re.search(rf"https://studio\.harbour\.example{path}\?token=(\S+)", text)
    assert found, text
    return found.group(1)


async def ask(db: Database, email: str) -> None:
    async with db.writing() as session:
        await service.ask_password_letter(session, email)


async def test_a_new_password_by_letter(db: Database, mira: Actor, box: Box) -> None:
    await ask(db, " Mira@Example.org ")
    await deliver(db)
    assert box.recipients == ["mira@example.org"]
    token = token_in(box.text(), "/new-password")
    async with db.writing() as session:
        user = await service.reset_password(session, token, NEW)
        assert user.is_verified
    assert (await service.check_password("mira@example.org", NEW)).id == mira.user_id
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.reset_password(session, token, OLD)


async def test_the_token_stands_nowhere_but_in_the_letter(db: Database, mira: Actor, box: Box) -> None:
    await ask(db, "mira@example.org")
    (job,) = await deliver(db)
    token = token_in(box.text(), "/new-password")
    async with db.reading() as session:
        row = await session.get_one(Job, job.id)
        assert token not in f"{row.payload}{row.result}{row.message}{row.title}"
        assert "mira" not in f"{row.payload}{row.title}"
        links = list(await session.scalars(select(OneTimeLink)))
    assert [token in vars(link).values() for link in links] == [False]


async def test_nobody_learns_who_has_an_account(db: Database, mira: Actor, box: Box) -> None:
    for email in ("mira@example.org", "nobody@example.org"):
        await ask(db, email)
    async with db.reading() as session:
        rows = list(await session.scalars(select(Job).where(Job.kind == mailing.PASSWORD_JOB).order_by(Job.id)))
    assert [(r.title, r.state, r.workspace_id, r.subject_id) for r in rows[:1]] == [
        (r.title, r.state, r.workspace_id, r.subject_id) for r in rows[1:]
    ]
    assert [await HANDLERS[r.kind](JobRun(r)) for r in rows] == [{}, {}]
    assert box.recipients == ["mira@example.org"]


async def test_a_letter_is_not_sent_again_and_again(db: Database, mira: Actor, box: Box) -> None:
    for _ in range(3):
        await ask(db, "mira@example.org")
        await deliver(db)
    assert len(box.letters) == 1
    async with db.writing() as session:
        await session.execute(update(OneTimeLink).values(created_at=clock.from_now(minutes=-6)))
    await ask(db, "mira@example.org")
    await deliver(db)
    assert len(box.letters) == 2
    first, second = (token_in(box.text(n), "/new-password") for n in (0, 1))
    async with db.reading() as session:
        assert await queries.find_link(session, first, LinkPurpose.PASSWORD_RESET) is None
        assert await queries.find_link(session, second, LinkPurpose.PASSWORD_RESET)


@pytest.mark.parametrize("value", [{"is_active": False}, {"claimed_at": None}, {"email": "owner@localhost"}])
async def test_some_get_no_letter(db: Database, mira: Actor, box: Box, value: dict[str, object]) -> None:
    async with db.writing() as session:
        await session.execute(update(User).where(User.id == mira.user_id).values(**value))
    for email in ("mira@example.org", "owner@localhost.example"):
        await ask(db, email)
    await deliver(db)
    assert box.letters == []


async def test_a_link_lives_an_hour_and_dies_with_the_address(db: Database, mira: Actor, box: Box) -> None:
    await ask(db, "mira@example.org")
    await deliver(db)
    token = token_in(box.text(), "/new-password")
    async with db.reading() as session:
        link = await queries.find_link(session, token, LinkPurpose.PASSWORD_RESET)
        assert link
        assert clock.from_now(minutes=55) < link.expires_at < clock.from_now(minutes=61)
    async with db.writing() as session:
        await session.execute(update(User).where(User.id == mira.user_id).values(email="mira@other.example"))
    async with db.writing() as session:
        with pytest.raises(Conflict, match="was changed"):
            await service.reset_password(session, token, NEW)
    async with db.writing() as session:
        await session.execute(update(OneTimeLink).values(expires_at=clock.from_now(seconds=-1)))
        with pytest.raises(InvalidInput):
            await service.reset_password(session, token, NEW)


async def test_while_the_server_is_away_the_letter_waits_and_its_link_is_fresh(
    db: Database, mira: Actor, box: Box
) -> None:
    away = config.use(replace(config.settings(), smtp_url="smtp://127.0.0.1:9"))
    await ask(db, "mira@example.org")
    with pytest.raises(Unreachable) as error:
        await deliver(db)
    assert policy.decide(error.value, 1).action is policy.Action.RETRY
    config.use(replace(away, smtp_url=box.url))
    await deliver(db)
    assert token_in(box.text(), "/new-password")


async def test_the_address_is_proven_by_letter(db: Database, mira: Actor, box: Box) -> None:
    async with db.writing() as session:
        assert await service.ask_verification_letter(session, mira)
    await deliver(db)
    token = token_in(box.text(), "/verify")
    async with db.writing() as session:
        assert not await service.ask_verification_letter(session, mira)
        assert (await service.verify_email(session, token)).is_verified
    async with db.writing() as session:
        with pytest.raises(Conflict, match="verified already"):
            await service.ask_verification_letter(session, mira)
        with pytest.raises(InvalidInput):
            await service.verify_email(session, token)


async def test_whoever_registers_gets_the_letter(db: Database, owner: Actor, box: Box) -> None:
    async with db.writing() as session:
        await service.set_setting(session, owner, "people.registration", "viewer", reason="Everybody may look around.")
    async with db.writing() as session:
        user, _ = await service.register(session, email="tom@example.org", password=NEW, name="Tom")
        assert not user.is_verified
    await deliver(db)
    assert box.recipients == ["tom@example.org"]
    assert token_in(box.text(), "/verify")


async def test_a_trial_letter_is_for_owners(db: Database, owner: Actor, mira: Actor, box: Box) -> None:
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.ask_trial_letter(session, mira, "ada@example.org")
        await service.ask_trial_letter(session, owner, "ada@example.org")
    await deliver(db)
    assert "It does." in box.text()


async def test_without_a_mail_server_links_are_handed_over(db: Database, owner: Actor, mira: Actor) -> None:
    with pytest.raises(Conflict, match="sends no mail"):
        await ask(db, "mira@example.org")
    async with db.writing() as session:
        _, token = await service.reset_link(session, owner, str(mira.user_id))
    async with db.writing() as session:
        user = await service.reset_password(session, token, NEW)
        assert not user.is_verified  # nobody read any mail


# --- pages and API ---


async def test_the_page_answers_every_address_alike(app: FastAPI, mira: Actor, box: Box) -> None:
    async with browser(app) as client:
        assert "/forgotten-password" in (await client.get("/sign-in")).text
        assert "Send the letter" in (await client.get("/forgotten-password")).text
        told = [
            (await send(client, "/forgotten-password", email=email)).text.replace(email, "")
            for email in ("mira@example.org", "nobody@example.org")
        ]
        without_tokens = [re.sub(r'(csrf|value)="[^"]*"', "", text) for text in told]
        assert without_tokens[0] == without_tokens[1]
        assert "Look into your mail" in told[0]
        wrong = await send(client, "/forgotten-password", email="nonsense")
        assert wrong.status_code == 422
        assert 'aria-invalid="true"' in wrong.text
        limited = await send(client, "/forgotten-password", email="nobody@example.org")
        assert limited.status_code == 429
        assert "Wait" in limited.text
        client.headers["hx-request"] = "true"
        in_place = await send(client, "/forgotten-password", email="nobody@example.org")
        assert (in_place.status_code, "<html" in in_place.text, "Wait" in in_place.text) == (422, False, True)


async def test_the_page_without_mail_names_the_other_ways(app: FastAPI, mira: Actor) -> None:
    async with browser(app) as client:
        drawn = (await client.get("/forgotten-password")).text
        assert "sends no mail" in drawn
        assert "person password-link" in drawn
        assert (await send(client, "/forgotten-password", email="mira@example.org")).status_code == 409


async def test_one_proves_the_address_on_the_own_page(app: FastAPI, db: Database, mira: Actor, box: Box) -> None:
    async with browser(app, mira) as client:
        assert "Send me the letter" in (await client.get("/settings/account")).text
        assert (await send(client, "/settings/account/verification-letter")).status_code == 303
        await deliver(db)
        token = token_in(box.text(), "/verify")
        assert "mira@example.org" in (await client.get("/verify", params={"token": token})).text
        assert (await send(client, "/verify", token=token)).status_code == 303
        assert "Send me the letter" not in (await client.get("/settings/account")).text
        assert "used up" in (await client.get("/verify", params={"token": token})).text


async def test_over_the_api(db: Database, owner: Actor, mira: Actor, box: Box) -> None:
    program = small_app(router)
    async with client_for(program) as client:
        for email in ("mira@example.org", "nobody@example.org"):
            got = await client.post("/api/v2/auth/password-letters", json={"email": email})
            assert (got.status_code, got.content) == (202, b"null")
        await deliver(db)
        token = token_in(box.text(), "/new-password")
        body = {"token": token, "password": NEW}
        assert (await client.post("/api/v2/auth/password-resets", json=body)).status_code == 204
        assert (await client.post("/api/v2/auth/password-letters", json={"email": "x"})).status_code == 422
        assert (await client.post("/api/v2/auth/password-letters", json={"email": "x"})).status_code == 429
    async with client_for(program, mira) as client:
        assert (await client.post("/api/v2/auth/verification-letters")).status_code == 409
        assert (await client.post("/api/v2/auth/trial-letters", json={"email": "a@b.example"})).status_code == 403
    async with client_for(program, owner) as client:
        begun = await client.post("/api/v2/auth/trial-letters", json={"email": "a@harbour.example"})
        assert begun.status_code == 202
        (job,) = await deliver(db)
        assert job.id == begun.json()["job_id"]
