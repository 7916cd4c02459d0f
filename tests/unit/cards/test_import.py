"""From a file to a stored character, through the service and through the API."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from PIL import Image

from ainfluencer.cards import queries, service
from ainfluencer.cards.api import router as cards_router
from ainfluencer.characters import queries as characters
from ainfluencer.characters.api import router as characters_router
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.media import service as media
from tests.support.cards import cards, pngs
from tests.support.clients import client_for, small_app


def picture_card(card: dict[str, object]) -> bytes:
    """A real picture with a card behind its pixels."""
    out = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    whole = out.getvalue()
    return whole[:-12] + pngs.text("chara", pngs.b64(card)) + pngs.END


async def test_import_keeps_file_and_text_as_they_came(db: Database, owner: Actor) -> None:
    data = picture_card(cards.v2(character_book={"entries": [cards.entry(n) for n in range(10_000)]}))
    source = service.read_source(data, "ada.png")
    async with db.writing() as session:
        assert source.picture is not None
        picture = await media.store(session, owner, source.picture, filename="ada.png")
        character = await service.import_source(session, owner, source, picture)
    async with db.reading() as session:
        row = (await queries.list_for_character(session, owner, character.id))[0]
        version = await queries.current(session, owner, row)
        assert version.payload == source.payload
        assert queries.original(row) == data
        assert (row.container, row.spec, row.summary["lorebook_entries"]) == ("png", "v2", 10_000)
        sheet = await characters.sheet(session, owner, character.id)
        assert sheet.picture_path
        counts = await characters.material_counts(session, owner, character.id)
        consent = await characters.find_consent(session, owner, character.id)
    assert counts["lore"] == 10_000
    assert consent is not None
    async with db.writing() as session:
        found = await service.find_imported(session, owner, data)
        assert found is not None
        assert found[0].id == character.id


@pytest.mark.parametrize("slug", cards.CHARACTERS)
async def test_our_own_characters_import(db: Database, owner: Actor, slug: str) -> None:
    async with db.writing() as session:
        source = service.read_source(cards.character(slug), f"{slug}.json")
        character = await service.import_source(session, owner, source, None)
    async with db.reading() as session:
        sheet = await characters.sheet(session, owner, character.id)
    assert sheet.handle
    assert sheet.material


async def test_the_api_imports_and_reuses(db: Database, owner: Actor) -> None:
    data = picture_card(cards.v2(name="Mira"))
    async with client_for(small_app(characters_router, cards_router), owner) as client:
        first = await client.post("/api/v2/characters/import", files={"file": ("mira.png", data)})
        assert first.status_code == 201, first.text
        made = first.json()
        assert (made["character"]["name"], made["character"]["handle"], made["reused"]) == ("Mira", "mira", False)
        assert made["character"]["picture_url"]
        assert made["report"]["container"] == "png"
        again = await client.post(
            "/api/v2/characters/import", files={"file": ("mira.png", data)}, data={"reuse": "true"}
        )
        assert (again.status_code, again.json()["reused"]) == (200, True)
        assert again.json()["character"]["id"] == made["character"]["id"]
        second = await client.post("/api/v2/characters/import", files={"file": ("mira.png", data)})
        assert second.json()["character"]["handle"] == "mira_2"
        found = await client.get(f"/api/v2/characters/{made['character']['id']}/cards")
        original = await client.get(f"/api/v2/cards/{found.json()['items'][0]['id']}/original")
        assert original.content == data


async def test_the_api_takes_a_typed_brief_and_refuses_clearly(db: Database, owner: Actor) -> None:
    async with client_for(small_app(characters_router, cards_router), owner) as client:
        made = await client.post("/api/v2/characters/import", data={"text": "name: Bo\nabout: Bakes rye in Graz."})
        assert made.status_code == 201, made.text
        assert made.json()["report"]["kind"] == "brief"
        for name, data, code in (
            ("a.png", pngs.png(), "png_no_card"),
            ("a.json", b'{"a": 1}', "not_a_card"),
            ("package.json", b'{"name": "tool", "description": "For cards", "scripts": {}}', "not_a_card"),
            ("a.md", b"   ", "brief_empty"),
            ("a.json", json.dumps(cards.v2(name="🦊" * 300)).encode(), "name_too_long"),
            (
                "a.json",
                json.dumps(cards.v2(description="Ada is 15 years old.", tags=["nsfw"])).encode(),
                "minor_sexual",
            ),
        ):
            refused = await client.post("/api/v2/characters/import", files={"file": (name, data)})
            assert refused.status_code in {409, 422}
            assert refused.json()["code"] == code
            assert refused.json()["next_step"]
        listed = await client.get("/api/v2/characters")
        assert listed.json()["total"] == 1


async def test_broken_pixels_still_bring_the_words(db: Database, owner: Actor) -> None:
    data = pngs.png(first=pngs.text("chara", pngs.b64(cards.v2())), end=b"")[:-10]
    async with client_for(small_app(characters_router, cards_router), owner) as client:
        made = await client.post("/api/v2/characters/import", files={"file": ("ada.png", data)})
    assert made.status_code == 201, made.text
    assert made.json()["character"]["picture_url"] is None
    assert "png_cut" in {w["code"] for w in made.json()["report"]["warnings"]}
