"""The studio's pages: the desk with its two forms, the preview, runs and their actions, roles, presets over the API."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.studio import presets, service
from ainfluencer.studio.api import router as api
from ainfluencer.studio.pages import router as pages
from ainfluencer.web import errors, security
from tests.conftest import person
from tests.support.clients import client_for, small_app, token_for
from tests.unit.library.test_pages import bare_shell

HTMX = {"hx-request": "true"}
JSON = {"accept": "application/json"}


@pytest.fixture
def app() -> FastAPI:
    made = small_app(api, pages)
    made.state.shell = bare_shell
    made.state.error_page = errors.page
    return made


@pytest.fixture
async def client(app: FastAPI, db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(app, cookies={security.SESSION_COOKIE: await token_for(owner)}) as made:
        made.headers["accept"] = "text/html"
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await made.get("/studio")).text)
        assert found
        made.headers[security.CSRF_HEADER] = found.group(1)
        yield made


async def started(client: httpx.AsyncClient, **fields: str) -> str:
    answer = await client.post("/studio/posters", data={"title": "Low tide", "format": "quote"} | fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


async def test_the_desk_shows_every_design(client: httpx.AsyncClient) -> None:
    page = (await client.get("/studio")).text
    assert page.count("<h1") == 1
    assert 'src="/studio/layouts/quote_monument"' in page
    assert "Nothing has been made yet" in page
    sample = await client.get("/studio/layouts/quote_frame")
    assert sample.headers["content-type"] == "image/webp"
    assert (await client.get("/studio/layouts/quote_nowhere")).status_code == 404


async def test_what_is_typed_is_drawn(client: httpx.AsyncClient) -> None:
    empty = await client.post("/studio/preview", data={"format": "quote"}, headers=HTMX)
    assert "it is drawn here" in empty.text
    drawn = await client.post("/studio/preview", data={"format": "quote", "title": "Low tide"}, headers=HTMX)
    assert drawn.text.count("data:image/png;base64,") == 1
    refused = await client.post("/studio/preview", data={"format": "quote", "title": "Nude study"}, headers=HTMX)
    assert refused.status_code == 200
    assert "switched off" in refused.text


async def test_a_poster_becomes_a_run(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    run_id = await started(client, variant_quote="quote_frame", seed="12")
    page = (await client.get(f"/studio/runs/{run_id}")).text
    assert "Waiting for its turn" in page
    (asset,) = await service.execute(owner, run_id)
    assert (asset.recipe["variant"], asset.recipe["request"]["seed"]) == ("quote_frame", 12)
    region = await client.get(f"/studio/runs/{run_id}?part=region", headers=HTMX)
    assert f'href="/library/{asset.id}"' in region.text
    assert "<html" not in region.text
    again = (await client.get(f"/studio?run={run_id}")).text
    assert 'value="Low tide"' in again
    assert 'value="quote_frame" checked' in again
    varied = await client.post(f"/studio/runs/{run_id}/repetition", data={"vary": "on"})
    assert varied.headers["location"] != f"/studio/runs/{run_id}"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": ""}, "There are no words yet"),
        ({"title": "x", "seed": "many"}, "not a whole number"),
        ({"title": "naked"}, "switched off"),
        ({"title": "x" * 601}, "600"),
    ],
)
async def test_mistakes_stand_in_the_form(client: httpx.AsyncClient, fields: dict[str, str], words: str) -> None:
    answer = await client.post("/studio/posters", data={"format": "quote", "kicker": "Kept"} | fields, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Kept"' in answer.text
    assert "Nothing has been made yet" in (await client.get("/studio")).text


async def test_pictures_need_a_maker_and_say_so(client: httpx.AsyncClient) -> None:
    page = (await client.get("/studio?tab=picture&preset=portrait")).text
    assert 'href="/settings/makers"' in page
    assert "Preset: Portrait" in page
    assert 'value="896x1152" selected' in page
    refused = await client.post("/studio/pictures", data={"prompt": " ", "cfg": "6,5"}, headers=HTMX)
    assert refused.status_code == 422


async def test_runs_are_listed_stopped_and_forgotten(client: httpx.AsyncClient) -> None:
    run_id = await started(client)
    assert run_id in (await client.get("/studio/runs?state=queued")).text
    assert "No run in this state" in (await client.get("/studio/runs?state=failed", headers=HTMX)).text
    await client.post(f"/studio/runs/{run_id}/cancellation")
    assert "Stopped" in (await client.get(f"/studio/runs/{run_id}")).text
    await client.post(f"/studio/runs/{run_id}/removal")
    assert (await client.get(f"/studio/runs/{run_id}")).status_code == 404
    second = await started(client)
    await client.post(f"/studio/runs/{second}/cancellation")
    await client.post("/studio/runs/clearing")
    assert "Nothing has been made yet" in (await client.get("/studio/runs")).text


async def test_a_viewer_looks_and_a_stranger_sees_nothing(
    app: FastAPI, client: httpx.AsyncClient, db: Database, workspace: Workspace
) -> None:
    run_id = await started(client)
    viewer = await person(db, workspace, "Mira", Role.VIEWER)
    async with client_for(app, cookies={security.SESSION_COOKIE: await token_for(viewer)}) as looking:
        looking.headers["accept"] = "text/html"
        desk = (await looking.get("/studio")).text
        assert "poster-form" not in desk
        assert "/cancellation" not in (await looking.get(f"/studio/runs/{run_id}")).text
    async with db.writing() as session:
        other = Workspace(name="Elsewhere", timezone="UTC")
        session.add(other)
    async with client_for(app, await person(db, other, "Bo", Role.OWNER)) as stranger:
        assert (await stranger.get(f"/studio/runs/{run_id}", headers={"accept": "text/html"})).status_code == 404
        assert (await stranger.delete(f"/api/v2/runs/{run_id}")).status_code == 404


async def test_presets_and_runs_over_the_api(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/api/v2/presets", headers=JSON)).json()["items"]) == 8
    people = (await client.get("/api/v2/presets?category=people", headers=JSON)).json()["items"]
    assert [p["id"] for p in people] == ["portrait", "fashion"]
    assert (await client.get("/api/v2/presets/product", headers=JSON)).json()["width"] == 1024
    assert (await client.get("/api/v2/presets/none", headers=JSON)).status_code == 404
    run_id = await started(client)
    listed = (await client.get("/api/v2/runs?state=queued", headers=JSON)).json()["items"]
    assert [r["id"] for r in listed] == [run_id]
    again = await client.post(f"/api/v2/runs/{run_id}/repetition?vary=true", headers=JSON)
    assert again.status_code == 202


def test_every_preset_has_a_place_for_words() -> None:
    assert all("{subject}" in p.prompt and p.width % 32 == 0 and p.height % 32 == 0 for p in presets.PRESETS)
