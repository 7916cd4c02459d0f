"""The pages of the inbox: both panes, drafts, sending, roles, other workspaces."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.inbox import queries, service
from ainfluencer.inbox.models import Message, MessageState
from ainfluencer.inbox.pages import router
from tests.support.listeners import said
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace
from tests.unit.inbox.conftest import World


@pytest.fixture
async def talk_id(db: Database, owner: Actor, world: World) -> str:
    """Noor wrote, Ola wrote and liked; Noor's conversation."""
    world.bell.waiting = [
        said(1, "Is <b>it</b> cold?", "p1"),
        said(2, "I hate this, it is awful", "p1", author_id="ola", author="Ola"),
        said(3, "", "p1", kind="like", author="Ola"),
    ]
    await service.listen(owner, world.channel.id)
    async with db.reading() as session:
        return (await queries.list_conversations(session, owner, q="Noor")).items[0].id


@pytest.fixture
async def client(talk_id: str, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    assert talk_id
    async with browsing(page_app(router), owner) as made:
        yield made


async def test_the_list_shows_who_wrote_to_whom(client: httpx.AsyncClient) -> None:
    page = await client.get("/inbox")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "Noor" in page.text
    assert "to Mira" in page.text
    assert "Is &lt;b&gt;it&lt;/b&gt; cold?" in page.text
    assert "Pick a conversation" in page.text
    assert "Upset" in page.text


async def test_filters_give_the_list_alone(client: httpx.AsyncClient) -> None:
    part = await client.get("/inbox", params={"q": "awful"}, headers=HTMX)
    assert "<html" not in part.text
    assert 'hx-target="#talks"' in part.text
    assert "Ola" in part.text
    assert "Noor" not in part.text
    nothing = await client.get("/inbox", params={"q": "zebra"}, headers=HTMX)
    assert "Nothing matches" in nothing.text


async def test_an_open_conversation_has_its_post_and_messages(client: httpx.AsyncClient, talk_id: str) -> None:
    page = await client.get(f"/inbox/{talk_id}")
    assert "Low tide, slow morning." in page.text
    assert "Suggest answers" in page.text
    assert "you send it" in page.text
    part = await client.get(f"/inbox/{talk_id}", headers=HTMX)
    assert "<html" not in part.text
    assert 'id="talk"' in part.text


async def test_reading_takes_the_number_away(
    client: httpx.AsyncClient, db: Database, owner: Actor, talk_id: str
) -> None:
    await client.post(f"/inbox/{talk_id}/reading", headers=HTMX)
    async with db.reading() as session:
        assert (await queries.get_conversation(session, owner, talk_id)).unread == 0


async def test_drafts_are_shown_and_not_sent(client: httpx.AsyncClient, world: World, talk_id: str) -> None:
    part = await client.post(f"/inbox/{talk_id}/drafts", headers=HTMX)
    assert "Suggested, not sent" in part.text
    assert part.text.count("data-fill") >= 1
    whole = await client.post(f"/inbox/{talk_id}/drafts")
    assert "<html" in whole.text
    picked = re.search(r'href="(/inbox/[^"]+text=[^"]+)#', whole.text)
    assert picked
    filled = await client.get(picked.group(1).replace("&amp;", "&"))
    assert "</textarea>" in filled.text
    assert world.bell.calls == 0


async def test_sending_shows_the_answer_on_its_way(client: httpx.AsyncClient, talk_id: str) -> None:
    here = HTMX | {"hx-current-url": f"http://testserver/inbox/{talk_id}"}
    part = await client.post(f"/inbox/{talk_id}/replies", data={"text": "Very. Come in."}, headers=here)
    assert part.status_code == 200
    assert "Very. Come in." in part.text
    assert "Sending" in part.text
    plain = await client.post(f"/inbox/{talk_id}/replies", data={"text": "Again."})
    assert plain.status_code == 303


async def test_an_empty_answer_is_redrawn(client: httpx.AsyncClient, talk_id: str) -> None:
    for headers in ({}, HTMX):
        page = await client.post(f"/inbox/{talk_id}/replies", data={"text": "  "}, headers=headers)
        assert page.status_code == 422
        assert "The answer is empty." in page.text


async def test_done_and_back(client: httpx.AsyncClient, talk_id: str) -> None:
    part = await client.post(f"/inbox/{talk_id}/state", data={"state": "done"}, headers=HTMX)
    assert f'hx-target="#talk-{talk_id}"' in part.text
    assert 'hx-target="#talk"' not in part.text  # another conversation may be open: it stays
    assert "Noor" not in (await client.get("/inbox")).text
    assert "Noor" in (await client.get("/inbox?state=done")).text
    await client.post(f"/inbox/{talk_id}/reopening", headers=HTMX)
    assert "Noor" in (await client.get("/inbox")).text


async def test_a_failed_answer_shows_its_next_step(
    client: httpx.AsyncClient, db: Database, owner: Actor, talk_id: str
) -> None:
    async with db.writing() as session:
        message = await service.send(session, owner, talk_id, "Very.")
        message.state = MessageState.FAILED
        message.error = {"detail": "Bell said no.", "next_step": "Write less."}
    page = await client.get(f"/inbox/{talk_id}")
    assert "Bell said no. Write less." in page.text
    again = await client.post(f"/inbox/messages/{message.id}/sending", headers=HTMX)
    assert again.status_code == 200
    async with db.reading() as session:
        assert (await session.get_one(Message, message.id)).state == "sending"


async def test_reactions(client: httpx.AsyncClient) -> None:
    page = await client.get("/inbox/reactions")
    assert "likes a post of" in page.text
    part = await client.get("/inbox/reactions", params={"kind": "follow"}, headers=HTMX)
    assert "Nothing matches" in part.text


async def test_roles_see_only_what_they_may_do(workspace: Workspace, db: Database, talk_id: str) -> None:
    viewer = await add_person(db, workspace, "Vera", Role.VIEWER)
    async with browsing(page_app(router), viewer) as client:
        page = await client.get(f"/inbox/{talk_id}")
        assert "Suggest answers" not in page.text
        assert 'name="text"' not in page.text
        assert f"/inbox/{talk_id}/state" not in page.text
        assert "Your role reads along" in page.text
        assert (await client.post(f"/inbox/{talk_id}/replies", data={"text": "Hi"})).status_code == 403
        await client.post(f"/inbox/{talk_id}/reading", headers=HTMX)
        async with db.reading() as session:
            assert (await queries.get_conversation(session, viewer, talk_id)).unread == 1


async def test_another_workspace_gets_404_and_an_empty_page(db: Database, talk_id: str) -> None:
    async with browsing(page_app(router), await second_workspace(db)) as client:
        assert (await client.get(f"/inbox/{talk_id}")).status_code == 404
        assert "Nobody has written yet" in (await client.get("/inbox")).text
        assert "No reactions yet" in (await client.get("/inbox/reactions")).text
