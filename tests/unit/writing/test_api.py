"""The JSON routes of writing and makers, spoken to as a signed-in person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.makers.api import router as makers_router
from ainfluencer.writing.api import router as writing_router
from tests.support.clients import client_for, small_app
from tests.support.text_servers import TextServer, post


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(makers_router, writing_router), owner) as made:
        yield made
    await close_pools()


@pytest.fixture
async def character_id(db: Database, owner: Actor) -> str:
    draft = CharacterDraft(name="Mira", bio="Mira keeps a logbook of every ship.", age=29)
    async with db.writing() as session:
        return (await characters.create(session, owner, draft, picture=None)).id


async def test_from_no_model_to_a_connected_one(client: httpx.AsyncClient, character_id: str) -> None:
    health = (await client.get("/api/v2/texts/health")).json()
    assert health["status"] == "unavailable"
    async with TextServer(lambda body: f"about: {body['messages'][-1]['content']}") as server:
        settings = {"settings": {"base_url": f"{server.url}/v1"}, "secrets": {"api_key": "sk-0123456789abcdef"}}
        put = await client.put("/api/v2/makers/openai_text", json=settings)
        assert put.status_code == 200
        assert "sk-0123456789abcdef" not in put.text
        assert put.json()["account"].startswith("scripted")
        kinds = {row["kind"]: row["makers"] for row in (await client.get("/api/v2/makers/kinds")).json()["items"]}
        assert kinds["text"][0]["slug"] == "openai_text"
        models = (await client.get("/api/v2/texts/models")).json()
        assert {"maker": "openai_text", "name": "scripted", "size_bytes": 0, "notes": ""} in models["items"]
        made = (await client.post("/api/v2/texts", json={"prompt": "the tide", "character_id": character_id})).json()
        assert made["text"] == "about: the tide"
        assert made["usage"] == {"prompt_tokens": 7, "completion_tokens": 5}
        assert "Mira" in server.bodies[-1]["messages"][0]["content"]
    assert (await client.delete("/api/v2/makers/openai_text")).status_code == 204


async def test_refusals_have_a_next_step(client: httpx.AsyncClient) -> None:
    refused = await client.post("/api/v2/texts", json={"prompt": "a sexy schoolgirl"})
    assert refused.status_code == 409
    assert refused.json()["code"] == "minor_safety"
    no_model = await client.post("/api/v2/texts", json={"prompt": "the tide"})
    assert no_model.json()["code"] == "not_connected"
    assert "models install" in no_model.json()["next_step"]
    assert (await client.get("/api/v2/makers", params={"kind": "smell"})).status_code == 422


async def test_a_draft_from_brief_to_edited_choice(client: httpx.AsyncClient, character_id: str) -> None:
    brief = {"character_id": character_id, "theme": "the harbour", "format": "quote"}
    draft = (await client.post("/api/v2/drafts", json=brief)).json()
    assert draft["chosen"] == 0
    assert draft["candidates"][0]["caption"]
    path = f"/api/v2/drafts/{draft['id']}"
    assert (await client.put(f"{path}/choice", json={"index": 1})).json()["chosen"] == 1
    edited = (await client.patch(f"{path}/candidates/1", json={"caption": "Mine."})).json()
    assert edited["candidates"][1]["caption"] == "Mine."
    listed = (await client.get("/api/v2/drafts", params={"character_id": character_id})).json()
    assert [row["id"] for row in listed["items"]] == [draft["id"]]


async def test_captions_descriptions_and_replies(client: httpx.AsyncClient, character_id: str) -> None:
    asked = {"character_id": character_id, "platform": "twitter", "subject": "surfing at sunrise"}
    written = (await client.post("/api/v2/captions", json=asked)).json()
    assert written["candidates"][0]["hashtags"]
    told = (await client.post("/api/v2/descriptions", json={"character_id": character_id})).json()
    assert told["text"] == "I keep a logbook of every ship."
    lines = [{"author": "Niko", "text": "Lovely light."}]
    replies = (await client.post("/api/v2/replies", json={"character_id": character_id, "lines": lines})).json()
    assert len(replies["items"]) == 3


async def test_a_text_that_came_out_wrong_is_not_handed_on(client: httpx.AsyncClient) -> None:
    async with TextServer(lambda _body: "an explicit sex scene") as server:
        await client.put("/api/v2/makers/openai_text", json={"settings": {"base_url": f"{server.url}/v1"}})
        assert (await client.post("/api/v2/texts", json={"prompt": "the tide"})).status_code == 409
        server.write = lambda _body: post("I am a real human, call me.")
        made = (await client.post("/api/v2/texts", json={"prompt": "the tide"})).json()
        assert any("human" in warning for warning in made["warnings"])
