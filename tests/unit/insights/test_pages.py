"""The pages of insights, the file, and the API."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.insights import api, service
from ainfluencer.insights.pages import router
from ainfluencer.publishing.models import Delivery
from tests.support import listeners
from tests.support.clients import client_for, small_app
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import second_workspace
from tests.unit.insights.conftest import World


@pytest.fixture
async def delivery(db: Database, owner: Actor, world: World) -> Delivery:
    """A post with numbers; its words look like a formula."""
    made = await listeners.published(
        db, owner, world.character_id, world.channel.id, remote_id="p1", caption="=1+1 is what the sea says"
    )
    world.bell.counters["p1"] = {"likes": 7, "replies": 2, "reposts": 1, "views": 50}
    await service.measure(owner, world.channel.id)
    return made


@pytest.fixture
async def client(delivery: Delivery, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    assert delivery.id
    async with browsing(page_app(router), owner) as made:
        yield made


async def test_the_overview(client: httpx.AsyncClient, delivery: Delivery) -> None:
    page = await client.get("/insights")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "20.0%" in page.text  # ten reactions to fifty views
    assert "10 reactions to 1 post of that day" in page.text
    assert f"/insights/posts/{delivery.post_id}" in page.text
    assert "By character" in page.text
    assert "simulated audience" not in page.text  # Bell is no simulation
    assert 'data-values="{' in page.text


async def test_filters_redraw_the_results(client: httpx.AsyncClient, world: World) -> None:
    part = await client.get("/insights", params={"days": "7", "channel": world.channel.id}, headers=HTMX)
    assert "<html" not in part.text
    assert "10 reactions" in part.text
    nothing = await client.get("/insights", params={"character": "0" * 26}, headers=HTMX)
    assert "No numbers in this period" in nothing.text
    assert (await client.get("/insights?days=soon")).status_code == 200


async def test_one_post(client: httpx.AsyncClient, delivery: Delivery) -> None:
    page = await client.get(f"/insights/posts/{delivery.post_id}")
    assert "How this post grew" in page.text
    assert "Readings" in page.text
    assert "Mira on Bell" in page.text


async def test_the_file_opens_in_a_spreadsheet(client: httpx.AsyncClient, delivery: Delivery) -> None:
    answer = await client.get("/insights/export.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["post"], row["likes"], row["views"], row["simulated"]) == (delivery.post_id, "7", "50", "no")
    assert row["caption"] == "'=1+1 is what the sea says"  # no spreadsheet takes it for a formula


async def test_another_workspace(db: Database, delivery: Delivery) -> None:
    async with browsing(page_app(router), await second_workspace(db)) as client:
        assert (await client.get(f"/insights/posts/{delivery.post_id}")).status_code == 404
        assert "No numbers yet" in (await client.get("/insights")).text
        assert len((await client.get("/insights/export.csv")).text.splitlines()) == 1


async def test_the_api(db: Database, owner: Actor, delivery: Delivery) -> None:
    async with client_for(small_app(api.router), owner) as client:
        summary = (await client.get("/api/v2/insights", params={"days": 7})).json()
        assert summary["totals"]["likes"] == 7
        assert summary["totals"]["engagement"] == 0.2
        assert [b["post_id"] for b in summary["best"]] == [delivery.post_id]
        assert sum(d["posts"] for d in summary["by_day"]) == 1
        history = (await client.get(f"/api/v2/insights/posts/{delivery.post_id}")).json()
        assert [s["likes"] for s in history["items"]] == [7]
        assert (await client.get("/api/v2/insights", params={"days": 0})).status_code == 422
    async with client_for(small_app(api.router), await second_workspace(db)) as stranger:
        assert (await stranger.get(f"/api/v2/insights/posts/{delivery.post_id}")).status_code == 404
