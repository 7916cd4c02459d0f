"""The library of cards over the API: found, filtered, edited, compared, handed out, packed and brought in by the hundred."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image

from ainfluencer.cards.api import router as cards_router
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.unit.cards.test_library_keeping import chunks, picture_card

PROSE = (
    "Mira keeps the lighthouse at Cabo Raso and writes down every ship that passes. She mends nets in winter, paints boats "
    "in spring, and knows the tide tables by heart. Her brother sails for the rescue service and calls her every Sunday. "
)


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(cards_router), owner) as made:
        yield made


async def add(client: httpx.AsyncClient, data: bytes | None = None, filename: str = "mira.png", **form: str) -> Any:
    answer = await client.post("/api/v2/cards", files={"file": (filename, data or picture_card())}, data=form)
    assert answer.status_code == 201, answer.text
    return answer.json()


def as_json(**changes: Any) -> bytes:
    return json.dumps(cards.v2(**changes)).encode()


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/api/v2/cards", params=params)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, ["Cy", "Bo", "Ann"]),
        ({"q": "harbo"}, ["Ann"]),
        ({"q": "HARBOUR  déja"}, ["Ann"]),
        ({"q": "銀河"}, ["Bo"]),
        ({"q": "'\"* -- nothing"}, []),
        ({"tag": "Sea"}, ["Bo", "Ann"]),
        ({"tag": ["sea", "cat"]}, ["Bo"]),
        ({"creator": "ada"}, ["Bo", "Ann"]),
        ({"has_lorebook": "true"}, ["Cy"]),
        ({"container": "png"}, ["Cy"]),
        ({"rating": "explicit"}, []),
        ({"character": "any"}, []),
        ({"favourite": "true"}, []),
        ({"sort": "name"}, ["Ann", "Bo", "Cy"]),
        ({"sort": "name", "reverse": "true"}, ["Cy", "Bo", "Ann"]),
        ({"sort": "tokens", "reverse": "true", "limit": 1}, ["Ann"]),
        ({"max_tokens": 30}, ["Cy", "Bo"]),
    ],
)
async def test_lists_are_filtered(client: httpx.AsyncClient, params: dict[str, Any], wanted: list[str]) -> None:
    plain: dict[str, Any] = {"personality": "", "scenario": "", "creator": ""}
    one = {"name": "Ann", "tags": ["Sea"], "description": f"A harbour pilot. {PROSE}", "creator_notes": "Déjà vu"}
    await add(client, as_json(**plain | one | {"creator": "Ada"}), "a.json")
    two = {"name": "Bo", "tags": ["sea", "Cat"], "description": "銀河鉄道", "creator": "ADA"}
    await add(client, as_json(**plain | two), "b.json")
    book = {"entries": [cards.entry(1)]}
    await add(client, picture_card(**plain | {"name": "Cy", "tags": [], "description": "x", "character_book": book}))
    assert await names(client, **params) == wanted


@pytest.mark.parametrize("sort", ["newest", "changed", "name", "score", "tokens", "creator"])
async def test_pages_follow_each_other_in_every_order(client: httpx.AsyncClient, sort: str) -> None:
    for number in range(7):
        await add(client, as_json(name=f"Card {number % 3}", creator="ab"[number % 2]), f"{number}.json")
    whole = [i["id"] for i in (await client.get("/api/v2/cards", params={"sort": sort})).json()["items"]]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"sort": sort, "limit": "3", "cursor": cursor}
        page = (await client.get("/api/v2/cards", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == whole
    assert len(set(seen)) == 7


async def test_of_two_edits_at_the_same_moment_one_is_told(client: httpx.AsyncClient) -> None:
    url = f"/api/v2/cards/{(await add(client))['card']['id']}"
    rev = (await client.patch(url, json={"rev": 1, "set": {"personality": "Calm."}})).json()["rev"]
    edits = ({"scenario": "A storm."}, {"first_mes": "Ahoy."})
    answers = await asyncio.gather(*(client.patch(url, json={"rev": rev, "set": edit}) for edit in edits))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_foreign_cursor_is_refused(client: httpx.AsyncClient) -> None:
    names = ['["name", "a", "b"]', '["name", "\\ud800", "b"]', '["name", "a", "\\u0000"]', "[" * 9000]
    for told in (*names, f'["score", {"9" * 40}, "b"]', '["newest", "soon", "b"]'):
        cursor, sort = base64.b64encode(told.encode()).decode(), told[2:].partition('"')[0]
        wanted = {"cursor": cursor, "sort": sort if sort == "score" or "\\u" in told else "newest"}
        assert (await client.get("/api/v2/cards", params=wanted)).status_code == 422, told
    assert (await client.get("/api/v2/cards", params={"cursor": "x"})).status_code == 422


async def test_an_edit_over_the_api(client: httpx.AsyncClient) -> None:
    card = (await add(client))["card"]
    url = f"/api/v2/cards/{card['id']}"
    made = await client.patch(url, json={"rev": card["rev"], "set": {"scenario": "At sea."}, "remove": ["tags[0]"]})
    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.json()["rev"]) == (2, card["rev"] + 1)
    late = await client.patch(url, json={"rev": card["rev"], "set": {"scenario": "On land."}})
    assert (late.status_code, late.json()["code"]) == (409, "changed_meanwhile")
    content = (await client.get(f"{url}/content")).json()
    assert content["card"]["scenario"] == "At sea."
    versions = (await client.get(f"{url}/versions")).json()["items"]
    assert [(one["number"], one["reason"], one["fields"]) for one in versions] == [
        (2, "edited", ["scenario", "tags"]),
        (1, "imported", []),
    ]
    changes = (await client.get(f"{url}/diff", params={"from": 1, "to": 2})).json()["changes"]
    assert {change["field"] for change in changes} == {"scenario", "tags"}


async def test_an_old_version_is_taken_back(client: httpx.AsyncClient) -> None:
    data = picture_card(description="First.")
    card = (await add(client, data))["card"]
    url = f"/api/v2/cards/{card['id']}"
    await client.patch(url, json={"rev": 1, "set": {"description": "Second."}})
    back = await client.post(f"{url}/versions/1/restoration", json={"rev": 2})
    assert (back.status_code, back.json()["version"]) == (200, 3)
    assert (await client.get(f"{url}/download")).content == data
    assert (await client.post(f"{url}/versions/9/restoration", json={"rev": 3})).status_code == 404


async def test_a_download_says_first_what_it_would_lose(client: httpx.AsyncClient) -> None:
    card = (await add(client, picture_card(alternate_greetings=["Ahoy."])))["card"]
    url = f"/api/v2/cards/{card['id']}"
    report = (await client.get(f"{url}/losses", params={"to": "v1"})).json()
    assert any(loss["field"] == "data.alternate_greetings" for loss in report["losses"])
    refused = await client.get(f"{url}/download", params={"to": "v1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "would_lose")
    given = await client.get(f"{url}/download", params={"to": "v1", "allow_loss": "true"})
    assert given.status_code == 200
    assert given.content.startswith(b"\x89PNG")
    assert "mira" in given.headers["content-disposition"].lower() or "png" in given.headers["content-disposition"]


async def test_a_downloaded_version_is_not_changed_by_the_next_edit(client: httpx.AsyncClient) -> None:
    card = (await add(client))["card"]
    url = f"/api/v2/cards/{card['id']}"
    await client.patch(url, json={"rev": 1, "set": {"scenario": "One."}})
    before = (await client.get(f"{url}/download")).content
    made = await client.patch(url, json={"rev": 2, "set": {"scenario": "Two."}})
    assert made.json()["version"] == 3
    assert (await client.get(f"{url}/download", params={"version": 2})).content == before


async def test_findings_are_mended_by_code(client: httpx.AsyncClient) -> None:
    card = (await add(client, picture_card(tags=["sea", "sea", ""])))["card"]
    url = f"/api/v2/cards/{card['id']}"
    report = (await client.get(f"{url}/lint", params={"context": 4096})).json()
    fixable = [one["code"] for one in report["findings"] if one["can_fix"]]
    assert fixable
    assert report["budget"]["context"] == 4096
    made = await client.post(f"{url}/fixes", json={"rev": 1, "codes": fixable[:1]})
    assert made.status_code == 200, made.text
    left = [one["code"] for one in (await client.get(f"{url}/lint")).json()["findings"] if one["can_fix"]]
    assert fixable[0] not in left
    wrong = await client.post(f"{url}/fixes", json={"rev": made.json()["rev"], "codes": ["no_such_code"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_fix")


async def test_a_card_becomes_another_version_of_the_format(client: httpx.AsyncClient) -> None:
    card = (await add(client))["card"]
    made = await client.post(f"/api/v2/cards/{card['id']}/conversion", json={"rev": 1, "to": "v3"})
    assert (made.status_code, made.json()["spec"], made.json()["version"]) == (200, "v3", 2)


async def test_two_edits_are_merged(client: httpx.AsyncClient) -> None:
    base = picture_card(description="Base.", scenario="Base.")
    card, other = (await add(client, base))["card"], (await add(client, base))["card"]
    for one, change in ((card, {"description": "Ours."}), (other, {"scenario": "Theirs."})):
        await client.patch(f"/api/v2/cards/{one['id']}", json={"rev": 1, "set": change})
    url = f"/api/v2/cards/{card['id']}"
    made = await client.post(f"{url}/merge", json={"rev": 2, "base": "1", "theirs": other["id"]})
    assert made.status_code == 200, made.text
    said = (await client.get(f"{url}/content")).json()["card"]
    assert (said["description"], said["scenario"]) == ("Ours.", "Theirs.")
    await client.patch(f"/api/v2/cards/{other['id']}", json={"rev": 2, "set": {"description": "Clash."}})
    clash = await client.post(f"{url}/merge", json={"rev": 3, "base": "1", "theirs": other["id"]})
    assert (clash.status_code, clash.json()["code"]) == (409, "merge_conflicts")


async def test_a_new_picture_keeps_every_text(client: httpx.AsyncClient) -> None:
    data = picture_card()
    card = (await add(client, data))["card"]
    url = f"/api/v2/cards/{card['id']}"
    out = io.BytesIO()
    Image.effect_noise((200, 300), 80).convert("RGB").save(out, "PNG")
    form = {"rev": "1", "x": "10", "y": "20", "width": "100", "height": "150"}
    made = await client.put(f"{url}/picture", files={"file": ("new.png", out.getvalue())}, data=form)
    assert made.status_code == 200, made.text
    assert made.json()["picture_file_id"] != card["picture_file_id"]
    now = (await client.get(f"{url}/download")).content
    assert Image.open(io.BytesIO(now)).size == (100, 150)
    assert chunks(now) != chunks(data)
    was, text = (Image.open(io.BytesIO(one)) for one in (data, now))
    was.load()
    text.load()
    assert was.text == text.text  # type: ignore[attr-defined] # PNG pictures have it
    outside = await client.put(f"{url}/picture", data=form | {"rev": "2", "x": "5000"})
    assert (outside.status_code, outside.json()["code"]) == (422, "crop_outside")
    small = await client.get(f"{url}/picture")
    assert small.headers["content-type"] == "image/webp"


async def test_a_json_card_with_a_picture_becomes_a_png(client: httpx.AsyncClient) -> None:
    card = (await add(client, as_json(name="Mira"), "mira.json"))["card"]
    assert card["picture_url"] == ""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(out, "JPEG")
    made = await client.put(
        f"/api/v2/cards/{card['id']}/picture", files={"file": ("new.jpg", out.getvalue())}, data={"rev": "1"}
    )
    assert (made.status_code, made.json()["container"]) == (200, "png")
    assert made.json()["picture_url"]


async def test_what_stands_beside_a_card_leaves_its_file_alone(client: httpx.AsyncClient) -> None:
    data = picture_card()
    card = (await add(client, data))["card"]
    url = f"/api/v2/cards/{card['id']}"
    made = await client.put(
        f"{url}/marks", json={"is_favourite": True, "note": "For Søren", "own_tags": ["To read", "to  read"]}
    )
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["is_favourite"], told["own_tags"], told["rev"]) == (True, ["to read"], 1)
    assert await names(client, q="soren") == [card["name"]]
    assert await names(client, tag="to read", favourite="true") == [card["name"]]
    assert (await client.get(f"{url}/download")).content == data
    tags = (await client.get("/api/v2/cards/tags")).json()["items"]
    assert {"name": "to read", "count": 1} in tags


async def test_the_bin_gives_back_and_forgets(client: httpx.AsyncClient) -> None:
    card = (await add(client))["card"]
    url = f"/api/v2/cards/{card['id']}"
    assert (await client.post(f"{url}/erasure")).status_code == 404
    assert (await client.delete(url)).status_code == 204
    assert await names(client) == []
    assert await names(client, in_bin="true") == [card["name"]]
    assert (await client.post(f"{url}/restoration")).status_code == 200
    assert await names(client) == [card["name"]]
    await client.delete(url)
    assert (await client.post(f"{url}/erasure")).status_code == 204
    assert (await client.get(url)).status_code == 404


async def test_many_are_changed_at_once(client: httpx.AsyncClient) -> None:
    ids = [(await add(client, as_json(name=name), f"{name}.json"))["card"]["id"] for name in ("Ann", "Bo", "Cy")]
    body = {"ids": [*ids[:2], "0" * 26], "action": "tag", "tags": ["Crew"]}
    assert (await client.post("/api/v2/cards/bulk", json=body)).json() == {"count": 2}
    assert await names(client, q="crew", sort="name") == ["Ann", "Bo"]
    await client.post("/api/v2/cards/bulk", json={"ids": ids[:1], "action": "untag", "tags": ["crew"]})
    assert await names(client, tag="crew") == ["Bo"]
    assert (await client.post("/api/v2/cards/bulk", json={"ids": ids, "action": "tag"})).status_code == 422
    await client.post("/api/v2/cards/bulk", json={"ids": ids, "action": "delete"})
    assert await names(client) == []


async def test_duplicates_are_found_by_file_text_prose_and_picture(client: httpx.AsyncClient) -> None:
    prose = PROSE * 2
    noise = io.BytesIO()
    Image.effect_noise((64, 96), 90).convert("RGB").save(noise, "PNG")
    first = (await add(client, as_json(name="Ann", description=prose), "a.json"))["card"]
    same = (await add(client, as_json(name="Ann", description=prose), "b.json"))["card"]
    spaced = json.dumps(cards.v2(name="Ann", description=prose), indent=4).encode()
    text = (await add(client, spaced, "c.json"))["card"]
    changed = prose.replace("every Sunday", "each Monday", 1)
    near = (await add(client, as_json(name="Anna", description=changed), "d.json"))["card"]
    await add(client, as_json(name="Other", description="Quite another story. " * 20), "e.json")
    kin = (await client.get(f"/api/v2/cards/{first['id']}/duplicates")).json()["items"]
    assert {one["card"]["id"]: one["how"] for one in kin} == {
        same["id"]: "file",
        text["id"]: "text",
        near["id"]: "near_text",
    }
    groups = (await client.get("/api/v2/cards/duplicates", params={"how": "near_text"})).json()["items"]
    assert [{one["id"] for one in group["cards"]} for group in groups] == [
        {first["id"], same["id"], text["id"], near["id"]}
    ]


# -- many at once, as jobs --
