"""Channels and platforms over HTTP: what goes in, and above all what never comes out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from ainfluencer.channels.api import router
from ainfluencer.core import config
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from tests.support.clients import client_for, small_app
from tests.support.platforms.bluesky import Platform
from tests.support.platforms.double import SECRET


@pytest.fixture
def app(db: Database) -> FastAPI:
    return small_app(router)


@pytest.fixture
async def platform(db: Database) -> AsyncIterator[Platform]:
    config.use(replace(config.settings(), allow_private_urls=True))
    async with Platform() as double:
        yield double
        await close_pools()


def body(platform: Platform, **changes: str) -> dict[str, object]:
    secrets = {"password": changes.pop("password", SECRET)}
    return {
        "platform": "bluesky",
        "settings": {"url": platform.url, "handle": "mira.test", **changes},
        "secrets": secrets,
    }


async def test_platforms_say_what_they_can_do_and_what_is_allowed(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        found = (await client.get("/api/v2/platforms")).json()
        one = (await client.get("/api/v2/platforms/bluesky")).json()
        icon = await client.get("/api/v2/platforms/bluesky/icon")
        setup = await client.get("/api/v2/platforms/bluesky/setup")
        missing = await client.get("/api/v2/platforms/nowhere")
    assert one in found["items"]
    assert one["limits"]["text"] == 300
    assert one["grade"]["grade"] in {"draft", "rehearsed", "proven"}
    assert {rule["action"]: rule["allowed"] for rule in one["rules"]}["like"] is False
    assert [field["name"] for field in one["fields"] if field["secret"]] == ["password"]
    assert (icon.headers["content-type"], setup.headers["content-type"][:13]) == ("image/svg+xml", "text/markdown")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_connect_look_change_and_end(app: FastAPI, owner: Actor, platform: Platform) -> None:
    async with client_for(app, owner) as client:
        refused = await client.post("/api/v2/channels", json=body(platform, password="wrong-password"))
        assert (refused.status_code, refused.json()["code"]) == (502, "login_expired")
        assert (await client.get("/api/v2/channels")).json() == {"items": [], "next_cursor": None}
        made = await client.post("/api/v2/channels", json=body(platform))
        assert made.status_code == 201
        path = f"/api/v2/channels/{made.json()['id']}"
        changed = await client.patch(path, json={"title": "Morning posts", "settings": {"handle": "mira.test"}})
        assert changed.json()["title"] == "Morning posts"
        assert (await client.put(f"{path}/pause")).json()["state"] == "paused"
        assert (await client.delete(f"{path}/pause")).json()["state"] == "connected"
        checked = await client.post(f"{path}/check")
        assert checked.status_code == 202
        listed = await client.get("/api/v2/channels", params={"platform": "bluesky"})
        assert [row["id"] for row in listed.json()["items"]] == [made.json()["id"]]
        assert (await client.delete(path)).json()["state"] == "disconnected"
        assert (await client.get(path)).json()["state"] == "disconnected"
    for reply in (refused, made, changed, checked, listed):
        assert SECRET not in reply.text
        assert "wrong-password" not in reply.text
        assert "secrets" not in reply.text


async def test_a_form_that_is_not_whole_names_its_field(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        made = await client.post("/api/v2/channels", json={"platform": "bluesky", "settings": {"handle": "mira.test"}})
    assert (made.status_code, made.json()["errors"][0]["field"]) == (422, "password")
