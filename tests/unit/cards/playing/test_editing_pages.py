"""The page of the editor and its plain form; the fields that the editor reads and writes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards import editing_pages, service
from ainfluencer.cards.api import router as cards_router
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from tests.support.cards import cards
from tests.support.clients import client_for
from tests.support.pages import browsing, page_app
from tests.support.people import add_person, second_workspace


@pytest.fixture
async def card(db: Database, owner: Actor) -> str:
    data = json.dumps(cards.v2(description="One.\r\nTwo.", tags=["sea"])).encode()
    async with db.writing() as session:
        added = await service.add(session, owner, data, "mira.json")
        return added.row.id


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(page_app(editing_pages.router, cards_router), owner) as made:
        yield made


async def form(client: httpx.AsyncClient, card: str, **changes: str) -> httpx.Response:
    told = (await client.get(f"/api/v2/cards/{card}/fields")).json()
    values = {name: told["data"][name] for name in editing_pages.MAIN}
    sent = {name: text.replace("\r\n", "\n").replace("\n", "\r\n") for name, text in (values | changes).items()}
    return await client.post(f"/cards/{card}/edit", data={"rev": told["rev"], "tags": "sea"} | sent)


async def stored(db: Database, owner: Actor, card: str) -> service.OpenedCard:
    async with db.reading() as session:
        return await service.read(session, owner, card)


async def test_the_page_holds_the_words_without_scripts(client: httpx.AsyncClient, card: str) -> None:
    page = (await client.get(f"/cards/{card}/edit")).text
    assert f'<card-editor data-card="{card}"' in page
    assert 'name="post_history_instructions"' in page
    assert "<script>" not in page


async def test_only_what_differs_is_written(client: httpx.AsyncClient, db: Database, owner: Actor, card: str) -> None:
    before = (await stored(db, owner, card)).opened.data
    assert (await form(client, card)).status_code == 303
    assert (await stored(db, owner, card)).opened.data == before  # line ends of a form are no edit
    assert (await form(client, card, scenario="A pier.", tags="sea, bees")).status_code == 303
    after = (await stored(db, owner, card)).opened.card
    assert (after.scenario, after.description, after.tags) == ("A pier.", "One.\r\nTwo.", ("sea", "bees"))


async def test_what_was_typed_is_shown_again(client: httpx.AsyncClient, db: Database, owner: Actor, card: str) -> None:
    async with db.writing() as session:
        await service.edit(session, owner, card, rev=1, set={"description": "Theirs."})
    answer = await client.post(f"/cards/{card}/edit", data={"rev": 1, "description": "Mine."})
    assert answer.status_code == 409
    assert "Mine." in answer.text
    assert "not saved yet" in answer.text
    assert (await stored(db, owner, card)).opened.card.description == "Theirs."


async def test_a_new_card_needs_a_name(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    refused = await client.post("/cards/new", data={"name": " "})
    assert refused.status_code == 422
    assert "needs a name" in refused.text
    made = await client.post("/cards/new", data={"name": "Ada Quill"})
    assert made.status_code == 303
    card_id = made.headers["location"].split("/")[2]
    opened = (await stored(db, owner, card_id)).opened
    assert (opened.card.name, opened.card.spec) == ("Ada Quill", "v3")


async def test_fields_are_complete_and_go_back_by_the_same_names(
    client: httpx.AsyncClient, db: Database, owner: Actor, card: str
) -> None:
    told = (await client.get(f"/api/v2/cards/{card}/fields")).json()
    assert (told["rank"], told["version"], told["data"]["alternate_greetings"]) == (2, 1, [])
    async with db.writing() as session:
        await service.edit(session, owner, card, rev=told["rev"], set={"alternate_greetings": ["Ho."]})
    older = (await client.get(f"/api/v2/cards/{card}/fields?version=1")).json()
    assert older["data"]["alternate_greetings"] == []


async def test_who_may_not_write_gets_no_editor(db: Database, workspace: Workspace, card: str) -> None:
    viewer = await add_person(db, workspace, "Mira", Role.VIEWER)
    stranger = await second_workspace(db)
    for actor, status in ((viewer, 403), (stranger, 404)):
        async with browsing(page_app(editing_pages.router), actor) as client:
            assert (await client.get(f"/cards/{card}/edit")).status_code == status
            assert (await client.post(f"/cards/{card}/edit", data={"rev": 1, "name": "x"})).status_code == status
    async with client_for(page_app(cards_router), stranger) as client:
        assert (await client.get(f"/api/v2/cards/{card}/fields")).status_code == 404
