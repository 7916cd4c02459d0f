"""The pages of the library: whole and as regions, what is done with many, one asset, upload, collections, roles."""

import io
import re
import zipfile
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.library.api import router as api
from ainfluencer.library.pages import router as pages
from ainfluencer.library.wanted import Wanted
from ainfluencer.media import provenance
from ainfluencer.studio import service as studio
from ainfluencer.studio.models import Asset
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from tests.conftest import person
from tests.support.clients import client_for, small_app, token_for
from tests.unit.media.test_media import picture

HTMX = {"hx-request": "true"}


async def bare_shell(_request: object) -> Shell:
    """A frame without menus."""
    return Shell(user=Person(name="Ada", role="owner"), workspace=Place(id="w", name="Harbour"), sections=())


@pytest.fixture
def app() -> FastAPI:
    made = small_app(api, pages)
    made.state.shell = bare_shell
    made.state.error_page = errors.page
    return made


async def browser(app: FastAPI, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(app, cookies={security.SESSION_COOKIE: await token_for(actor)}) as made:
        made.headers["accept"] = "text/html"
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', (await made.get("/library")).text)
        assert found
        made.headers[security.CSRF_HEADER] = found.group(1)
        yield made


@pytest.fixture
async def client(app: FastAPI, db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async for made in browser(app, owner):
        yield made


async def bring(db: Database, actor: Actor, count: int = 1, *, signed: bool = False) -> list[Asset]:
    made = []
    for number in range(count):
        data = picture(60, 70, seed=number)
        if signed:
            data = provenance.sign(data, "image/png", title="W", source_type="algorithmicMedia", agent="Poster")
        async with db.writing() as session:
            made.append(
                await studio.add_upload(
                    session,
                    actor,
                    data,
                    filename=f"wave {number}.png",
                    character_id=None,
                    alt_text="A wave at dawn",
                    is_ai=True,
                )
            )
    return made


async def test_an_empty_library_says_what_to_do_next(client: httpx.AsyncClient) -> None:
    page = (await client.get("/library")).text
    assert "No pictures yet" in page
    assert 'href="/studio"' in page
    assert page.count("<h1") == 1
    assert "Nothing matches" in (await client.get("/library?state=approved")).text


async def test_the_address_is_the_filter(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    first, second = await bring(db, owner, 2)
    region = (await client.get("/library?q=dawn&state=draft&sort=old&score=&tag=", headers=HTMX)).text
    assert "<html" not in region
    assert region.index(first.id) < region.index(second.id)
    nonsense = await client.get("/library?state=lost&score=abc&sort=sideways&kind=smell")
    assert nonsense.status_code == 200
    assert first.id in nonsense.text


def test_the_next_page_keeps_the_filter() -> None:
    asked = Wanted(q="a b", tag=["sea", ""], favourite="on", state="draft")
    assert asked.is_narrowed
    assert not Wanted(tag=[""], sort="old").is_narrowed
    assert asked.url(cursor="x") == "/library?q=a+b&state=draft&favourite=on&tag=sea&tag=&cursor=x"


async def test_more_cards_follow_in_the_same_order(
    client: httpx.AsyncClient, db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ainfluencer.library.pages.index.PAGE", 2)
    made = await bring(db, owner, 3)
    page = (await client.get("/library")).text
    more = re.search(r'hx-get="([^"]+part=more)"', page)
    assert more
    rest = (await client.get(more.group(1).replace("&amp;", "&"), headers=HTMX)).text
    assert [a.id in page for a in made] == [False, True, True]
    assert [f'id="media-{a.id}"' in rest for a in made] == [True, False, False]


async def test_many_are_approved_rejected_tagged_and_collected(
    client: httpx.AsyncClient, db: Database, owner: Actor
) -> None:
    ids = [a.id for a in await bring(db, owner, 2)]
    done = await client.post("/library/bulk", data={"ids": ids, "action": "approve"}, headers=HTMX)
    assert done.text.count("Approved") == 2
    assert "selection-clear" in done.headers["hx-trigger"]
    assert (await client.post("/library/rejections", data={"ids": ids, "reason": " "}, headers=HTMX)).status_code == 422
    await client.post("/library/rejections", data={"ids": ids[:1], "reason": "Too dark"}, headers=HTMX)
    await client.post("/library/tags", data={"ids": ids, "tags": "Sea, dawn"}, headers=HTMX)
    await client.post("/library/collected", data={"ids": ids, "name": "Winter"}, headers=HTMX)
    page = (await client.get(f"/library/{ids[0]}")).text
    assert "Too dark" in page
    assert "dawn, sea" in page
    assert ">Winter</a>" in page
    assert (await client.get("/library?tag=sea&state=approved")).text.count('class="media-card"') == 1
    shelf = (await client.get("/api/v2/collections", headers={"accept": "application/json"})).json()["items"][0]
    assert (shelf["name"], shelf["count"]) == ("Winter", 2)


async def test_what_is_removed_can_be_brought_back(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    (asset,) = await bring(db, owner)
    gone = await client.post("/library/bulk", data={"ids": [asset.id], "action": "remove"}, headers=HTMX)
    assert f'<li id="media-{asset.id}" hidden>' in gone.text
    assert (await client.get(f"/library/{asset.id}")).status_code == 404
    undo = re.search(r'"undo_url": "([^"]+)"', gone.headers["hx-trigger"])
    assert undo
    back = await client.post(undo.group(1), headers=HTMX)
    assert "media-frame" in back.text
    assert (await client.get(f"/library/{asset.id}")).status_code == 200


async def test_originals_come_as_a_zip(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    ids = [a.id for a in await bring(db, owner, 2)]
    sent = await client.post("/library/bulk", data={"ids": ids, "action": "download"}, headers=HTMX)
    answer = await client.get(sent.headers["hx-redirect"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == 3


async def test_one_asset_says_what_a_verifier_reads(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    (signed,) = await bring(db, owner, signed=True)
    page = (await client.get(f"/library/{signed.id}")).text
    assert "known here, unknown elsewhere" in page
    assert "Drawn by a program" in page
    assert "Not checked yet" in page
    drawer = (await client.get(f"/library/{signed.id}?part=drawer", headers=HTMX)).text
    assert 'id="asset-drawer"' in drawer
    assert "<html" not in drawer
    (plain,) = await bring(db, owner)
    assert "No credentials in the file" in (await client.get(f"/library/{plain.id}")).text


async def test_checks_are_rows_with_values(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    (asset,) = await bring(db, owner)
    await client.post(f"/library/{asset.id}/quality")
    page = (await client.get(f"/library/{asset.id}")).text
    assert "60 px (at least 600 px)" in page
    assert "64 of 64 bits differ" in page
    assert "Not checked yet" not in page


async def test_words_and_favourites_are_kept(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    (asset,) = await bring(db, owner)
    kept = await client.post(
        f"/library/{asset.id}/words",
        data={"title": "Dawn", "alt_text": "Grey sea, first light", "tags": "sea,cold"},
        headers=HTMX,
    )
    assert "Grey sea, first light" in kept.text
    await client.post(f"/library/{asset.id}/words", data={"title": "Dawn", "alt_text": "", "tags": "cold"})
    page = (await client.get(f"/library/{asset.id}")).text
    assert 'value="cold"' in page
    assert "No description yet" in page
    await client.post(f"/library/{asset.id}/favourite", data={"on": "on"})
    assert asset.id in (await client.get("/library?favourite=on")).text


async def test_an_upload_asks_who_made_it(client: httpx.AsyncClient) -> None:
    file = ("files", ("dawn.png", picture(), "image/png"))
    refused = await client.post("/library", files=[file], data={"alt_text": "A pier"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Please say who made it" in refused.text
    assert "A pier" in refused.text
    broken = await client.post(
        "/library",
        files=[file, ("files", ("b.png", picture()[:90], "image/png"))],
        data={"made_by": "ai"},
        headers=HTMX,
    )
    assert broken.status_code == 422
    assert "No pictures yet" in (await client.get("/library")).text, "all files or none"
    kept = await client.post("/library", files=[file], data={"made_by": "person"}, headers=HTMX)
    assert kept.headers["hx-redirect"] == "/library"
    assert "dawn" in (await client.get("/library")).text


async def test_collections_are_made_renamed_and_taken_away(client: httpx.AsyncClient) -> None:
    assert "No collections yet" in (await client.get("/library/collections")).text
    await client.post("/library/collections", data={"name": "Winter"})
    assert (await client.post("/library/collections", data={"name": "Winter"})).status_code == 422
    page = (await client.get("/library/collections")).text
    shelf = re.search(r'id="shelf-(\w+)"', page)
    assert shelf
    await client.post(f"/library/collections/{shelf.group(1)}/name", data={"name": "Spring"})
    assert "Spring" in (await client.get("/library/collections")).text
    await client.post(f"/library/collections/{shelf.group(1)}/removal")
    assert "No collections yet" in (await client.get("/library/collections")).text


async def test_roles_see_what_they_may_do(app: FastAPI, db: Database, workspace: Workspace, owner: Actor) -> None:
    (asset,) = await bring(db, owner)
    async for viewer in browser(app, await person(db, workspace, "Mira", Role.VIEWER)):
        page = (await viewer.get("/library")).text
        assert "Upload" not in page
        assert 'value="approve"' not in page
        shown = (await viewer.get(f"/library/{asset.id}")).text
        assert "/approval" not in shown
        assert "/words" not in shown
        assert (await viewer.post(f"/library/{asset.id}/approval", headers=HTMX)).status_code == 403
        assert (await viewer.get("/library/new")).status_code == 403


async def test_another_workspace_is_nowhere(app: FastAPI, db: Database, owner: Actor) -> None:
    (asset,) = await bring(db, owner)
    async with db.writing() as session:
        other = Workspace(name="Elsewhere", timezone="UTC")
        session.add(other)
    async for stranger in browser(app, await person(db, other, "Bo", Role.OWNER)):
        assert asset.id not in (await stranger.get("/library")).text
        assert (await stranger.get(f"/library/{asset.id}")).status_code == 404
        assert (await stranger.post(f"/library/{asset.id}/approval", headers=HTMX)).status_code == 404
