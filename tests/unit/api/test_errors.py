"""Every refusal has one shape, wherever it comes from."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError

from ainfluencer.core import config, errors
from ainfluencer.core.clock import from_now
from tests.support.clients import client_for, small_app

SHAPE = {"type", "title", "status", "detail", "code", "next_step", "errors", "request_id"}


class Sent(BaseModel):
    name: str = Field(max_length=5)
    traits: dict[str, float] = {}


RAISED: dict[str, Exception] = {
    "invalid": errors.InvalidInput("Too long.", field="name"),
    "missing": errors.NotFound("No such thing."),
    "policy": errors.PolicyRefused("The rule about labels forbids it."),
    "limited": errors.RateLimited("mastodon", "Slow down.", until=from_now(seconds=30)),
    "outside": errors.Unreachable("mastodon", "No answer."),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "sqlite_full": OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full")),
    "locked": OperationalError("insert", {}, sqlite3.OperationalError("database is locked")),
    "slow": TimeoutError(),
    "gone": ConnectionResetError(),
    "bug": KeyError("password=hunter2hunter2"),
}


@pytest.fixture
def app(settings: config.Settings) -> FastAPI:
    router = APIRouter()

    @router.get("/api/v2/test/{name}")
    @router.get("/page/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @router.post("/api/v2/test")
    async def take(body: Sent) -> Sent:
        return body

    return small_app(router)


async def ask(app: FastAPI, path: str, method: str = "GET", **options: Any) -> httpx.Response:
    async with client_for(app) as client:
        return await client.request(method, path, **options)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("invalid", 422, "invalid_input"),
        ("missing", 404, "not_found"),
        ("policy", 409, "policy_refused"),
        ("limited", 502, "rate_limited"),
        ("outside", 502, "unreachable"),
        ("full", 507, "disk_full"),
        ("sqlite_full", 507, "disk_full"),
        ("locked", 503, "busy"),
        ("slow", 504, "timed_out"),
        ("gone", 503, "busy"),
        ("bug", 500, "internal_error"),
    ],
)
async def test_refusals(app: FastAPI, name: str, status: int, code: str) -> None:
    got = await ask(app, f"/api/v2/test/{name}")
    body = got.json()
    assert got.headers["content-type"] == "application/problem+json"
    assert (got.status_code, body["status"], body["code"]) == (status, status, code)
    assert set(body) >= SHAPE
    assert all(body[k] for k in ("title", "detail", "next_step"))
    assert body["request_id"] == got.headers["x-request-id"]
    assert "hunter2" not in got.text


async def test_a_field_is_named(app: FastAPI) -> None:
    body = (await ask(app, "/api/v2/test/invalid")).json()
    assert body["errors"] == [{"field": "name", "message": "Too long.", "code": "invalid_input"}]


async def test_waiting_times_are_said(app: FastAPI) -> None:
    RAISED["limited"] = errors.RateLimited("mastodon", "Slow down.", until=from_now(seconds=30))
    got = await ask(app, "/api/v2/test/limited")
    assert 25 <= int(got.headers["retry-after"]) <= 30
    assert got.json()["service"] == "mastodon"


async def test_validation_lists_every_field(app: FastAPI) -> None:
    got = await ask(app, "/api/v2/test", "POST", json={"name": "much too long", "traits": {"humor": "x"}})
    assert got.status_code == 422
    assert {e["field"] for e in got.json()["errors"]} == {"name", "traits.humor"}
    broken = await ask(app, "/api/v2/test", "POST", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 422
    assert set(broken.json()) >= SHAPE


async def test_what_the_framework_refuses(app: FastAPI) -> None:
    missing = await ask(app, "/api/v2/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = await ask(app, "/api/v2/health", "DELETE")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "GET")


async def test_details_are_shown_only_in_debug(app: FastAPI, settings: config.Settings) -> None:
    assert "KeyError" not in (await ask(app, "/api/v2/test/bug")).json()["detail"]
    config.use(replace(settings, debug=True))
    assert "KeyError" in (await ask(app, "/api/v2/test/bug")).json()["detail"]


async def test_pages_get_html_and_are_escaped(app: FastAPI) -> None:
    RAISED["<b>"] = errors.NotFound("<script>alert(1)</script>")
    got = await ask(app, "/page/<b>", headers={"accept": "text/html"})
    assert got.status_code == 404
    assert got.headers["content-type"].startswith("text/html")
    assert "<script>" not in got.text
    assert "Check the address" in got.text


async def test_a_page_without_login_leads_to_the_sign_in(app: FastAPI) -> None:
    RAISED["login"] = errors.NotSignedIn("Nobody is signed in.")
    got = await ask(app, "/page/login?x=1", headers={"accept": "text/html"})
    assert (got.status_code, got.headers["location"]) == (303, "/sign-in?next=%2Fpage%2Flogin%3Fx%3D1")
    swapped = await ask(app, "/page/login", headers={"accept": "text/html", "hx-request": "true"})
    assert swapped.headers["hx-redirect"].startswith("/sign-in")
    api = await ask(app, "/api/v2/test/login", headers={"accept": "text/html"})
    assert (api.status_code, api.headers["www-authenticate"]) == (401, "Bearer")
