"""Cards and characters: one is made of the other, and what changes on one side is taken over when a person says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ainfluencer.cards import service
from ainfluencer.cards.api import router as cards_router
from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.api import router as characters_router
from ainfluencer.characters.changes import CharacterChanges
from ainfluencer.characters.schemas import CharacterDraft, Look, Material, MaterialKind, Persona, Traits
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.media import service as media
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.unit.cards.test_library_keeping import picture_card

DRAFT = CharacterDraft(
    name="Mira Vale",
    bio="Keeps a lighthouse.",
    age=34,
    interests=("tides", "maps"),
    greeting="Ahoy.",
    description="Mira keeps the lighthouse.",
    persona=Persona(traits=Traits(humor=0.9), communication_style="Dry and short.", topics=("sea",)),
    look=Look(hair="copper", eyes="grey"),
    material=(
        Material(kind=MaterialKind.QUOTE, text="The sea keeps no receipts.", source="brief"),
        Material(kind=MaterialKind.LORE, text="The lamp is older than the tower.", source="brief", keys=("lamp",)),
    ),
)


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(characters_router, cards_router), owner) as made:
        yield made


async def mira(db: Database, owner: Actor, *, pictured: bool = False) -> str:
    async with db.writing() as session:
        file = await media.store(session, owner, picture_card("navy"), filename="m.png") if pictured else None
        return (await character_service.create(session, owner, DRAFT, picture=file)).id


async def test_a_character_becomes_a_card_and_comes_back_whole(
    db: Database, owner: Actor, client: httpx.AsyncClient
) -> None:
    made = await client.post(f"/api/v2/characters/{await mira(db, owner, pictured=True)}/card")
    assert made.status_code == 201, made.text
    card = made.json()
    assert (card["name"], card["spec"], card["container"]) == ("Mira Vale", "v3", "png")
    data = (await client.get(f"/api/v2/cards/{card['id']}/download")).content
    source = service.read_source(data, "mira.png")
    assert source.draft.persona.traits.humor == 0.9
    assert (source.draft.look.hair, source.draft.look.eyes, source.draft.age) == ("copper", "grey", 34)
    assert source.draft.interests == ("tides", "maps")
    said = (await client.get(f"/api/v2/cards/{card['id']}/content")).json()["card"]
    assert "The sea keeps no receipts." in said["mes_example"]
    assert said["book"]["entries"][0]["keys"] == ["lamp"]


async def test_a_card_becomes_a_character(db: Database, owner: Actor, client: httpx.AsyncClient) -> None:
    async with db.writing() as session:
        card = (await service.add(session, owner, picture_card(name="Mira"), "mira.png")).row
    made = await client.post(f"/api/v2/cards/{card.id}/character", json={"likeness": "synthetic"})
    assert made.status_code == 201, made.text
    character = (await client.get(f"/api/v2/characters/{made.json()['character_id']}")).json()
    assert character["name"] == "Mira"
    assert character["picture_url"]
    step = (await client.get(f"/api/v2/cards/{card.id}/character")).json()
    assert step["in_step"]
    again = await client.post(f"/api/v2/cards/{card.id}/character", json={})
    assert again.status_code == 409
    other = (await client.post("/api/v2/cards", files={"file": ("b.png", picture_card(name="Bo"))})).json()["card"]
    url = f"/api/v2/cards/{other['id']}/character"
    both = await asyncio.gather(*(client.post(url, json={}) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [201, 409]
    await client.delete(f"/api/v2/cards/{other['id']}")
    library = (await client.get("/api/v2/cards")).json()["items"]
    assert [one["id"] for one in library] == [card.id]


async def test_the_extension_does_not_make_a_minor_older(db: Database, owner: Actor) -> None:
    words = {"name": "Mira", "age": 25, "interests": [], "persona": {}, "look": {}}
    card = cards.v2(description="Mira is 15 years old.", extensions={"ainfluencer": {"character": words}})
    assert service.read_source(json.dumps(card).encode(), "m.json").draft.age == 15


async def pair(db: Database, owner: Actor, client: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    character_id = await mira(db, owner)
    return character_id, (await client.post(f"/api/v2/characters/{character_id}/card")).json()


async def test_what_changed_of_the_character_is_taken_over_to_the_card(
    db: Database, owner: Actor, client: httpx.AsyncClient
) -> None:
    character_id, card = await pair(db, owner, client)
    url = f"/api/v2/cards/{card['id']}"
    await client.patch(url, json={"rev": card["rev"], "set": {"scenario": "A storm comes."}})
    async with db.writing() as session:
        changes = CharacterChanges(greeting="Come in.", look={"hair": "white"})
        await character_service.update(session, owner, character_id, changes)
    step = (await client.get(f"{url}/character")).json()
    assert (step["in_step"], step["card_changed"], step["character_changed"]) == (False, True, True)
    rev = (await client.get(url)).json()["rev"]
    made = await client.put(f"{url}/character", json={"rev": rev, "to": "card"})
    assert made.status_code == 200, made.text
    said = (await client.get(f"{url}/content")).json()["card"]
    assert (said["first_mes"], said["scenario"]) == ("Come in.", "A storm comes.")
    assert said["extensions"]["ainfluencer"]["character"]["look"]["hair"] == "white"
    # The card's own change was not lost on the way: it is still to be given, though the card carries the character whole.
    assert (made.json()["card_changed"], made.json()["character_changed"]) == (True, False)
    rev = (await client.get(url)).json()["rev"]
    assert (await client.put(f"{url}/character", json={"rev": rev, "to": "character"})).json()["in_step"]
    async with db.reading() as session:
        character = await characters.get(session, owner, character_id)
    assert (character.scenario, character.greeting) == ("A storm comes.", "Come in.")


async def test_what_changed_of_the_card_is_taken_over_to_the_character(
    db: Database, owner: Actor, client: httpx.AsyncClient
) -> None:
    async with db.writing() as session:
        data = picture_card(name="Mira", tags=["sea"])
        card = (await service.add(session, owner, data, "mira.png")).row
    made = (await client.post(f"/api/v2/cards/{card.id}/character", json={})).json()
    async with db.writing() as session:
        await character_service.update(session, owner, made["character_id"], CharacterChanges(bio="Written by hand."))
    url = f"/api/v2/cards/{card.id}"
    edit = {"rev": 1, "set": {"name": "Mira Vale", "tags": ["sea", "night"]}}
    assert (await client.patch(url, json=edit)).json()["version"] == 2
    rev = (await client.get(url)).json()["rev"]
    answer = await client.put(f"{url}/character", json={"rev": rev, "to": "character"})
    assert answer.status_code == 200, answer.text
    async with db.reading() as session:
        character = await characters.get(session, owner, made["character_id"])
    assert (character.name, character.tags, character.bio) == ("Mira Vale", ["sea", "night"], "Written by hand.")
    assert (answer.json()["card_changed"], answer.json()["character_changed"]) == (False, True)
    rev = (await client.get(url)).json()["rev"]
    assert (await client.put(f"{url}/character", json={"rev": rev, "to": "card"})).json()["in_step"]


async def test_words_that_another_program_edited_are_right(
    db: Database, owner: Actor, client: httpx.AsyncClient
) -> None:
    _, card = await pair(db, owner, client)
    data = (await client.get(f"/api/v2/cards/{card['id']}/download")).json()
    data["data"] |= {"name": "Mira Dunn", "first_mes": "Hello.", "personality": "Loud.", "tags": ["sea"]}
    draft = service.read_source(json.dumps(data).encode(), "m.json").draft
    assert (draft.name, draft.greeting, draft.tags) == ("Mira Dunn", "Hello.", ("sea",))
    assert (draft.description, draft.interests, draft.age) == (DRAFT.description, DRAFT.interests, 34)


async def test_a_file_whose_card_was_edited_becomes_a_card_of_its_own(
    db: Database, owner: Actor, client: httpx.AsyncClient
) -> None:
    data = picture_card(name="Mira")
    async with db.writing() as session:
        card = (await service.add(session, owner, data, "mira.png")).row
    await client.patch(f"/api/v2/cards/{card.id}", json={"rev": 1, "set": {"scenario": "Another."}})
    made = (await client.post("/api/v2/characters/import", files={"file": ("mira.png", data)})).json()
    assert made["card_id"] != card.id
