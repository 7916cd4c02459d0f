"""Accounts over HTTP, as a program and as a browser see them."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from sqlalchemy import update

from ainfluencer.accounts import service
from ainfluencer.accounts.access import COOKIE, client_of, set_cookie
from ainfluencer.accounts.models import ApiKey, Session, User, Workspace
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.db.session import Database
from ainfluencer.web import security
from ainfluencer.web.deps import Write
from tests.support.clients import client_for, small_app, token_for
from tests.support.people import add_person, second_workspace

WORDS = "correct horse"


@pytest.fixture
def app(db: Database) -> FastAPI:
    return small_app()


async def test_register_sign_in_me_refresh_sign_out(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        await client.put("/api/v2/settings", json={"values": {"people.registration": "viewer"}})
    async with client_for(app) as client:
        mira = {"email": "mira@example.org", "password": WORDS}
        registered = await client.post("/api/v2/auth/register", json={**mira, "name": "Mira"})
        assert registered.status_code == 201
        twice = await client.post("/api/v2/auth/register", json={**mira, "name": "Mira"})
        assert (twice.status_code, twice.json()["code"]) == (409, "email_taken")
        signed = (await client.post("/api/v2/auth/sign-in", json=mira)).json()
        assert signed["token_type"] == "bearer"
        client.headers["Authorization"] = f"Bearer {signed['access_token']}"
        me = (await client.get("/api/v2/auth/me")).json()
        assert (me["user"]["email"], me["workspace"]["role"], me["rights"]) == ("mira@example.org", "viewer", ["read"])
        assert "hash" not in str(me)
        fresh = (await client.post("/api/v2/auth/refresh")).json()["access_token"]
        assert (await client.get("/api/v2/auth/me")).status_code == 401
        client.headers["Authorization"] = f"Bearer {fresh}"
        assert (await client.post("/api/v2/auth/sign-out")).status_code == 204
        gone = await client.get("/api/v2/auth/me")
    assert (gone.status_code, gone.json()["code"], gone.headers["www-authenticate"]) == (401, "session_ended", "Bearer")


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"email": "mira@example.org", "password": "short", "name": "Mira"}, 422, "password"),
        ({"email": "mira", "password": WORDS, "name": "Mira"}, 422, "email"),
        ({"email": "mira@example.org", "password": WORDS, "name": "\U0001f600" * 300}, 422, "name"),
        ({"email": "mira@example.org"}, 422, "password"),
    ],
)
async def test_bad_registrations(
    app: FastAPI, db: Database, owner: Actor, sent: dict[str, str], status: int, field: str
) -> None:
    async with db.writing() as session:
        await service.set_setting(session, owner, "people.registration", "viewer")
    async with client_for(app) as client:
        got = await client.post("/api/v2/auth/register", json=sent)
    assert got.status_code == status
    assert field in {e["field"] for e in got.json()["errors"]}
    assert WORDS not in got.text


async def test_closed_registration(app: FastAPI, owner: Actor) -> None:
    async with client_for(app) as client:
        got = await client.post(
            "/api/v2/auth/register", json={"email": "m@example.org", "password": WORDS, "name": "Mira"}
        )
    assert (got.status_code, got.json()["code"]) == (403, "registration_closed")


async def test_guessing_is_slowed_down_per_address_and_account(
    app: FastAPI, db: Database, workspace: Workspace
) -> None:
    await add_person(db, workspace, "Mira", Role.VIEWER, password=WORDS)
    wrong = {"email": "mira@example.org", "password": "wrong password"}
    async with client_for(app, address="192.0.2.1") as client:
        codes = [(await client.post("/api/v2/auth/sign-in", json=wrong)).status_code for _ in range(11)]
        assert codes == [401] * 10 + [429]
        other = await client.post("/api/v2/auth/sign-in", json={**wrong, "email": "bo@example.org"})
        assert (other.status_code, other.headers["x-ratelimit-limit"]) == (401, "10")
    async with client_for(app, address="192.0.2.2") as client:
        assert (await client.post("/api/v2/auth/sign-in", json={**wrong, "password": WORDS})).status_code == 200


async def test_bad_tokens_are_refused(app: FastAPI, owner: Actor) -> None:
    async with client_for(app) as client:
        for sent in ("Bearer ains_nonsense", "Bearer aink_nonsense", "Bearer ", "Basic YWRhOng=", "Bearer \xff", "x"):
            got = await client.get("/api/v2/auth/me", headers=[(b"authorization", sent.encode("latin-1"))])
            assert got.status_code == 401, sent
            assert (
                await client.post("/api/v2/auth/refresh", headers=[(b"authorization", sent.encode("latin-1"))])
            ).status_code in {401, 429}


async def browser_app() -> FastAPI:
    """With a page that signs in by cookie, as the real pages do."""
    router = APIRouter()

    @router.post("/api/v2/test/enter/{user_id}")
    async def enter(user_id: str, request: Request, response: Response, session: Write) -> None:
        user = await session.get_one(User, user_id)
        set_cookie(response, await service.open_session(session, user, client_of(request)))

    return small_app(router)


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(db: Database, owner: Actor) -> None:
    async with client_for(await browser_app()) as client:
        entered = await client.post(f"/api/v2/test/enter/{owner.user_id}")
        cookie = entered.headers["set-cookie"]
        assert (await client.get("/api/v2/auth/me")).json()["via"] == "page"
        made = {"name": "CI", "scopes": ["read"]}
        token = {"x-csrf": security._token(client.cookies[COOKIE])}
        evil = await client.post("/api/v2/keys", json=made, headers={"origin": "http://evil.example", **token})
        blind = await client.post("/api/v2/keys", json=made)
        good = await client.post("/api/v2/keys", json=made, headers={"origin": "http://testserver", **token})
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert (evil.status_code, blind.status_code, good.status_code) == (403, 403, 201)


async def test_a_session_without_a_password_stays_on_this_computer(app: FastAPI, db: Database, owner: Actor) -> None:
    token = await token_for(owner)
    async with db.writing() as session:
        await session.execute(update(Session).values(is_local=True))
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.0.2.7", 401)):
        async with client_for(app, address=address, cookies={COOKIE: token}) as client:
            assert (await client.get("/api/v2/auth/me")).status_code == status


async def test_the_launcher_gets_a_way_in_with_the_key_of_the_data_folder(app: FastAPI, db: Database) -> None:
    async with db.writing() as session:
        path = await service.ensure_cli_key(session, db.config.data)
    key = {"Authorization": f"Bearer {path.read_text('utf-8').strip()}"}
    async with client_for(app) as client, client_for(app, address="192.0.2.7") as far:
        got = await client.post("/api/v2/auth/way-in", headers=key)
        assert got.json()["path"].startswith("/welcome?token=ainl_")
        assert (await far.post("/api/v2/auth/way-in", headers=key)).status_code == 403
    async with client_for(app, await second_workspace(db)) as stranger:
        assert (await stranger.post("/api/v2/auth/way-in")).status_code == 403


async def test_claiming_over_http(app: FastAPI, db: Database) -> None:
    async with db.writing() as session:
        token = await service.first_link(session)
    async with client_for(app, address="192.0.2.7") as client:
        far = await client.post("/api/v2/auth/claims", json={"token": token, "name": "Ada"})
        assert far.status_code == 403
    async with client_for(app) as client:
        near = await client.post("/api/v2/auth/claims", json={"token": token, "name": "Ada"})
        assert (near.status_code, near.json()["user"]["has_password"]) == (201, False)
        again = await client.post("/api/v2/auth/claims", json={"token": token, "name": "Mallory"})
        assert (again.status_code, again.json()["code"]) == (422, "link_invalid")


async def with_key(client: httpx.AsyncClient, **body: object) -> dict[str, str]:
    made = (await client.post("/api/v2/keys", json={"name": "CI", **body})).json()
    return {"Authorization": f"Bearer {made['secret']}"}


async def test_a_key_reaches_as_far_as_its_scopes(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client, client_for(app) as program:
        reader = await with_key(client, scopes=["read"])
        assert (await program.get("/api/v2/people", headers=reader)).status_code == 200
        assert (await program.get("/api/v2/keys", headers=reader)).status_code == 403
        assert (
            await program.put("/api/v2/settings", json={"values": {"people.registration": "viewer"}}, headers=reader)
        ).status_code == 403
        assert (await program.get("/api/v2/auth/me", headers=reader)).json()["rights"] == ["read"]
        keeper = await with_key(client, scopes=["own", "read"])
        assert (await program.get("/api/v2/keys", headers=keeper)).status_code == 200
        more = await program.post("/api/v2/keys", json={"name": "x", "scopes": ["publish"]}, headers=keeper)
        assert (more.status_code, more.json()["code"]) == (403, "not_allowed")
        switch = await program.put(f"/api/v2/auth/workspace/{owner.workspace_id}", headers=keeper)
        assert switch.status_code == 401


async def test_a_key_ends_by_date_by_hand_and_with_its_maker(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace
) -> None:
    mira = await add_person(db, workspace, "Mira", Role.OWNER)
    async with client_for(app, owner) as client, client_for(app, mira) as other, client_for(app) as program:
        key = await with_key(client, scopes=["read"], expires_at=(clock.now() + timedelta(hours=1)).isoformat())
        assert (await program.get("/api/v2/people", headers=key)).status_code == 200
        async with db.writing() as session:
            await session.execute(update(ApiKey).values(expires_at=clock.from_now(seconds=-1)))
        assert (await program.get("/api/v2/people", headers=key)).json()["code"] == "key_invalid"
        key = await with_key(client, scopes=["read"])
        newest = (await client.get("/api/v2/keys")).json()["items"][0]
        assert "secret" not in newest
        assert (await client.delete(f"/api/v2/keys/{newest['id']}")).json()["revoked_at"]
        assert (await program.get("/api/v2/people", headers=key)).status_code == 401
        hers = await with_key(other, scopes=["read", "own"])
        await client.patch(f"/api/v2/people/{mira.user_id}", json={"role": "viewer"})
        assert (await program.get("/api/v2/keys", headers=hers)).status_code == 403, "a key follows its maker's role"
        await client.delete(f"/api/v2/people/{mira.user_id}")
        assert (await program.get("/api/v2/people", headers=hers)).status_code == 401


async def test_invitation_and_reset_links_over_http(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client, client_for(app) as guest:
        invited = (
            await client.post("/api/v2/invitations", json={"email": "mira@example.org", "role": "creator"})
        ).json()
        token = invited["path"].removeprefix("/invitation?token=")
        joined = await guest.post("/api/v2/auth/invitations", json={"token": token, "password": WORDS, "name": "Mira"})
        assert joined.status_code == 201
        user_id = joined.json()["user"]["id"]
        link = (await client.post(f"/api/v2/people/{user_id}/password-reset")).json()["path"]
        token = link.removeprefix("/new-password?token=")
        body = {"token": token, "password": "a whole new one"}
        assert (await guest.post("/api/v2/auth/password-resets", json=body)).status_code == 204
        assert (await guest.post("/api/v2/auth/password-resets", json=body)).status_code == 422
        for password, status in ((WORDS, 401), ("a whole new one", 200)):
            got = await guest.post("/api/v2/auth/sign-in", json={"email": "mira@example.org", "password": password})
            assert got.status_code == status


async def test_the_trail_pages_and_filters(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        for n in range(5):
            await client.post("/api/v2/invitations", json={"email": f"p{n}@example.org", "role": "viewer"})
        first = (await client.get("/api/v2/audit?action=person&limit=3")).json()
        second = (await client.get(f"/api/v2/audit?action=person&limit=3&cursor={first['next_cursor']}")).json()
        emails = [e["details"]["email"] for e in first["items"] + second["items"]]
        assert emails == [f"p{n}@example.org" for n in range(4, -1, -1)]
        assert second["next_cursor"] is None
        for bad in ("limit=0", "limit=201", "cursor=nonsense"):
            got = await client.get(f"/api/v2/audit?{bad}")
            assert (got.status_code, got.json()["errors"][0]["field"]) == (422, bad.split("=")[0])


async def test_workspaces_and_switching(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        made = (await client.post("/api/v2/workspaces", json={"name": "Second", "timezone": "Europe/Paris"})).json()
        wrong = await client.post("/api/v2/workspaces", json={"name": "Third", "timezone": "Europe/Pari"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "timezone")
        assert (await client.put(f"/api/v2/auth/workspace/{made['id']}")).status_code == 204
        listed = (await client.get("/api/v2/workspaces")).json()["items"]
        assert [(w["name"], w["is_current"]) for w in listed] == [("Harbour", False), ("Second", True)]
        assert (await client.patch("/api/v2/workspace", json={"name": "Renamed"})).json()["name"] == "Renamed"
        key = await with_key(client, scopes=["read"])
    async with client_for(app) as program:
        seen = (await program.get("/api/v2/workspaces", headers=key)).json()["items"]
    assert [w["name"] for w in seen] == ["Renamed"]


@pytest.mark.parametrize("role", list(Role))
async def test_what_each_role_may_do_with_people_and_keys(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace, role: Role
) -> None:
    mira = await add_person(db, workspace, "Mira", role)
    async with client_for(app, mira) as client:
        own = 200 if role == Role.OWNER else 403
        assert (await client.get("/api/v2/people")).status_code == 200
        for path in ("/api/v2/keys", "/api/v2/audit", "/api/v2/invitations"):
            assert (await client.get(path)).status_code == own
        renamed = await client.patch("/api/v2/workspace", json={"name": "New"})
        assert renamed.status_code == (200 if mira.can(Right.MANAGE) else 403)


async def test_another_workspace_sees_and_reaches_nothing(app: FastAPI, db: Database, owner: Actor) -> None:
    stranger = await second_workspace(db)
    async with client_for(app, owner) as client:
        key = (await client.post("/api/v2/keys", json={"name": "CI", "scopes": ["read"]})).json()["key"]
        await client.post("/api/v2/invitations", json={"email": "mira@example.org", "role": "viewer"})
        invitation = (await client.get("/api/v2/invitations")).json()["items"][0]
        session_id = (await client.get("/api/v2/auth/sessions")).json()["items"][0]["id"]
    async with client_for(app, stranger) as client:
        for path in ("people", "keys", "invitations", "audit", "workspaces", "auth/sessions", "settings"):
            text = (await client.get(f"/api/v2/{path}")).text
            for foreign in ("Ada", "ada@", key["id"], "mira@", "Harbour", owner.workspace_id, str(owner.user_id)):
                assert foreign not in text, path
        for method, path in (
            ("GET", f"people/{owner.user_id}"),
            ("PATCH", f"people/{owner.user_id}"),
            ("DELETE", f"people/{owner.user_id}"),
            ("POST", f"people/{owner.user_id}/password-reset"),
            ("GET", f"keys/{key['id']}"),
            ("DELETE", f"keys/{key['id']}"),
            ("DELETE", f"invitations/{invitation['id']}"),
            ("DELETE", f"auth/sessions/{session_id}"),
            ("PUT", f"auth/workspace/{owner.workspace_id}"),
        ):
            body = {"role": "viewer"} if method == "PATCH" else None
            got = await client.request(method, f"/api/v2/{path}", json=body)
            assert got.status_code == 404, path


async def test_every_route_but_the_public_ones_needs_a_login(app: FastAPI) -> None:
    async with client_for(app) as client:
        description = (await client.get("/api/v2/openapi.json")).json()
        asked = 0
        for path, methods in description["paths"].items():
            for method, operation in methods.items():
                if operation.get("security") == []:
                    continue
                got = await client.request(method, path.replace("{", "").replace("}", ""), json={})
                assert got.status_code == 401, f"{method} {path}: {got.text}"
                asked += 1
    assert asked > 20
