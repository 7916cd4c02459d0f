"""Behind a reverse proxy nobody is taken for the person at this computer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fastapi import FastAPI

from ainfluencer.accounts import service
from ainfluencer.core import config
from ainfluencer.db.session import Database
from ainfluencer.main import Server
from tests.support.clients import client_for, small_app

FORGED = [{"x-forwarded-for": "127.0.0.1"}, {"x-real-ip": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}]


@pytest.fixture
def app(db: Database) -> FastAPI:
    return small_app()


@pytest.mark.parametrize("headers", FORGED)
async def test_a_claim_without_a_password_does_not_come_through_a_proxy(
    app: FastAPI, db: Database, headers: dict[str, str]
) -> None:
    async with db.writing() as session:
        await service.ensure_first_workspace(session)
        token = await service.first_link(session)
    body = {"token": token, "name": "Ada"}
    async with client_for(app) as client:
        refused = await client.post("/api/v2/auth/claims", json=body, headers=headers)
        assert refused.status_code == 403
        assert (await client.post("/api/v2/auth/claims", json=body)).status_code == 201


async def test_a_session_without_a_password_ends_at_the_proxy(app: FastAPI, db: Database) -> None:
    async with db.writing() as session:
        await service.ensure_first_workspace(session)
        token = await service.first_link(session)
    async with client_for(app) as client:
        made = (await client.post("/api/v2/auth/claims", json={"token": token, "name": "Ada"})).json()
        signed = {"authorization": f"Bearer {made['access_token']}"}
        assert (await client.get("/api/v2/auth/me", headers=signed)).status_code == 200
        outside = await client.get("/api/v2/auth/me", headers=signed | FORGED[0])
    assert outside.status_code == 401
    assert outside.json()["code"] == "local_only"


def test_the_server_believes_the_proxies_of_the_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own variable; ours decides
    made = Server(replace(config.load(), trusted_proxies="10.85.0.2"))
    assert made.config.forwarded_allow_ips == "10.85.0.2"
    assert made.config.proxy_headers
