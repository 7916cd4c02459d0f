"""The pages of bundles: what can be had, one bundle, whose keys are known, and a new one."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from ainfluencer.cards.bundles import bundle
from ainfluencer.cards.pages import router as pages
from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core.actor import Actor
from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database
from tests.support.pages import HTMX, browsing, page_app
from tests.unit.cards.test_bundle_market import (
    MARK,
    own_folder,
    packed,
)
from tests.unit.cards.test_library_imports import worked


@pytest.fixture
async def browser(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(page_app(pages), owner) as made:
        yield made


async def page_of(browser: httpx.AsyncClient, data: bytes | None = None) -> str:
    answer = await browser.post("/cards/bundles", files={"file": ("h.cardbundle", data or packed())})
    assert answer.status_code == 303, answer.text[:600]
    return answer.headers["location"]


async def test_the_empty_page_says_how_to_begin(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/cards/bundles")
    assert page.status_code == 200, page.text[:600]
    assert "No source yet" in page.text
    assert "Add a source" in page.text


async def test_a_bundle_goes_from_the_page_into_the_library(db: Database, browser: httpx.AsyncClient) -> None:
    place = await page_of(browser)
    page = (await browser.get(place)).text
    assert "Unknown key" in page
    assert MARK in page
    shown = await browser.get(f"{place}/pictures/1")
    assert Image.open(io.BytesIO(shown.content)).format == "WEBP"
    assert (await browser.get(f"{place}/pictures/2")).status_code == 404
    assert (await browser.post(f"{place}/imports", data={})).status_code == 422
    answer = await browser.post(f"{place}/imports", data={"numbers": ["1"], "trusted": "on"})
    job = answer.headers["location"].rsplit("/", 1)[-1]
    assert (await worked(db, job))["counts"] == {"added": 1}
    assert "Mira" in (await browser.get("/cards")).text
    assert "Known key" in (await browser.get(place)).text
    assert (await browser.post(f"{place}/removal")).status_code == 303
    assert (await browser.get(place)).status_code == 404


async def test_sources_and_keys_on_the_page(browser: httpx.AsyncClient, owner: Actor, settings: Settings) -> None:
    folder = own_folder(settings, owner)
    (folder / "good.cardbundle").write_bytes(packed())
    await browser.post("/cards/bundles/sources", data={"address": str(folder)})
    await browser.post("/cards/bundles/keys", data={"fingerprint": MARK, "state": "blocked", "label": "Eve"})
    page = (await browser.get("/cards/bundles")).text
    assert "Harbour people" in page
    assert "Blocked key" in page
    assert "Look inside" not in page
    (folder / "good.cardbundle").unlink()
    source = page.split("/cards/bundles/sources/")[1].split("/")[0]
    await browser.post(f"/cards/bundles/sources/{source}/refreshment")
    assert "Nothing is offered" in (await browser.get("/cards/bundles")).text
    assert "Nothing matches" in (await browser.get("/cards/bundles", params={"q": "zebra"}, headers=HTMX)).text
    folder.rmdir()
    folder.write_text("no folder")
    await browser.post(f"/cards/bundles/sources/{source}/refreshment")
    assert "cannot be read" in (await browser.get("/cards/bundles")).text


async def test_a_bundle_is_made_on_the_page(db: Database, browser: httpx.AsyncClient, owner: Actor) -> None:
    async with db.writing() as session:
        ada = await characters.create(session, owner, CharacterDraft(name="Ada Vale", age=30, bio="Paints boats."))
    assert "Ada Vale" in (await browser.get("/cards/bundles/new")).text
    empty = await browser.post("/cards/bundles/packings", data={"page": "on", "name": " ", "character_ids": ada.id})
    assert empty.status_code == 422
    assert "Ada Vale" in empty.text
    made = await browser.post("/cards/bundles/packings", data={"page": "on", "name": "Ours", "character_ids": ada.id})
    place = made.headers["location"]
    await worked(db, place.rsplit("/", 1)[-1])
    assert "Download the bundle" in (await browser.get(place)).text
    file = await browser.get(f"{place}/file")
    assert "Ours.cardbundle" in file.headers["content-disposition"]
    assert bundle.read(file.content).cards[0].name == "Ada Vale"
