"""What every route owes: a login, a role, a refusal that can be read, and the same answer to the same key."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest

from ainfluencer.accounts import service as accounts
from ainfluencer.core.actor import Right, Role
from ainfluencer.db.session import database
from tests.contract.conftest import Worlds
from tests.support.clients import token_for
from tests.support.crawl import Route, changes, known, routes, rows
from tests.support.seeding import add_member

API = [route for route in routes() if route.kind == "api"]
UNSAFE = [route for route in routes() if route.method != "GET" and route.kind != "own"]
OPEN = {
    "/api/v2/health": "says whether the instance works",
    "/api/v2": "says where to begin",
    "/api": "the same as a page",
    "/api/v2/auth/register": "nobody is signed in yet",
    "/api/v2/auth/sign-in": "nobody is signed in yet",
    "/api/v2/auth/claims": "a one-time link is the login",
    "/api/v2/auth/invitations": "a one-time link is the login",
    "/api/v2/auth/password-resets": "a one-time link is the login",
    "/api/v2/auth/verifications": "a one-time link is the login",
    "/welcome": "a one-time link is the login",
    "/invitation": "a one-time link is the login",
    "/new-password": "a one-time link is the login",
    "/forgotten-password": "nobody is signed in yet",
    "/api/v2/auth/password-letters": "nobody is signed in yet",
    "/verify": "a one-time link is the login",
    "/sign-in": "nobody is signed in yet",
    "/register": "nobody is signed in yet",
    "/sign-out": "leaving twice is no fault",
}
"""What answers without a login, and why."""

OWN_AFFAIRS = {
    "/api/v2/auth/sign-out", "/api/v2/auth/sign-out-everywhere", "/api/v2/auth/refresh", "/api/v2/auth/password",
    "/api/v2/auth/sessions/{session_id}", "/api/v2/auth/workspace/{workspace_id}", "/workspace", "/sign-out",
    "/settings/account", "/settings/account/password", "/settings/account/sessions/end",
    "/settings/account/sessions/{session_id}/end", "/api/v2/workspaces", "/settings/workspaces",
}  # fmt: skip
"""What everybody may do with their own name, password, sessions and workspaces."""

BOOKS = {"sessions", "users", "api_keys", "api_idempotency", "one_time_links", "workers"}
"""Tables in which asking alone leaves its time."""


async def ask(worlds: Worlds, route: Route, client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    """The plausible request about the full workspace."""
    return await client.request(route.method, route.fill(worlds.full.ids), **{**worlds.body(route), **more})


def check_problem(answer: httpx.Response) -> None:
    """A refusal as every client can read it."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text[:300]
    said = answer.json()
    assert said["status"] == answer.status_code
    for word in ("code", "detail", "next_step", "title", "request_id"):
        assert said[word], f"{word} is empty in {said}"
    assert "Traceback" not in answer.text


# -- the login --


@pytest.mark.parametrize("route", [one for one in routes() if one.kind != "own"], ids=str)
async def test_nothing_without_a_login(worlds: Worlds, route: Route) -> None:
    async with worlds.client() as client:
        answer = await ask(worlds, route, client)
    if route.path in OPEN:
        assert answer.status_code < 500
        assert worlds.full.mark not in answer.text
        return
    if route.kind == "api":
        assert answer.status_code == 401, answer.text[:300]
        check_problem(answer)
        assert answer.headers["www-authenticate"] == "Bearer"
        return
    # A form of a stranger is stopped by its missing token before anybody asks who sent it.
    assert answer.status_code in ({303} if route.method == "GET" else {303, 403}), answer.text[:300]
    if answer.status_code == 303:
        target = answer.headers["location"]
        assert target.startswith("/sign-in") or known(target), target
        assert target not in OPEN, target
    assert not {name for name in changes(worlds.before, rows(worlds.data)) if name != "api_idempotency"}


@pytest.mark.parametrize("route", [one for one in routes() if one.kind == "own"], ids=str)
async def test_apis_of_their_own_want_their_own_token(worlds: Worlds, route: Route) -> None:
    for token in ("", worlds.tokens[worlds.full.mark]):
        async with worlds.client(token=token) as client:
            answer = await client.request(route.method, route.fill(worlds.full.ids), json={"name": "Ada"})
        assert answer.status_code in {401, 422}, answer.text[:300]
        assert answer.status_code == 401 or not token or "authorization" not in answer.text
        assert not set(changes(worlds.before, rows(worlds.data)))


def test_what_is_open_exists() -> None:
    assert set(OPEN) <= {route.path for route in routes()}
    assert {route.path for route in routes()} >= OWN_AFFAIRS


# -- the role --


@pytest.mark.parametrize(
    "route", [one for one in UNSAFE if one.path not in OPEN and one.path not in OWN_AFFAIRS], ids=str
)
async def test_a_viewer_changes_nothing(worlds: Worlds, route: Route) -> None:
    viewer = await add_member(worlds.full, "Vera", Role.VIEWER)
    token = await token_for(viewer)
    before = rows(worlds.data, skip=BOOKS)
    async with worlds.client(token=token) as client:
        answer = await ask(worlds, route, client)
    changed = changes(before, rows(worlds.data, skip=BOOKS))
    seen = (
        {"stage_accounts", "stage_reactions", "stage_posts", "stage_follows"}
        if route.path.startswith("/stage")
        else set()
    )
    assert not set(changed) - seen, f"{answer.status_code}: {changed}"
    assert answer.status_code != 500, answer.text[:300]


@pytest.mark.parametrize("route", [one for one in UNSAFE if one.kind == "api" and one.path not in OPEN], ids=str)
async def test_a_key_that_may_only_read_changes_nothing(worlds: Worlds, route: Route) -> None:
    async with database().writing() as session:
        _, secret = await accounts.create_key(session, worlds.full.actor, "Reader", {Right.READ})
    before = rows(worlds.data, skip=BOOKS)
    async with worlds.client(token=secret) as client:
        answer = await ask(worlds, route, client)
    assert not changes(before, rows(worlds.data, skip=BOOKS)), answer.text[:300]
    if answer.status_code >= 400:
        check_problem(answer)


# -- refusals --


@pytest.mark.parametrize("route", [one for one in API if one.parameters and "form" not in one.parameters], ids=str)
async def test_what_is_not_there_is_not_found(worlds: Worlds, route: Route) -> None:
    unknown = dict.fromkeys(route.parameters, "01jb0000000000000000000000") | {"index": "0"}
    async with worlds.client(worlds.full) as client:
        answer = await client.request(route.method, route.fill(unknown), **worlds.body(route))
    assert answer.status_code in {404, 422} if route.method != "GET" else {404}, answer.text[:300]
    check_problem(answer)


@pytest.mark.parametrize("route", [one for one in API if one.form and "file" not in one.form], ids=str)
async def test_broken_json_is_refused(worlds: Worlds, route: Route) -> None:
    async with worlds.client(worlds.full) as client:
        for broken in (b'{"name": ', b"[1, 2]", b"\xff\xfe", b'"text"'):
            answer = await client.request(
                route.method, route.fill(worlds.full.ids), content=broken, headers={"content-type": "application/json"}
            )
            assert answer.status_code == 422, (broken[:20], answer.text[:300])
            check_problem(answer)
        answer = await client.request(
            route.method,
            route.fill(worlds.full.ids),
            content=b'{"name": ' + b"[" * 20000,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code in {400, 422}, answer.text[:300]
        check_problem(answer)


@pytest.mark.parametrize("path", sorted({one.path for one in API}))
async def test_the_wrong_method_is_said(worlds: Worlds, path: str) -> None:
    there = {one.method for one in API if one.path == path}
    route = next(one for one in API if one.path == path)
    others = {one.method for one in API if one.regex.match(route.fill(worlds.full.ids))}
    async with worlds.client(worlds.full) as client:
        for method in {"PUT", "PATCH", "DELETE", "POST"} - there - others:
            answer = await client.request(method, route.fill(worlds.full.ids))
            assert answer.status_code == 405, answer.text[:300]
            check_problem(answer)


async def test_every_error_code_of_the_api_is_a_word(worlds: Worlds) -> None:
    async with worlds.client(worlds.full) as client:
        answer = await client.get("/api/v2/no-such-thing")
        check_problem(answer)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


# -- the same key, the same answer --

TWICE = [
    one for one in API if one.method == "POST" and one.path not in OPEN and not one.path.startswith("/api/v2/auth")
]


@pytest.mark.parametrize("route", TWICE, ids=str)
async def test_the_same_key_has_its_effect_once(worlds: Worlds, route: Route) -> None:
    key = {"Idempotency-Key": secrets.token_hex(8)}
    async with worlds.client(worlds.full) as client:
        asked = client.build_request(route.method, route.fill(worlds.full.ids), **worlds.body(route), headers=key)
        sent, kind = await asked.aread(), {"content-type": asked.headers.get("content-type", "application/json")}
        # The very same bytes: a form that is packed again has another boundary and is another request.
        first = await client.request(route.method, asked.url, content=sent, headers=key | kind)
        between = rows(worlds.data, skip=BOOKS)
        second = await client.request(route.method, asked.url, content=sent, headers=key | kind)
    if first.status_code < 400:
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert not changes(between, rows(worlds.data, skip=BOOKS))
    else:
        assert second.status_code in (first.status_code, 409)
        check_problem(second)
