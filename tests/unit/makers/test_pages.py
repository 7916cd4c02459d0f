"""Settings of makers: who is asked first, connecting with a live check, trying, switching off."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.makers import queries, registry
from ainfluencer.makers.pages import router
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person
from tests.support.text_servers import TextServer

SLUG = "openai_text"
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def app(db: Database) -> FastAPI:
    assert db
    return page_app(router)


@pytest.fixture
async def server() -> AsyncIterator[TextServer]:
    async with TextServer(lambda _body: "Rain, at last, and nobody complains.") as made:
        yield made
    await close_pools()


def form(server: TextServer, **values: str) -> dict[str, str]:
    return {"field-base_url": f"{server.url}/v1", "field-api_key": KEY, "field-model": "scripted"} | values


async def test_what_is_used_for_what_and_that_the_built_in_one_is_small(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/settings/makers")
    for manifest in registry.manifests().values():
        assert manifest.title in page.text
    assert "A small model" in page.text
    assert "Better words are one program away" in page.text
    assert "None yet" in page.text


async def test_only_those_who_manage_come_in(app: FastAPI, db: Database, workspace: Workspace) -> None:
    async with browsing(app, await add_person(db, workspace, "Niko", Role.CREATOR)) as client:
        for path in ("", f"/{SLUG}"):
            assert (await client.get(f"/settings/makers{path}")).status_code == 403
        assert (await client.post("/settings/makers/trial", data={"prompt": "x"})).status_code == 403
        assert (await client.post(f"/settings/makers/{SLUG}/switch", data={"on": "false"})).status_code == 403


async def test_a_maker_is_checked_then_kept_and_asked_first(
    app: FastAPI, db: Database, owner: Actor, server: TextServer
) -> None:
    async with browsing(app, owner) as client:
        done = await client.post(f"/settings/makers/{SLUG}", data=form(server))
        page = await client.get("/settings/makers")
        one = await client.get(f"/settings/makers/{SLUG}")
        tried = await client.post("/settings/makers/trial", data={"prompt": "The first rain."}, headers=HTMX)
    assert done.headers["location"] == "/settings/makers"
    assert "Better words are one program away" not in page.text
    assert KEY not in one.text
    assert "Leave it empty to keep the stored one." in one.text
    assert "Rain, at last, and nobody complains." in tried.text
    async with db.reading() as session:
        assert (await queries.get(session, owner, SLUG)).is_usable


async def test_what_does_not_answer_is_not_kept(app: FastAPI, db: Database, owner: Actor, server: TextServer) -> None:
    async with browsing(app, owner) as client:
        silent = await client.post(
            f"/settings/makers/{SLUG}", data=form(server, **{"field-base_url": "http://127.0.0.1:9"})
        )
        wrong = await client.post(
            f"/settings/makers/{SLUG}", data=form(server, **{"field-base_url": "tide"}), headers=HTMX
        )
    assert silent.status_code == 422
    assert registry.manifest(SLUG).title + ":" in silent.text
    assert wrong.status_code == 422
    assert 'id="e-field-base_url"' in wrong.text
    async with db.reading() as session:
        assert not (await queries.get(session, owner, SLUG)).is_connected


async def test_switching_off_and_forgetting(app: FastAPI, db: Database, owner: Actor, server: TextServer) -> None:
    async with browsing(app, owner) as client:
        await client.post(f"/settings/makers/{SLUG}", data=form(server))
        await client.post(f"/settings/makers/{SLUG}/switch", data={"on": "false"})
        async with db.reading() as session:
            off = await queries.get(session, owner, SLUG)
        await client.post(f"/settings/makers/{SLUG}/switch", data={"on": "true"})
        checked = await client.post(f"/settings/makers/{SLUG}/check")
        await client.post(f"/settings/makers/{SLUG}/disconnection")
        async with db.reading() as session:
            gone = await queries.get(session, owner, SLUG)
    assert off.is_connected
    assert not off.is_enabled
    assert checked.status_code == 303
    assert not gone.is_connected


async def test_a_try_that_fails_says_what_to_do(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        nothing = await client.post("/settings/makers/trial", data={"prompt": " "}, headers=HTMX)
        no_model = await client.post("/settings/makers/trial", data={"prompt": "The first rain."}, headers=HTMX)
    assert "Say what should be written." in nothing.text
    assert "models install" in no_model.text


async def test_the_list_of_models(app: FastAPI, owner: Actor, server: TextServer) -> None:
    async with browsing(app, owner) as client:
        await client.post(f"/settings/makers/{SLUG}", data=form(server))
        page = await client.get(f"/settings/makers/{SLUG}/models")
    assert "scripted" in page.text


async def test_glyphs_are_served_and_unknown_makers_are_not(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        glyph = await client.get(f"/settings/makers/{SLUG}/icon")
        assert glyph.headers["content-type"].startswith("image/svg+xml")
        assert (await client.get("/settings/makers/nobody")).status_code == 404
        assert (await client.get("/settings/makers/nobody/icon")).status_code == 404
