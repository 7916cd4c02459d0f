"""The inbox over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.inbox import api, service
from tests.support.clients import client_for, small_app
from tests.support.listeners import said
from tests.support.people import second_workspace
from tests.unit.inbox.conftest import World


@pytest.fixture
async def client(owner: Actor, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's client; Noor has written and liked."""
    world.bell.waiting = [said(1, "Is the water cold?", "p1"), said(2, "", "p1", kind="like")]
    await service.listen(owner, world.channel.id)
    async with client_for(small_app(api.router), owner) as made:
        yield made


async def test_list_show_answer_and_put_aside(client: httpx.AsyncClient, world: World) -> None:
    (talk,) = (await client.get("/api/v2/conversations")).json()["items"]
    assert (talk["author"], talk["post_id"], talk["unread"]) == ("Noor", world.post_id, 1)
    shown = (await client.get(f"/api/v2/conversations/{talk['id']}")).json()
    assert [m["text"] for m in shown["messages"]] == ["Is the water cold?"]
    sent = await client.post(f"/api/v2/conversations/{talk['id']}/replies", json={"text": "Very."})
    assert (sent.status_code, sent.json()["state"]) == (202, "sending")
    done = await client.put(f"/api/v2/conversations/{talk['id']}/state", json={"state": "done"})
    assert done.json()["state"] == "done"
    assert (await client.get("/api/v2/conversations")).json()["items"] == []
    assert len((await client.get("/api/v2/conversations", params={"state": "done"})).json()["items"]) == 1


async def test_reactions(client: httpx.AsyncClient) -> None:
    (one,) = (await client.get("/api/v2/reactions")).json()["items"]
    assert (one["kind"], one["author"]) == ("like", "Noor")


async def test_a_stranger_gets_404_and_a_bad_state_422(client: httpx.AsyncClient, db: Database) -> None:
    (talk,) = (await client.get("/api/v2/conversations")).json()["items"]
    wrong = await client.put(f"/api/v2/conversations/{talk['id']}/state", json={"state": "asleep"})
    assert wrong.status_code == 422
    async with client_for(small_app(api.router), await second_workspace(db)) as stranger:
        assert (await stranger.get(f"/api/v2/conversations/{talk['id']}")).status_code == 404
