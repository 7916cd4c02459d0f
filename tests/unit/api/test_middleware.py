"""Request ids, other origins, bodies beyond the limit, health and the API's description."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import APIRouter, Request

from ainfluencer.api.schemas import Health
from ainfluencer.core import config
from ainfluencer.db.session import Database
from tests.support.clients import client_for, small_app


@pytest.mark.parametrize(
    ("given", "kept"), [("abcdef12-3456", True), ("x", False), ("a b c d e f g h", False), ("a" * 65, False)]
)
async def test_a_good_request_id_is_kept(settings: config.Settings, given: str, kept: bool) -> None:
    async with client_for(small_app()) as client:
        got = await client.get("/api/v2", headers={"x-request-id": given})
    assert (got.headers["x-request-id"] == given) is kept
    assert got.headers["x-request-id"]


async def test_head_is_answered_like_get_but_not_for_streams(settings: config.Settings) -> None:
    router = APIRouter()

    @router.get("/api/v2/events")
    async def stream() -> str:
        return "news"

    async with client_for(small_app(router)) as client:
        asked, got = await client.head("/api/v2"), await client.get("/api/v2")
        endless = await client.head("/api/v2/events?topics=a")
    assert asked.status_code == got.status_code == 200
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert endless.status_code == 405


async def test_files_of_strangers_are_not_taken_in(settings: config.Settings) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 1000

    async with client_for(small_app()) as client:
        kind = {"content-type": "multipart/form-data; boundary=x"}
        refused = await client.post("/api/v2/anything", content=parts(), headers=kind)
        shown = await client.post("/api/v2/anything", content=b"", headers=kind | {"authorization": "Bearer x"})
    assert refused.status_code == 401
    assert refused.json()["code"] == "not_signed_in"
    assert shown.status_code == 404


async def test_a_body_beyond_the_limit(settings: config.Settings) -> None:
    config.use(replace(settings, upload_max_bytes=1000))
    router = APIRouter()

    @router.post("/api/v2/test")
    async def take(request: Request) -> int:
        return len(await request.body())

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async with client_for(small_app(router)) as client:
        said = await client.post("/api/v2/test", content=b"x" * 1_100_000)
        unsaid = await client.post("/api/v2/test", content=endless())
        good = await client.post("/api/v2/test", content=b"x" * 900)
    assert (said.status_code, unsaid.status_code, good.status_code) == (413, 413, 200)
    assert said.json()["code"] == unsaid.json()["code"] == "too_large"


async def test_health_without_a_login(db: Database) -> None:
    app = small_app()
    async with client_for(app) as client:
        got = await client.get("/api/v2/health")
    assert got.status_code == 200
    assert got.json() | {"version": ""} == {
        "name": "ainfluencer",
        "status": "ok",
        "version": "",
        "checks": {"database": {"ok": True, "detail": ""}},
    }


async def test_health_of_failing_and_hanging_parts(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ainfluencer.api.api.CHECK_SECONDS", 1.0)  # the database is asked within it too

    async def low() -> Health:
        return Health(ok=False, detail="less than 1 GB free")

    async def broken() -> Health:
        raise RuntimeError("/home/ada/secret-path")

    async def hanging() -> Health:
        await asyncio.sleep(5)
        return Health(ok=True)

    async def out() -> Health:
        return Health(ok=False, critical=True)

    app = small_app()
    app.state.health_checks = {"disk": low, "engine": broken, "other": hanging}
    async with client_for(app) as client:
        got = await client.get("/api/v2/health")
        app.state.health_checks = {"engine": out}
        worse = await client.get("/api/v2/health")
    assert (got.status_code, got.json()["status"]) == (200, "degraded")
    assert got.json()["checks"]["disk"] == {"ok": False, "detail": "less than 1 GB free"}
    assert not got.json()["checks"]["other"]["ok"]
    assert "secret-path" not in got.text
    assert worse.status_code == 503


async def test_the_info_object(settings: config.Settings) -> None:
    async with client_for(small_app()) as client:
        for path in ("/api", "/api/v2"):
            body = (await client.get(path)).json()
            assert body["name"] == "ainfluencer"
            assert body["links"]["keys"] == "/api/v2/keys"


async def test_the_description_names_the_problem_and_the_logins(settings: config.Settings) -> None:
    async with client_for(small_app()) as client:
        body = (await client.get("/api/v2/openapi.json")).json()
    assert body["openapi"].startswith("3.1")
    assert set(body["components"]["securitySchemes"]) == {"bearer", "cookie"}
    for path, methods in body["paths"].items():
        for operation in methods.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"], path
            assert operation["tags"], path
            assert operation.get("description"), path
    assert body["paths"]["/api/v2/auth/sign-in"]["post"]["security"] == []
    assert "security" not in body["paths"]["/api/v2/keys"]["post"]
    assert "HTTPValidationError" not in body["components"]["schemas"]
