"""A card's files over the API: a version for each change, the revision asked for, other workspaces see nothing."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards import service
from ainfluencer.cards.attaching import api
from ainfluencer.cards.library import api as library
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from tests.conftest import person
from tests.support.cards import cards, pngs
from tests.support.clients import client_for, small_app
from tests.support.people import second_workspace
from tests.unit.cards.test_attaching import BLUE, RED, SONG


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(api.router, library.router), owner) as made:
        yield made


async def stored(db: Database, actor: Actor, data: bytes, filename: str) -> str:
    async with db.writing() as session:
        return (await service.add(session, actor, data, filename)).row.id


@pytest.fixture
async def card(db: Database, owner: Actor) -> str:
    return await stored(db, owner, pngs.png(pngs.text("ccv3", pngs.b64(cards.v3()))), "ada.png")


async def added(client: httpx.AsyncClient, card: str, rev: int = 1, **fields: Any) -> httpx.Response:
    sent = [("file", ("happy.png", RED.data)), ("file", ("sad.webp", BLUE.data))]
    return await client.post(f"/api/v2/cards/{card}/assets", data={"rev": rev, "type": "emotion", **fields}, files=sent)


async def test_files_are_added_seen_and_fetched(client: httpx.AsyncClient, card: str) -> None:
    before = (await client.get(f"/api/v2/cards/{card}/assets")).json()
    assert (before["items"], before["holds"], before["rank"]) == ([], "picture", 3)
    answer = await added(client, card)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["rev"], told["version"]) == (2, 2)  # both files in one version
    assert [(one["name"], one["place"], one["is_picture"]) for one in told["items"]] == [
        ("main", "default", True), ("happy", "inside", True), ("sad", "inside", True),
    ]  # fmt: skip
    file = await client.get(told["items"][2]["file_url"])
    assert file.content == BLUE.data
    assert "sad.webp" in file.headers["content-disposition"]
    assert file.headers["content-type"] == "application/octet-stream"  # never shown as a page of ours
    small = await client.get(f"/api/v2/cards/{card}/assets/1/picture", params={"width": "96"})
    with Image.open(io.BytesIO(small.content)) as image:
        assert image.format == "WEBP"
    assert (await client.get(f"/api/v2/cards/{card}/assets", params={"version": 1})).json()["items"] == []


async def test_assets_are_changed_exchanged_and_removed(client: httpx.AsyncClient, card: str) -> None:
    base = f"/api/v2/cards/{card}/assets"
    await added(client, card)
    told = (await client.patch(f"{base}/1", json={"rev": 2, "type": "icon", "is_main": True})).json()
    assert [(one["type"], one["name"]) for one in told["items"]][:2] == [("icon", "icon"), ("icon", "main")]
    told = (await client.put(f"{base}/2/file", data={"rev": 3}, files={"file": ("new.png", RED.data)})).json()
    assert (told["items"][2]["name"], told["items"][2]["ext"]) == ("sad", "png")
    told = (await client.delete(f"{base}/2", params={"rev": 4})).json()
    assert (len(told["items"]), told["rev"]) == (2, 5)
    again = await client.delete(f"{base}/2", params={"rev": 5})
    assert (again.status_code, again.json()["code"]) == (404, "no_asset")
    words = await client.patch(f"/api/v2/cards/{card}", json={"rev": 5, "set": {"name": "Zoë"}})
    assert words.status_code == 200
    assert len((await client.get(base)).json()["items"]) == 2  # edits of words keep the files


async def test_somebody_else_was_faster(client: httpx.AsyncClient, card: str) -> None:
    await added(client, card)
    late = await added(client, card)
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")


async def test_refusals(client: httpx.AsyncClient, card: str, db: Database, owner: Actor) -> None:
    wrong = await client.post(
        f"/api/v2/cards/{card}/assets", data={"rev": 1, "type": "icon"}, files={"file": ("a.ogg", SONG.data)}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "asset_content")
    nothing = await client.post(f"/api/v2/cards/{card}/assets", data={"rev": 1, "type": "icon"})
    assert nothing.status_code == 422
    old = await stored(db, owner, json.dumps(cards.v2()).encode(), "old.json")
    answer = await added(client, old)
    assert answer.json()["code"] == "field_not_in_version"
    assert "Convert it to V3" in answer.json()["next_step"]
    assert (await client.get(f"/api/v2/cards/{old}/assets")).json()["rank"] == 2


async def test_other_workspaces_have_no_such_card(client: httpx.AsyncClient, db: Database) -> None:
    stranger = await second_workspace(db)
    theirs = await stored(db, stranger, pngs.png(pngs.text("ccv3", pngs.b64(cards.v3()))), "ada.png")
    base = f"/api/v2/cards/{theirs}/assets"
    answers = [
        await client.get(base),
        await client.get(f"{base}/0/file"),
        await client.get(f"{base}/0/picture"),
        await added(client, theirs),
        await client.patch(f"{base}/0", json={"rev": 1, "name": "x"}),
        await client.delete(f"{base}/0", params={"rev": 1}),
    ]
    assert {one.status_code for one in answers} == {404}


async def test_a_viewer_looks_and_changes_nothing(db: Database, workspace: Workspace, card: str) -> None:
    viewer = await person(db, workspace, "Vera", Role.VIEWER)
    async with client_for(small_app(api.router), viewer) as theirs:
        assert (await theirs.get(f"/api/v2/cards/{card}/assets")).status_code == 200
        assert (await added(theirs, card)).status_code == 403
