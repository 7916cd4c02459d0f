"""The pages of characters and of the import, drawn whole and as regions, with a character that has everything."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, Request

from ainfluencer.cards import service as card_service
from ainfluencer.cards.pages import router as import_pages
from ainfluencer.characters import forms, queries
from ainfluencer.characters.models import Character
from ainfluencer.characters.pages import router as pages
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from tests.support.cards import cards
from tests.support.clients import client_for, small_app, token_for

HTMX = {"hx-request": "true"}


async def bare_shell(request: Request) -> Shell:
    """A frame without menus."""
    del request
    return Shell(user=Person(name="Ada", role="owner"), workspace=Place(id="w", name="Harbour"), sections=())


@pytest.fixture
def app() -> FastAPI:
    made = small_app(import_pages, pages)
    made.state.shell = bare_shell
    made.state.error_page = errors.page
    return made


@pytest.fixture
async def client(app: FastAPI, db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser: its cookie, and the token that its pages carry."""
    token = await token_for(owner)
    async with client_for(app, cookies={security.SESSION_COOKIE: token}) as made:
        made.headers["accept"] = "text/html"
        drawn = await made.get("/characters/new")
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', drawn.text)
        assert found
        made.headers[security.CSRF_HEADER] = found.group(1)
        yield made


@pytest.fixture
async def marisol(db: Database, owner: Actor) -> Character:
    async with db.writing() as session:
        source = card_service.read_source(cards.character("marisol_vaz"), "marisol.json")
        draft = source.draft.model_copy(update={"warnings": ("A mended comma.",)})
        return await card_service.import_source(session, owner, replace(source, draft=draft), None)


async def test_the_grid_is_empty_then_full_and_filters(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    empty = await client.get("/characters")
    assert empty.status_code == 200
    assert "Nobody lives here yet" in empty.text
    for slug in cards.CHARACTERS:
        async with db.writing() as session:
            await card_service.import_source(session, owner, card_service.read_source(cards.character(slug)), None)
    full = await client.get("/characters")
    assert full.text.count("person-card") == len(cards.CHARACTERS)
    part = await client.get("/characters", params={"q": "tyrol"}, headers=HTMX)
    assert "<html" not in part.text
    assert part.text.count("person-card") == 1
    assert "Nobody matches" in (await client.get("/characters", params={"q": "zzz"})).text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "in front of one wave"),
        ("?tab=material", "sneaker wave"),
        ("?tab=material&kind=quote", "briefly not in its way"),
        ("?tab=content", "Open the library"),
        ("?tab=activity", "Came into being"),
        ("?tab=nonsense&kind=nonsense&offset=-4", "Temper"),
    ],
)
async def test_one_character(client: httpx.AsyncClient, marisol: Character, query: str, words: str) -> None:
    shown = await client.get(f"/characters/{marisol.id}{query}")
    assert shown.status_code == 200
    assert words in shown.text
    assert "Marisol Vaz" in shown.text
    assert shown.text.count("<h1") == 1


async def test_nobody_by_that_id(client: httpx.AsyncClient) -> None:
    assert (await client.get("/characters/nobody")).status_code == 404


async def test_a_change_keeps_what_the_form_shows(
    client: httpx.AsyncClient, marisol: Character, db: Database, owner: Actor
) -> None:
    where = f"/characters/{marisol.id}"
    drawn = (await client.get(f"{where}/edit")).text
    assert 'value="Europe/Lisbon"' in drawn
    async with db.reading() as session:
        before = await queries.sheet(session, owner, marisol.id)
        values = forms.form_of(queries.describe(await queries.get(session, owner, marisol.id))).model_dump()
    kept = await client.post(where, data=values | {"bio": "Counts waves.", "age": ""})
    assert (kept.status_code, kept.headers["location"]) == (303, where)
    async with db.reading() as session:
        after = await queries.sheet(session, owner, marisol.id)
    assert (after.bio, after.age) == ("Counts waves.", None)
    assert (after.persona, after.look, after.interests) == (before.persona, before.look, before.interests)


@pytest.mark.parametrize(
    ("changes", "part", "words"),
    [
        ({"name": ""}, "basics", "needs a name"),
        ({"name": "🦊" * 300}, "basics", "300 characters"),
        ({"timezone": "Mars/Base"}, "basics", "no time zone"),
        ({"age": "old"}, "basics", "is not an age"),
        ({"language": "no language"}, "persona", "checked"),
    ],
)
async def test_mistakes_open_their_part(
    client: httpx.AsyncClient, marisol: Character, changes: dict[str, str], part: str, words: str
) -> None:
    values = {"name": "Bo", "part": "look"} | changes
    for where in ("/characters", f"/characters/{marisol.id}"):
        refused = await client.post(where, data=values, headers=HTMX)
        assert refused.status_code == 422
        assert words in refused.text
        assert re.search(rf'value="{part}" checked', refused.text)


async def test_by_hand_from_a_template(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    drawn = await client.get("/characters/new?template=entertainer")
    assert 'value="0.97"' in drawn.text
    made = await client.post("/characters", data={"name": "Bo", "start": "entertainer", "humor": "0.97"})
    assert made.status_code == 303
    shown = await client.get(made.headers["location"])
    assert "97 %" in shown.text


async def test_pause_resume_delete_restore(
    client: httpx.AsyncClient, marisol: Character, db: Database, owner: Actor
) -> None:
    where = f"/characters/{marisol.id}"
    for deed, status in (
        ("pause", "paused"),
        ("resumption", "active"),
        ("deletion", "deleted"),
        ("restoration", "paused"),
    ):
        assert (await client.post(f"{where}/{deed}")).status_code == 303
        async with db.reading() as session:
            assert (await queries.get(session, owner, marisol.id, deleted=True)).status == status


async def test_a_card_and_a_brief_come_in(client: httpx.AsyncClient) -> None:
    assert "Drop a file here" in (await client.get("/characters/import")).text
    dropped = await client.post("/characters/import", files={"file": ("a.json", cards.character("kestrel_nine"))})
    assert dropped.status_code == 303, dropped.text
    assert "Kestrel-9" in (await client.get(dropped.headers["location"])).text
    written = await client.post("/characters/import", data={"text": "name: Bo\nabout: Bakes rye in Graz."})
    assert written.status_code == 303
    for data, words in (
        ({"text": ""}, "empty"),
        ({"text": "someone"}, "is called"),
        ({"text": "name: Bo\ntimezone: X/Y"}, "time zone"),
    ):
        refused = await client.post("/characters/import", data=data, headers=HTMX)
        assert refused.status_code == 422
        assert words in refused.text
