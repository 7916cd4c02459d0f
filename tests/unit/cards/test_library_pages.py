"""The pages of the library of cards, with and without scripts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards import service
from ainfluencer.cards.library.pages import bulk
from ainfluencer.cards.pages import router as pages
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from tests.conftest import person
from tests.support.cards import cards
from tests.support.pages import HTMX, browsing, page_app
from tests.unit.cards.test_library_api import PROSE, as_json
from tests.unit.cards.test_library_imports import worked, zipped
from tests.unit.cards.test_library_keeping import picture_card


@pytest.fixture
async def browser(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(page_app(pages), owner) as made:
        yield made


async def add(db: Database, owner: Actor, data: bytes | None = None, filename: str = "mira.png") -> str:
    async with db.writing() as session:
        return (await service.add(session, owner, data or picture_card(), filename)).row.id


async def test_an_empty_library_says_how_to_begin(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/cards")
    assert page.status_code == 200
    assert "No cards yet" in page.text
    assert 'type="file"' in page.text.split("<noscript><div")[1]
    assert "Add cards" in page.text


@pytest.mark.parametrize("view", ["", "table"])
async def test_cards_are_found_as_one_types(db: Database, owner: Actor, browser: httpx.AsyncClient, view: str) -> None:
    await add(db, owner, as_json(name="Anna Vale", description="x"), "a.json")
    await add(db, owner, as_json(name="Bo", description="y"), "b.json")
    part = await browser.get("/cards", params={"q": "ANNA", "view": view}, headers=HTMX)
    assert "Anna Vale" in part.text
    assert ">Bo<" not in part.text
    assert "1 card matches" in part.text
    assert f"/cards?q=ANNA{'' if view else '&amp;view=table'}" in part.text  # the other view keeps what was asked for
    assert "<html" not in part.text
    nothing = await browser.get("/cards", params={"q": "zebra"})
    assert "Nothing matches" in nothing.text


async def test_a_long_list_goes_on(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    for number in range(62):
        await add(db, owner, as_json(name=f"Card {number:02}"), f"{number}.json")
    page = await browser.get("/cards", params={"sort": "name"})
    address = page.text.split('hx-get="/cards?')[-1].split('"')[0].replace("&amp;", "&")
    more = await browser.get(f"/cards?{address}", headers=HTMX)
    assert "Card 61" in more.text
    assert "Card 00" not in more.text


async def test_a_card_shows_what_it_says_and_costs(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    book = {"name": "The coast", "entries": [cards.entry(1, content="An old harbour.")]}
    card_id = await add(
        db, owner, picture_card(name="Mira", description=f"Mira <b>sails</b>. {PROSE}", character_book=book)
    )
    page = await browser.get(f"/cards/{card_id}")
    assert page.status_code == 200, page.text[:500]
    assert "Mira &lt;b&gt;sails&lt;/b&gt;" in page.text
    assert "An old harbour." in page.text
    assert "Safe for everybody" in page.text
    part = await browser.get(f"/cards/{card_id}", params={"context": 2048}, headers=HTMX)
    assert 'max="2048"' in part.text


async def test_a_finding_is_mended_with_one_click(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id = await add(db, owner, picture_card(tags=["sea", "sea", ""]))
    page = await browser.get(f"/cards/{card_id}")
    assert "Mend all" in page.text
    answer = await browser.post(f"/cards/{card_id}/fixes", data={"rev": "1"})
    assert answer.status_code == 303
    assert "Mend all" not in (await browser.get(f"/cards/{card_id}")).text


async def test_versions_are_compared_and_taken_back(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id = await add(db, owner, picture_card(description="She sails at night."))
    async with db.writing() as session:
        await service.edit(session, owner, card_id, rev=1, set={"description": "She sails at dawn."})
    page = await browser.get(f"/cards/{card_id}/diff")
    assert "<del>night</del>" in page.text
    assert "<ins>dawn</ins>" in page.text
    await browser.post(f"/cards/{card_id}/versions/1/restoration", data={"rev": "2"})
    async with db.reading() as session:
        assert (await service.read(session, owner, card_id)).opened.card.description == "She sails at night."


async def test_a_lossy_download_asks_first(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id = await add(db, owner, picture_card(alternate_greetings=["Ahoy."]))
    asked = await browser.get(f"/cards/{card_id}/download", params={"to": "v1"})
    assert "alternate_greetings" in asked.text
    assert "Download all the same" in asked.text
    given = await browser.get(f"/cards/{card_id}/download", params={"to": "v1", "allow_loss": "true"})
    assert given.content.startswith(b"\x89PNG")
    same = await browser.get(f"/cards/{card_id}/download")
    assert same.content == picture_card(alternate_greetings=["Ahoy."])


async def test_a_note_and_a_heart_stand_beside_the_card(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id = await add(db, owner)
    await browser.post(f"/cards/{card_id}/marks", data={"note": "For the autumn.", "tags": "later, crew"})
    await browser.post(f"/cards/{card_id}/marks", data={"favourite": "on"})
    page = (await browser.get(f"/cards/{card_id}")).text
    assert "For the autumn." in page
    assert "No favourite any more" in page
    await browser.post(f"/cards/{card_id}/marks", data={"favourite": "off"})
    await browser.get(f"/cards/{card_id}")  # the toast of the page before says it once more
    assert "No favourite any more" not in (await browser.get(f"/cards/{card_id}")).text


async def test_a_deleted_card_waits_in_the_bin(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id = await add(db, owner, as_json(name="Ann"), "a.json")
    await browser.post(f"/cards/{card_id}/deletion", data={})
    assert "Ann" not in (await browser.get("/cards/bin")).text.split('id="results"')[0]
    assert "Ann" in (await browser.get("/cards/bin")).text
    assert (await browser.get(f"/cards/{card_id}")).headers["location"] == "/cards/bin"
    await browser.post("/cards/bulk", data={"ids": card_id, "action": "erase"})
    assert "The bin is empty" in (await browser.get("/cards/bin")).text


async def test_files_are_brought_in(db: Database, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await browser.post("/cards/imports", files={"files": ("ann.json", as_json(name="Ann"))})
    assert one.headers["location"].startswith("/cards/")
    many = [("files", ("bo.json", as_json(name="Bo"))), ("files", ("all.zip", zipped(**{"x.txt": b"no card"})))]
    answer = await browser.post("/cards/imports", files=many)
    where = answer.headers["location"]
    assert "going on" in (await browser.get(where)).text or "hx-trigger" in (await browser.get(where)).text
    await worked(db, where.rpartition("/")[2])
    told = (await browser.get(where)).text
    assert "bo.json" in told
    assert "x.txt" in told
    assert "not_a_card" in told or "refused" in told
    monkeypatch.setattr(bulk, "_SHOWN", 1)  # what was refused is told, however far behind it stands
    told = (await browser.get(where)).text
    assert "x.txt" in told
    assert "bo.json" not in told
    assert "The first 1 of 2" in told


async def test_picked_cards_are_packed(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    ids = [await add(db, owner, as_json(name=name), f"{name}.json") for name in ("report", "..\\bo")]
    answer = await browser.post("/cards/bulk", data={"ids": ids, "action": "export"})
    where = answer.headers["location"]
    await worked(db, where.rpartition("/")[2])
    assert "Download the zip" in (await browser.get(where)).text
    archive = zipfile.ZipFile(io.BytesIO((await browser.get(f"{where}/zip")).content))
    assert sorted(archive.namelist()) == ["_bo.json", "report (2).json", "report.json"]


async def test_after_a_bulk_change_the_same_list_is_shown(
    db: Database, owner: Actor, browser: httpx.AsyncClient
) -> None:
    card_id = await add(db, owner)
    headers = HTMX | {"hx-current-url": "http://testserver/cards?sort=name&q=mira"}
    answer = await browser.post("/cards/bulk", data={"ids": card_id, "action": "favourite"}, headers=headers)
    assert answer.headers["hx-redirect"] == "/cards?sort=name&q=mira"


async def test_what_a_form_sent_is_refused_in_words(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    card_id, far = await add(db, owner), "9" * 30
    key = {"fingerprint": "Ada’s key", "state": "trusted"}
    for address, form in (
        ("/cards/bulk", {"action": "delete"}),
        ("/cards/bulk", {"action": "tag", "ids": card_id, "tags": ",".join(map(str, range(21)))}),
        ("/cards/bulk", {"action": "export", "ids": card_id, "to": "docx"}),
        (f"/cards/{card_id}/marks", {"note": "x" * 4001}),
        (f"/cards/{card_id}/merge", {"rev": "1", "theirs": card_id, "side:name": "hers"}),
        (f"/cards/{card_id}/merge", {"rev": "1", "theirs": card_id, "base": "x" * 50}),
        ("/cards/bundles/keys", key),
        (f"/cards/bundles/{card_id}/imports", {"numbers": "0"}),
    ):
        assert (await browser.post(address, data=form)).status_code == 422, (address, form)
    refused = await browser.post("/cards/bulk", data={"action": ""}, headers={"referer": "http://testserver/cards?q=a"})
    assert 'href="/cards?q=a"' in refused.text  # the way back to the form
    assert (await browser.get(f"/cards/{card_id}/download", params={"version": far})).status_code == 404
    assert (await browser.post(f"/cards/{card_id}/versions/{far}/restoration", data={"rev": "1"})).status_code == 404


async def test_a_list_that_was_scrolled_far_is_changed_as_a_whole(
    db: Database, owner: Actor, browser: httpx.AsyncClient
) -> None:
    ids = [await add(db, owner), *(f"{number:026}" for number in range(1100))]
    answer = await browser.post("/cards/bulk", data={"ids": ids, "action": "favourite"}, headers=HTMX)
    assert answer.status_code == 204
    assert "No favourite any more" in (await browser.get(f"/cards/{ids[0]}")).text


async def test_alike_cards_stand_together(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    first = await add(db, owner, as_json(name="Ann"), "a.json")
    assert "No two cards are alike" in (await browser.get("/cards/duplicates")).text
    await add(db, owner, as_json(name="Ann"), "b.json")
    page = (await browser.get("/cards/duplicates")).text
    assert "The same file" in page
    assert "Much like this one" in (await browser.get(f"/cards/{first}")).text


async def test_who_may_only_look_is_offered_nothing_else(db: Database, owner: Actor, workspace: Workspace) -> None:
    card_id = await add(db, owner)
    viewer = await person(db, workspace, "Vera", Role.VIEWER)
    async with browsing(page_app(pages), viewer) as browser:
        page = await browser.get(f"/cards/{card_id}")
        assert page.status_code == 200
        assert f"/cards/{card_id}/edit" not in page.text
        assert "Add cards" not in (await browser.get("/cards")).text
        refused: Any = await browser.post(f"/cards/{card_id}/deletion", data={})
        assert refused.status_code == 403
