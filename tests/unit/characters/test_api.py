"""The JSON routes of characters."""

from __future__ import annotations

from ainfluencer.characters.api import router
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from tests.support.clients import client_for, small_app


async def test_a_life_through_the_api(db: Database, owner: Actor) -> None:
    async with client_for(small_app(router), owner) as client:
        body = {
            "name": "Mira",
            "template": "creative",
            "persona": {"traits": {"humor": 0.9}},
            "look": {"hair": "brown"},
        }
        made = await client.post("/api/v2/characters", json=body)
        assert made.status_code == 201, made.text
        character = made.json()
        where = f"/api/v2/characters/{character['id']}"
        assert character["persona"]["traits"] == {
            "extroversion": 0.5,
            "creativity": 0.97,
            "humor": 0.9,
            "professionalism": 0.5,
            "authenticity": 0.8,
        }
        changed = await client.put(where, json={"bio": "New", "look": {"eyes": "grey"}})
        assert changed.json()["bio"] == "New"
        assert (changed.json()["look"]["hair"], changed.json()["look"]["eyes"]) == ("brown", "grey")
        paused = await client.put(f"{where}/status", json={"status": "paused"})
        assert paused.json()["is_active"] is False
        listed = await client.get("/api/v2/characters", params={"status": "paused", "search": "MIR"})
        assert (listed.json()["total"], listed.json()["counts"]["paused"]) == (1, 1)
        exported = await client.get(f"{where}/persona.json")
        assert exported.json()["persona"]["traits"]["humor"] == 0.9
        prompt = await client.get(f"{where}/persona.txt")
        assert prompt.text.startswith("You are Mira")
        assert "openly synthetic" in prompt.text
        consent = await client.post(f"{where}/consents", json={"kind": "own", "statement": "It is my face."})
        assert consent.json()["holds"] is True
        ended = await client.post(f"{where}/consents/{consent.json()['id']}/revocation")
        assert ended.json()["holds"] is False
        assert (await client.delete(where)).status_code == 204
        assert (await client.get("/api/v2/characters")).json()["total"] == 0
        assert (await client.get(where)).json()["status"] == "deleted"
        assert (await client.post(f"{where}/restoration")).json()["status"] == "paused"


async def test_mistakes_name_their_field(db: Database, owner: Actor) -> None:
    async with client_for(small_app(router), owner) as client:
        for body, field in (
            ({"name": "🦊" * 300}, "name"),
            ({"name": "Bo", "timezone": "Mars/Base"}, "timezone"),
            ({"name": "Bo", "age": 200_000}, "age"),
        ):
            answer = await client.post("/api/v2/characters", json=body)
            assert answer.status_code == 422
            assert [e["field"] for e in answer.json()["errors"]] == [field]
        unknown = await client.put("/api/v2/characters/nobody", json={"bio": "x"})
        assert unknown.status_code == 404
        typo = await client.post("/api/v2/characters", json={"name": "Bo", "boi": "x"})
        assert typo.status_code == 422


async def test_templates(db: Database, owner: Actor) -> None:
    async with client_for(small_app(router), owner) as client:
        items = (await client.get("/api/v2/persona-templates")).json()["items"]
    assert [t["title"] for t in items] == ["Influencer", "Professional", "Creative", "Authentic", "Entertainer"]
