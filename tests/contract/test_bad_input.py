"""What people send by mistake or on purpose is refused in words, at the door, and changes nothing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ainfluencer.core import config
from ainfluencer.media import storage
from tests.contract.conftest import Worlds
from tests.contract.test_routes import BOOKS, check_problem
from tests.support.crawl import changes, rows
from tests.support.seeding import picture

UPLOADS = ("/api/v2/characters/import", "/api/v2/cards/inspection", "/api/v2/assets", "/api/v2/quality")
TWO_GB = 2_000_000_000


@contextmanager
def nothing_changes(worlds: Worlds) -> Iterator[None]:
    """The rows of the data folder and its files stay as they are."""
    files = {path for path in (worlds.data / "media").rglob("*") if path.is_file()}
    yield
    assert not changes(worlds.before, rows(worlds.data, skip=BOOKS) | {name: worlds.before[name] for name in BOOKS})
    assert {path for path in (worlds.data / "media").rglob("*") if path.is_file()} == files


async def endless(size: int, counted: list[int]) -> AsyncIterator[bytes]:
    """A body in pieces of a megabyte; `counted` says how many were taken."""
    piece = b"x" * 1_000_000
    yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    for _ in range(size // len(piece)):
        counted.append(len(piece))
        yield piece


@pytest.mark.parametrize("address", UPLOADS)
async def test_two_gigabytes_are_refused_before_they_are_read(worlds: Worlds, address: str) -> None:
    counted: list[int] = []
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(TWO_GB)}
    async with worlds.client(worlds.full) as client:
        with nothing_changes(worlds):
            answer = await client.post(address, content=endless(TWO_GB, counted), headers=headers)
    assert answer.status_code == 413
    check_problem(answer)
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize("address", UPLOADS)
async def test_a_body_that_does_not_say_its_length_is_stopped_on_the_way(worlds: Worlds, address: str) -> None:
    limit = config.Settings().upload_max_bytes
    counted: list[int] = []
    headers = {"content-type": "multipart/form-data; boundary=b"}
    async with _streaming(worlds) as client:
        with nothing_changes(worlds):
            answer = await client.post(address, content=endless(4 * limit, counted), headers=headers)
    assert answer.status_code == 413, answer.text[:300]
    check_problem(answer)
    assert sum(counted) <= limit + 8_000_000


def _streaming(worlds: Worlds) -> httpx.AsyncClient:
    """httpx's own transport reads the body piece by piece, as a server does."""
    headers = {"authorization": f"Bearer {worlds.tokens[worlds.full.mark]}", "accept": "application/json"}
    transport = httpx.ASGITransport(app=worlds.app, client=("127.0.0.1", 50000), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


def bomb() -> bytes:
    """A card in a container whose kilobytes grow into gigabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("card.json", b" " * 60_000_000)
    return out.getvalue()


BAD_FILES: dict[str, tuple[str, bytes]] = {
    "zip bomb": ("card.charx", bomb()),
    "nothing": ("empty.json", b""),
    "not a card": ("notes.json", b'{"hello": "world"}'),
    "cut off": ("card.png", picture(1)[:80]),
    "a picture without a card": ("card.png", picture(1)),
    "a program": ("card.exe", b"MZ" + bytes(500)),
    "a drawing called a picture": ("card.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'),
    "a page called a picture": ("card.png", b"<!doctype html><script>alert(1)</script>"),
    "a list in a list in a list": ("card.json", b"[" * 100_000 + b"]" * 100_000),
    "a number without an end": ("card.json", b'{"name": "Mira", "description": "x", "age": ' + b"9" * 5000 + b"}"),
    "half a text": ("card.json", b'{"name": "Mira'),
    "300 emoji": ("card.json", json.dumps({"name": "🌊" * 300, "description": "x"}).encode()),
    "no such zone": ("brief.yaml", b"name: Mira\ntimezone: Mars/Olympus\nabout: Writes.\n"),
    "an empty brief": ("brief.md", b"   \n\n"),
    "yaml that repeats itself": (
        "brief.yaml",
        b"name: Mira\na: &a [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 108)),
    ),
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
async def test_a_bad_card_is_refused_with_the_next_step(worlds: Worlds, name: str) -> None:
    async with worlds.client(worlds.full) as client:
        with nothing_changes(worlds):
            answer = await client.post("/api/v2/characters/import", files={"file": BAD_FILES[name]})
    assert answer.status_code in {413, 422}, answer.text[:300]
    check_problem(answer)


def large_card(entries: int) -> bytes:
    """A card with a lorebook of that many entries."""
    lore: list[dict[str, Any]] = [
        {"keys": [f"harbour {n}"], "content": f"Pier {n} was built of oak and stands in deep water.", "enabled": True, "insertion_order": n, "extensions": {}}
        for n in range(entries)
    ]  # fmt: skip
    data = {
        "name": "Mira Vale",
        "description": "A 29-year-old ceramicist.",
        "character_book": {"entries": lore, "extensions": {}},
    }
    return json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).encode()


async def test_ten_thousand_entries_come_in_whole_or_not_at_all(worlds: Worlds) -> None:
    async with worlds.client(worlds.full) as client:
        files = {"file": ("mira.json", large_card(10_000))}
        answer = await client.post("/api/v2/characters/import", files=files, timeout=60)
        assert answer.status_code in {200, 201}, answer.text[:300]
        made = answer.json()["character"]["id"]
        page = await client.get(f"/characters/{made}")
        assert page.status_code == 200
        assert len(page.content) < 1_000_000
        cards = (await client.get(f"/api/v2/characters/{made}/cards")).json()["items"]
        original = await client.get(f"/api/v2/cards/{cards[0]['id']}/original")
    assert original.content == large_card(10_000)


async def test_a_full_disk_says_so_and_keeps_the_rest(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "RESERVE_BYTES", 10**18)
    async with worlds.client(worlds.full) as client:
        with nothing_changes(worlds):
            files = {"file": ("sea.png", picture(77, (900, 900)))}
            answer = await client.post("/api/v2/assets", files=files)
        assert answer.status_code == 507, answer.text[:300]
        check_problem(answer)
        assert answer.json()["code"] == "disk_full"
        assert (await client.get("/api/v2/characters")).status_code == 200


@pytest.mark.parametrize(
    ("due", "zone", "good"),
    [
        ("2031-03-30T01:30:00Z", "Europe/Lisbon", {201, 200}),  # in the hour that daylight saving leaves out there
        ("2031-03-30T01:30:00", "Europe/Lisbon", {422}),  # no offset: nobody knows when that is
        ("2031-02-30T10:00:00Z", "Europe/Lisbon", {422}),
        ("2031-03-30T01:30:00Z", "Mars/Olympus", {422}),
        ("not a time", "Europe/Lisbon", {422}),
        ("99999-01-01T00:00:00Z", "Europe/Lisbon", {422}),
    ],
)
async def test_odd_times(worlds: Worlds, due: str, zone: str, good: set[int]) -> None:
    ids = worlds.full.ids
    asked = {
        "character_id": ids["character_id"],
        "channel_ids": [ids["channel_id"]],
        "caption": "Hello.",
        "timezone": zone,
    }
    async with worlds.client(worlds.full) as client:
        answer = await client.post("/api/v2/posts", json=asked | {"due_at": due})
    assert answer.status_code in good, answer.text[:300]
    if answer.status_code >= 400:
        check_problem(answer)


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "a" * 200_000,
        "\u202eevil",
        "'; drop table posts; --",
    ],
)
async def test_odd_text_is_stored_or_refused_but_never_breaks(worlds: Worlds, text: str) -> None:
    ids = worlds.full.ids
    async with worlds.client(worlds.full) as client:
        for address, body in (
            ("/api/v2/characters", {"name": text}),
            ("/api/v2/collections", {"name": text}),
            ("/api/v2/posts", {"character_id": ids["character_id"], "caption": text}),
        ):
            answer = await client.post(address, json=body)
            assert answer.status_code < 500, (address, answer.text[:300])
        for query in ("/api/v2/assets", "/api/v2/characters", "/search", "/library", "/posts"):
            answer = await client.get(query, params={"q": text[:2000], "search": text[:2000], "cursor": text[:200]})
            assert answer.status_code < 500, (query, answer.text[:300])
