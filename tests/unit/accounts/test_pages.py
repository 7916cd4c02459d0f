"""The way in and the settings as pages, with and without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import select

from ainfluencer.accounts import preferences, queries, service
from ainfluencer.accounts.access import COOKIE
from ainfluencer.accounts.models import Membership, User, Workspace
from ainfluencer.accounts.pages import router
from ainfluencer.accounts.pages.own import browser_name
from ainfluencer.accounts.schemas import Preference
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.db.session import Database
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from tests.support.clients import client_for, small_app, token_for
from tests.support.people import add_person, id_of, second_workspace

WORDS = "correct horse"
SETTINGS = ("workspace", "account", "people", "keys", "audit")


def plain_shell(_request: Request) -> Shell:
    """A frame without navigation."""
    return Shell(sections=(), user=Person("Somebody", "", ""), workspace=Place("", "Somewhere"))


@pytest.fixture
def app(db: Database) -> FastAPI:
    made = small_app(router)
    made.state.shell = plain_shell
    made.state.error_page = errors.page
    return made


@asynccontextmanager
async def browser(
    app: FastAPI, actor: Actor | None = None, *, address: str = "127.0.0.1"
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without scripts: asks for HTML, keeps cookies, sends the token of the form."""
    cookies = {COOKIE: await token_for(actor)} if actor else None
    async with client_for(app, address=address, cookies=cookies) as client:
        client.headers["accept"] = "text/html"
        yield client


async def send(client: httpx.AsyncClient, path: str, **fields: str | list[str]) -> httpx.Response:
    secret = client.cookies.get(COOKIE) or client.cookies.get(security.SEED_COOKIE) or ""
    return await client.post(path, data={"csrf": security._token(secret), **fields})


async def first_link(db: Database) -> str:
    async with db.writing() as session:
        return await service.first_link(session)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", SETTINGS)
async def test_every_role_sees_each_page_or_why_not(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace, role: Role, page: str
) -> None:
    mira = await add_person(db, workspace, "Mira", role)
    async with browser(app, mira) as client:
        got = await client.get(f"/settings/{page}")
        closed = page in {"keys", "audit"} and role != Role.OWNER
        assert got.status_code == (403 if closed else 200)
        assert got.text.count("<h1") == 1
        assert ("This part is not open to your role" in got.text) is closed


async def test_who_is_not_in_is_led_to_the_sign_in(app: FastAPI, owner: Actor) -> None:
    async with browser(app) as client:
        for page in SETTINGS:
            got = await client.get(f"/settings/{page}")
            assert (got.status_code, got.headers["location"]) == (303, f"/sign-in?next=%2Fsettings%2F{page}")


async def test_the_first_start_without_a_password(app: FastAPI, db: Database) -> None:
    token = await first_link(db)
    async with browser(app) as client:
        shown = await client.get(f"/welcome?token={token}")
        assert "Just me, on this computer" in shown.text
        nameless = await send(client, "/welcome", token=token, name="", way="local")
        assert (nameless.status_code, "A name has" in nameless.text) == (422, True)
        done = await send(client, "/welcome", token=token, name="Ada", way="local")
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert "Ada" in (await client.get("/settings/account")).text
        assert (await send(client, "/sign-out")).headers["location"] == "/sign-in"
        assert "has no password yet" in (await client.get("/sign-in")).text
        assert (await client.get(f"/welcome?token={token}")).status_code == 410
        async with db.writing() as session:
            again = await service.way_in(session, await service.cli_actor(session))
        assert (await client.get(again)).headers["location"] == "/"
        assert (await client.get("/settings/account")).status_code == 200


async def test_the_first_start_with_a_password(app: FastAPI, db: Database) -> None:
    token = await first_link(db)
    async with browser(app, address="192.0.2.7") as client:
        shown = await client.get(f"/welcome?token={token}")
        assert "Just me, on this computer" not in shown.text
        assert (await send(client, "/welcome", token=token, name="Ada", way="local")).status_code == 403
        for email, password, said in (
            ("ada@example.org", "", "needed"),
            ("ada", WORDS, "not an e-mail"),
            ("a@b.c", "sesame", "too short"),
        ):
            got = await send(client, "/welcome", token=token, name="Ada", way="account", email=email, password=password)
            assert (got.status_code, said in got.text) == (422, True)
            assert password not in got.text or not password
        done = await send(
            client, "/welcome", token=token, name="Ada", way="account", email="ada@example.org", password=WORDS
        )
        assert done.status_code == 303
        assert (await client.get("/settings/people")).status_code == 200


async def test_sign_in_goes_where_one_wanted_and_nowhere_else(app: FastAPI, db: Database, workspace: Workspace) -> None:
    await add_person(db, workspace, "Mira", Role.CREATOR, password=WORDS)
    async with browser(app) as client:
        assert 'value="/settings/account"' in (await client.get("/sign-in?next=/settings/account")).text
        wrong = await send(client, "/sign-in", email="mira@example.org", password="wrong password", next_url="/posts")
        assert (wrong.status_code, "is wrong" in wrong.text, "wrong password" in wrong.text) == (422, True, False)
        done = await send(client, "/sign-in", email="mira@example.org", password=WORDS, next_url="/posts")
        assert done.headers["location"] == "/posts"
        assert (await client.get("/sign-in?next=/calendar")).headers["location"] == "/calendar"
        evil = await client.get("/sign-in?next=//evil.example")
        assert evil.headers["location"] == "/"


async def test_a_form_of_another_site_is_refused(app: FastAPI, db: Database, owner: Actor) -> None:
    async with browser(app, owner) as client:
        assert (await client.post("/settings/account", data={"name": "Mallory"})).status_code == 403
        got = await client.post("/settings/account", data={"name": "M"}, headers={"origin": "http://evil.example"})
        assert got.status_code == 403


async def test_guessing_is_slowed_down(app: FastAPI, db: Database, workspace: Workspace) -> None:
    async with browser(app, address="192.0.2.9") as client:
        await client.get("/sign-in")
        codes = [
            (await send(client, "/sign-in", email="m@example.org", password="guess")).status_code for _ in range(11)
        ]
    assert codes == [422] * 10 + [429]


async def test_invite_hand_over_join(app: FastAPI, db: Database, owner: Actor) -> None:
    async with browser(app, owner) as client, browser(app) as guest:
        shown = await send(client, "/settings/people", email="mira@example.org", role="creator")
        link = re.search(r"http://testserver(/invitation\?token=ainl_[\w-]+)", unescape(shown.text))
        assert link
        assert "ainl_" not in (await client.get("/settings/people")).text, "the link is shown once"
        page = await guest.get(link[1])
        assert "Join Harbour" in page.text
        token = link[1].partition("=")[2]
        assert (await send(guest, "/invitation", token=token, name="Mira", password="short")).status_code == 422
        assert (await send(guest, "/invitation", token=token, name="Mira", password=WORDS)).status_code == 303
        assert (await guest.get("/settings/account")).status_code == 200
        assert (await guest.get(link[1])).status_code == 410
    async with db.reading() as session:
        role = await session.scalar(select(Membership.role).join(User).where(User.email == "mira@example.org"))
    assert role == Role.CREATOR


async def test_roles_links_and_removal(app: FastAPI, db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.CREATOR)
    path = f"/settings/people/{id_of(mira)}"
    async with browser(app, owner) as client, browser(app) as guest:
        assert (await send(client, f"{path}/role", role="reviewer")).status_code == 303
        assert (await send(client, f"{path}/role", role="king")).status_code == 422
        shown = await send(client, f"{path}/password-link")
        link = re.search(r"(/new-password\?token=(ainl_[\w-]+))", unescape(shown.text))
        assert link
        assert (await guest.get(link[1])).status_code == 200
        assert (await send(guest, "/new-password", token=link[2], password=WORDS)).headers["location"] == "/sign-in"
        assert (await send(guest, "/new-password", token=link[2], password=WORDS)).status_code == 410
        htmx = {"hx-request": "true", "x-csrf": security._token(client.cookies[COOKIE])}
        partial = await client.post(f"{path}/password-link", headers=htmx)
        assert '<hx-partial hx-target="#parts"' in partial.text
        assert (await send(client, f"/settings/people/{id_of(owner)}/removal")).status_code == 409
        assert (await send(client, f"{path}/removal")).status_code == 303
    async with db.reading() as session:
        assert (await queries.list_people(session, owner)).items[-1].user_id == owner.user_id


async def test_verifying_by_a_press_of_a_button(app: FastAPI, db: Database, owner: Actor, workspace: Workspace) -> None:
    mira = await add_person(db, workspace, "Mira", Role.CREATOR)
    async with db.writing() as session:
        (await session.get_one(User, mira.user_id)).is_verified = False
    async with browser(app, owner) as client, browser(app) as guest:
        shown = await send(client, f"/settings/people/{id_of(mira)}/verification-link")
        link = re.search(r"(/verify\?token=(ainl_[\w-]+))", unescape(shown.text))
        assert link
        assert "mira@example.org" in (await guest.get(link[1])).text
        assert (await send(guest, "/verify", token=link[2])).status_code == 303
    async with db.reading() as session:
        assert (await session.get_one(User, mira.user_id)).is_verified


async def test_a_key_is_shown_once_and_ends(app: FastAPI, owner: Actor) -> None:
    async with browser(app, owner) as client, client_for(app) as program:
        assert (await send(client, "/settings/keys", name="Export")).status_code == 422
        shown = await send(client, "/settings/keys", name="Export", scopes=["read", "create"], days="30")
        secret = re.search(r"aink_[\w-]{20,}", shown.text)
        assert secret
        listed = (await client.get("/settings/keys")).text
        assert secret[0] not in listed
        assert secret[0][:10] in listed
        headers = {"Authorization": f"Bearer {secret[0]}"}
        assert (await program.get("/api/v2/auth/me", headers=headers)).json()["rights"] == ["read", "create"]
        end = re.search(r"/settings/keys/\w+/revocation", listed)
        assert end
        await send(client, end[0])
        assert (await program.get("/api/v2/auth/me", headers=headers)).status_code == 401


async def test_settings_are_saved_or_refused_as_a_whole(app: FastAPI, db: Database, owner: Actor) -> None:
    for name, default in (("quiet", False), ("pause", 5)):
        kind = "switch" if isinstance(default, bool) else "number"
        service.declare(Preference(f"test.{name}", kind, default, name, "Test.", right=Right.MANAGE, most=9))
    try:
        async with browser(app, owner) as client:
            assert 'name="test.pause"' in (await client.get("/settings/workspace")).text
            keys = "test.quiet,test.pause,people.registration"
            form: dict[str, str | list[str]] = {"keys": keys, "test.quiet": "on", "people.registration": "viewer"}
            bad = await send(client, "/settings/preferences", **form, **{"test.pause": "99"})
            assert (bad.status_code, "whole number from 0 to 9" in bad.text) == (422, True)
            async with db.reading() as session:
                assert await queries.setting(session, owner, "test.quiet") is False
            assert (await send(client, "/settings/preferences", **form, **{"test.pause": "7"})).status_code == 303
            async with db.reading() as session:
                found = [await queries.setting(session, owner, k) for k in keys.split(",")]
            assert found == [True, 7, "viewer"]
    finally:
        for name in ("quiet", "pause"):
            del preferences.DECLARED[f"test.{name}"]


async def test_registration_page_and_workspaces(app: FastAPI, db: Database, owner: Actor) -> None:
    async with browser(app, owner) as client, browser(app) as guest:
        await guest.get("/register")
        closed = await send(guest, "/register", name="Mira", email="mira@example.org", password=WORDS)
        assert (closed.status_code, "Registration is closed" in closed.text) == (422, True)
        await send(client, "/settings/preferences", keys="people.registration", **{"people.registration": "workspace"})
        assert "/register" in (await guest.get("/sign-in")).text
        done = await send(guest, "/register", name="Mira", email="mira@example.org", password=WORDS)
        assert done.status_code == 303
        await send(client, "/settings/workspaces", new_name="Second", new_timezone="Europe/Paris")
        async with db.reading() as session:
            second = [m for m in await queries.list_workspaces(session, owner) if m.workspace.name == "Second"]
        assert (await send(client, "/workspace", workspace_id=second[0].workspace_id)).headers["location"] == "/"
        assert 'value="Second"' in (await client.get("/settings/workspace")).text
        stranger = await second_workspace(db)
        assert (await send(client, "/workspace", workspace_id=stranger.workspace_id)).status_code == 404


async def test_ones_own_account(app: FastAPI, db: Database, owner: Actor) -> None:
    other = await token_for(owner)
    async with browser(app, owner) as client, browser(app) as elsewhere:
        elsewhere.cookies.set(COOKIE, other)
        await send(client, "/settings/account", name="Ada Lovelace")
        shown = (await client.get("/settings/account")).text
        assert "Ada Lovelace" in shown
        end = re.search(r"/settings/account/sessions/\w{26}/end", shown)
        assert end
        await send(client, end[0])
        assert (await elsewhere.get("/settings/account")).status_code == 303
        got = await send(client, "/settings/account/password", password=WORDS, email="ada@lovelace.example")
        assert got.status_code == 303
        wrong = await send(client, "/settings/account/password", present="wrong", password="a whole new one")
        assert (wrong.status_code, "present password is wrong" in wrong.text) == (422, True)
        out = await send(client, "/settings/account/sessions/end")
        assert out.headers["location"] == "/sign-in"
        assert (await client.get("/settings/account")).status_code == 303


async def test_the_trail_in_words(app: FastAPI, owner: Actor) -> None:
    async with browser(app, owner) as client:
        await send(client, "/settings/people", email="mira@example.org", role="viewer")
        shown = (await client.get("/settings/audit?action=person")).text
        assert "Person invited" in shown
        assert "Ada · email mira@example.org · role viewer" in shown
        assert "Nothing of this kind yet" in (await client.get("/settings/audit?action=channel")).text
        part = await client.get("/settings/audit?action=person", headers={"hx-request": "true"})
        assert "<html" not in part.text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("", "A program"),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert browser_name(agent) == name
