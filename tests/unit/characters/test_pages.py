"""The pages of characters and of the import, drawn whole and as regions, with a character that has everything."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards import service as card_service
from ainfluencer.cards.pages import router as import_pages
from ainfluencer.characters import forms, queries
from ainfluencer.characters.models import Character
from ainfluencer.characters.pages import router as pages
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from tests.support.cards import cards
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace


@pytest.fixture
def app() -> FastAPI:
    return page_app(import_pages, pages)


@pytest.fixture
async def client(app: FastAPI, db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async with browsing(app, owner) as made:
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
        ("?tab=content", "Nothing to show here"),
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
    erased = await client.post(f"{where}/erasure", headers=HTMX)
    assert erased.status_code == 409  # only what is deleted can be erased
    await client.post(f"{where}/deletion")
    assert "Erase for good" in (await client.get(where)).text
    assert (await client.post(f"{where}/erasure")).status_code == 303
    assert (await client.get(where)).status_code == 404


async def test_the_profile_shows_colours_words_and_ways_on(client: httpx.AsyncClient, marisol: Character) -> None:
    drawn = (await client.get(f"/characters/{marisol.id}")).text
    assert drawn.count("<h1") == 1
    assert '<rect x="0" width="1.02" height="1" fill="#14807f"/>' in drawn  # teal, the first of the look
    assert "Does not talk about her ex-husband" in drawn
    for way in ("/edit", "/pause", "/deletion", "/picture", "/consents", "/persona.txt", "/persona.json", "/card"):
        assert f"/characters/{marisol.id}{way}" in drawn
    # This small application has no weeks, posts, library or insights: there is no way to them.
    for absent in ("/weeks/new", "tab=posts", "tab=content", "/insights"):
        assert absent not in drawn


async def test_parts_of_other_modules_are_embedded_where_they_exist(
    app: FastAPI, client: httpx.AsyncClient, marisol: Character
) -> None:
    other = APIRouter()
    for path in ("/library", "/posts", "/weeks/new", "/insights"):
        other.add_api_route(path, lambda: "there")
    app.include_router(other)
    app.state.character_links = None
    drawn = (await client.get(f"/characters/{marisol.id}")).text
    assert f'href="/weeks/new?character={marisol.id}"' in drawn
    assert f'hx-get="/insights?character={marisol.id}&amp;days=90"' in drawn
    content = (await client.get(f"/characters/{marisol.id}?tab=content")).text
    assert f'hx-get="/library?character={marisol.id}"' in content
    assert f'href="/library?character={marisol.id}"' in content  # the way without scripts
    posts = (await client.get(f"/characters/{marisol.id}?tab=posts")).text
    assert f'hx-get="/posts?character={marisol.id}&amp;state=all"' in posts


async def test_who_may_only_look_sees_the_story_and_no_buttons(
    app: FastAPI, db: Database, workspace: Workspace, marisol: Character
) -> None:
    viewer, stranger = await add_person(db, workspace, "Noor", Role.VIEWER), await second_workspace(db)
    where = f"/characters/{marisol.id}"
    async with browsing(app, viewer) as client:
        assert "Came into being" in (await client.get(f"{where}?tab=activity")).text
        drawn = (await client.get(where)).text
        for absent in ("/edit", "/pause", "/deletion", "/picture", "/consents"):
            assert f"{where}{absent}" not in drawn
        assert f"{where}/card" in drawn
        for way in ("picture", "consents", "edit"):
            assert (await client.get(f"{where}/{way}")).status_code == 403
    async with browsing(app, stranger) as client:
        for way in ("", "/picture", "/consents", "/card", "/edit"):
            assert (await client.get(f"{where}{way}")).status_code == 404


async def test_a_change_is_told_with_what_was_changed(client: httpx.AsyncClient, marisol: Character) -> None:
    where = f"/characters/{marisol.id}"
    await client.post(where, data={"name": "Marisol", "part": "basics"})
    told = (await client.get(f"{where}?tab=activity")).text
    assert "Changed" in told
    assert "Ada" in told


async def test_the_original_card_comes_back_untouched(client: httpx.AsyncClient, marisol: Character) -> None:
    answer = await client.get(f"/characters/{marisol.id}/card")
    assert answer.content == cards.character("marisol_vaz")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''marisol.json"
    made = await client.post("/characters", data={"name": "Bo"})
    assert (await client.get(made.headers["location"] + "/card")).status_code == 404
