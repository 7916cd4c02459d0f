"""Bringing a character in by the page: look first, then create; ready-made ones; the same file again; refusals."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards import intake
from ainfluencer.cards.pages import router as import_pages
from ainfluencer.cards.starters import starters
from ainfluencer.characters import queries
from ainfluencer.characters.pages import router as character_pages
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import Database
from tests.support.cards import cards, pngs
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace


def picture_card(card: dict[str, object]) -> bytes:
    """A real picture with a card behind its pixels."""
    out = BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "PNG")
    return out.getvalue()[:-12] + pngs.text("chara", pngs.b64(card)) + pngs.END


@pytest.fixture
def app() -> FastAPI:
    return page_app(import_pages, character_pages)


@pytest.fixture
async def client(app: FastAPI, db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async with browsing(app, owner) as made:
        yield made


async def names(db: Database, owner: Actor) -> list[str]:
    async with db.reading() as session:
        return [c.name for c in (await queries.list_characters(session, owner)).items]


async def test_look_first_then_create(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    data = picture_card(
        cards.v2(name="Mira Vale", description="Mira Vale is 34 years old. She lives in Lisbon, Portugal.")
    )
    looked = await client.post("/characters/import/preview", files={"file": ("mira.png", data)})
    assert looked.status_code == 303
    where = looked.headers["location"]
    token = where.rsplit("/", 1)[1]
    seen = (await client.get(where)).text
    for words in ("Mira Vale", "Lisbon, Portugal", "34 years", "Not made yet", "Safe for everybody", "card V2 (PNG)"):
        assert words in seen
    assert await names(db, owner) == []
    picture = await client.get(f"{where}/picture")
    assert picture.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(picture.content)).size == (64, 64)
    made = await client.post("/characters/import", data={"token": token, "likeness": "own"})
    assert made.status_code == 303
    shown = (await client.get(made.headers["location"])).text
    assert "Own likeness" in shown
    assert await names(db, owner) == ["Mira Vale"]
    assert (await client.get(where)).status_code == 404  # nothing waits any more


async def test_a_picture_of_somebody_else_stays_out(client: httpx.AsyncClient) -> None:
    files = {"file": ("mira.png", picture_card(cards.v2(name="Mira")))}
    token = (await client.post("/characters/import/preview", files=files)).headers["location"].rsplit("/", 1)[1]
    made = await client.post("/characters/import", data={"token": token, "likeness": "none"})
    shown = (await client.get(made.headers["location"])).text
    assert "/480.webp" not in shown
    assert "No consent on record" in shown


async def test_the_same_file_again_offers_who_is_there(client: httpx.AsyncClient) -> None:
    files = {"file": ("k.json", cards.character("kestrel_nine"))}
    made = await client.post("/characters/import", files=files)
    again = await client.post("/characters/import/preview", files=files)
    seen = (await client.get(again.headers["location"])).text
    assert "came from this very file" in seen
    assert f'href="{made.headers["location"]}"' in seen
    assert "Make a second one" in seen


async def test_ready_made_characters_come_with_one_click(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    offered = (await client.get("/characters/import?then=week")).text
    assert len(starters()) == 5
    for one in starters():
        assert one.name in offered
        assert one.palette
        assert f"/characters/import/starters/{one.slug}?then=week" in offered
        seen = (await client.get(f"/characters/import/starters/{one.slug}?then=week")).text
        assert 'name="then" value="week"' in seen
    made = await client.post("/characters/import", data={"starter": "marisol_vaz", "then": "week"})
    assert made.headers["location"].startswith("/weeks/new?character=")
    assert await names(db, owner) == ["Marisol Vaz"]
    assert (await client.get("/characters/import/starters/nobody")).status_code == 404
    assert (await client.get("/characters/import/starters/..%2Fx")).status_code == 404


async def test_a_card_and_a_brief_come_in_at_once(client: httpx.AsyncClient) -> None:
    dropped = await client.post("/characters/import", files={"file": ("a.json", cards.character("kestrel_nine"))})
    assert "Kestrel-9" in (await client.get(dropped.headers["location"])).text
    written = await client.post("/characters/import", data={"text": "name: Bo\nabout: Bakes rye in Graz."})
    assert written.status_code == 303


REFUSED = json.dumps(cards.v2(description="Ada is 15 years old.", tags=["nsfw"])).encode()


@pytest.mark.parametrize("way", ["/characters/import", "/characters/import/preview"])
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.png", pngs.png(), "no character card"),
        ("a.json", b"{broken", "JSON"),
        ("a.charx", b"PK\x03\x04 cut off", "archive"),
        ("a.json", json.dumps(cards.v2(name="N" * 300)).encode(), "300 characters"),
        ("a.json", REFUSED, "reads as a minor"),
    ],
)
async def test_a_broken_or_hostile_file_is_refused_beside_the_drop_zone(
    client: httpx.AsyncClient, db: Database, owner: Actor, way: str, name: str, data: bytes, words: str
) -> None:
    refused = await client.post(way, files={"file": (name, data)}, headers=HTMX)
    assert refused.status_code == 422
    assert refused.text.lstrip().startswith('<div id="import-form"')
    beside = refused.text.partition('id="e-file" role="alert"')[2].partition("</form>")[0]
    assert words in beside
    assert await names(db, owner) == []


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty"), ("someone", "is called"), ("name: Bo\ntimezone: X/Y", "time zone")]
)
async def test_a_brief_with_a_mistake_stays_in_its_field(client: httpx.AsyncClient, text: str, words: str) -> None:
    refused = await client.post("/characters/import/preview", data={"text": text}, headers=HTMX)
    assert refused.status_code == 422
    assert words in refused.text
    assert 'id="e-text"' in refused.text


async def test_what_waits_is_seen_by_nobody_else(
    app: FastAPI, client: httpx.AsyncClient, db: Database, workspace: Workspace
) -> None:
    where = (await client.post("/characters/import/preview", data={"text": "name: Bo"})).headers["location"]
    token = where.rsplit("/", 1)[1]
    async with browsing(app, await second_workspace(db)) as stranger:
        assert (await stranger.get(where)).status_code == 404
        assert (await stranger.post("/characters/import", data={"token": token})).status_code == 404
    async with browsing(app, await add_person(db, workspace, "Noor", Role.VIEWER)) as viewer:
        for path in ("/characters/import", where, "/characters/import/starters/marisol_vaz"):
            assert (await viewer.get(path)).status_code == 403
        assert (await viewer.post("/characters/import", data={"token": token})).status_code == 403


def test_the_shelf_forgets_after_a_day_and_takes_no_paths(db: Database, owner: Actor) -> None:
    token = intake.keep(owner, b"name: Bo", "../../bo.md", "week")
    kept = intake.waiting(owner, token)
    assert (kept.data, kept.filename, kept.then) == (b"name: Bo", "bo.md", "week")
    shelf = db.config.data / "imports" / owner.workspace_id
    for file in shelf.iterdir():
        os.utime(file, (0, time.time() - intake.KEPT_SECONDS - 1))
    intake.keep(owner, b"name: Ada", "ada.md")
    for gone in (token, "../" + "x" * 23, ""):
        with pytest.raises(NotFound):
            intake.waiting(owner, gone)
