"""Filters, assets, the live hub, form mistakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError
from starlette.testclient import TestClient

from ainfluencer.core import clock
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.web import assets, filters
from ainfluencer.web.errors import form_errors
from ainfluencer.web.live import Hub, event, partial


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=10), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=30), "1 d ago"),
        (timedelta(days=90), "3 mo ago"),
        (timedelta(days=800), "2 y ago"),
        (-timedelta(hours=3), "in 3 h"),
    ],
)
def test_ago(span: timedelta, said: str) -> None:
    assert filters.ago(clock.now() - span) == said


def test_a_clock_shows_the_time_of_its_place() -> None:
    instant = datetime(2026, 7, 4, 22, 30, tzinfo=UTC)
    assert filters.clock_time(instant, "Europe/Lisbon") == "Sat 4 Jul, 23:30"
    assert filters.clock_time(instant, "Asia/Tokyo", "date") == "5 Jul 2026"
    assert filters.local_input(instant, "Europe/Lisbon") == "2026-07-04T23:30"
    assert filters.local_input(None) == ""


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (1234, "1,234"),
        (12_345, "12.3K"),
        (2_000_000, "2M"),
        (3_100_000_000, "3.1B"),
        (4.25, "4.2"),
        (-20_000, "-20K"),
    ],
)
def test_numbers(value: float, said: str) -> None:
    assert filters.number(value) == said


def test_small_words() -> None:
    assert filters.size(999) == "999 B"
    assert filters.size(1_500_000) == "1.5 MB"
    assert filters.size(2_500_000_000_000) == "2.5 TB"
    assert [filters.duration(s) for s in (0.8, 42, 65, 7500, 200_000)] == [
        "0.8 s",
        "42 s",
        "1:05",
        "2 h 5 min",
        "2 d 7 h",
    ]
    assert filters.plural(1, "post") == "1 post"
    assert filters.plural(2, "reply", "replies") == "2 replies"
    assert [filters.initials(n) for n in ("Mira Vale", "Ada", "", "“ ”")] == ["MV", "A", "?", "?"]
    assert filters.tint("Mira") == filters.tint("Mira")


def test_an_asset_has_its_hashed_name(dist: Path) -> None:
    del dist
    assert assets.asset("app.js") == "/static/app-0a1b2c3d.js"
    assert str(assets.icon("check")).endswith('#check"/></svg>')
    with pytest.raises(NotFound):
        assets.asset("missing.js")


def test_assets_that_were_never_built_say_how(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not built") as refusal:
        assets.manifest(tmp_path)
    assert "build_assets" in refusal.value.next_step


def test_static_files_come_compressed_and_for_good(client: TestClient) -> None:
    plain = client.get("/static/app-0a1b2c3d.js", headers={"accept-encoding": "identity"})
    assert plain.text == "plain app-0a1b2c3d.js"
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    squeezed = client.build_request("GET", "/static/app-0a1b2c3d.js", headers={"accept-encoding": "gzip, br"})
    answer = client.send(squeezed, stream=True)
    assert answer.headers["content-encoding"] == "br"
    assert answer.headers["content-length"] == str(len(b"brotli bytes"))
    answer.close()


@pytest.mark.parametrize(
    "path", ["/static/app-0a1b2c3d.js.br", "/static/../conftest.py", "/static/%2e%2e/manifest", "/static/"]
)
def test_static_serves_nothing_else(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


class Draft(BaseModel):
    """A form."""

    name: str = Field(min_length=2)
    age: int = Field(ge=18)


def test_mistakes_become_sentences() -> None:
    with pytest.raises(ValidationError) as caught:
        Draft.model_validate({"name": "a", "age": 3})
    assert form_errors(caught.value) == {"name": "Please write at least 2 characters.", "age": "Must be 18 or more."}
    with pytest.raises(ValidationError) as missing:
        Draft.model_validate({"age": "x"})
    assert form_errors(missing.value) == {"name": "Please fill this in.", "age": "Please write a whole number."}
    assert form_errors(InvalidInput("Too odd.", "Make it even.", field="name")) == {"name": "Too odd. Make it even."}
    assert set(form_errors(Conflict("It has changed."))) == {""}


async def first(stream: AsyncIterator[bytes]) -> bytes:
    """The next piece, at once or not at all."""
    return await asyncio.wait_for(anext(stream), 1)


async def test_news_stay_in_their_workspace_and_topic() -> None:
    hub = Hub()
    harbour, other = hub.stream("harbour", frozenset({"posts"})), hub.stream("other", frozenset({"posts"}))
    await first(harbour)
    await first(other)
    assert hub.is_wanted("harbour", "posts")
    assert not hub.is_wanted("harbour", "jobs")
    assert hub.publish("harbour", "posts", partial("post-1", "<p>\nhi</p>")) == 1
    assert (
        await first(harbour)
        == b'data: <hx-partial hx-target="#post-1" hx-swap="innerMorph"><p>\ndata: hi</p></hx-partial>\n\n'
    )
    assert hub.publish("harbour", "jobs", {"id": 1}) == 0
    hub.close()
    for stream in (harbour, other):
        with pytest.raises(StopAsyncIteration):
            await first(stream)
    assert not hub.is_wanted("harbour", "posts")


async def test_a_slow_reader_loses_its_oldest_update() -> None:
    hub = Hub()
    stream = hub.stream("harbour", frozenset({"n"}))
    await first(stream)
    for n in range(100):
        hub.publish("harbour", "n", {"n": n})
    assert await first(stream) == event('{"n": 36}', "n")  # 64 of 100 are kept
    hub.close()


async def test_a_closed_hub_answers_at_once() -> None:
    hub = Hub()
    hub.close()
    assert len([piece async for piece in hub.stream("harbour", frozenset({"n"}))]) == 1
    hub.open()
    stream = hub.stream("harbour", frozenset({"n"}))
    await first(stream)
    assert hub.is_wanted("harbour", "n")
    await stream.aclose()  # type: ignore[attr-defined]
    assert not hub.is_wanted("harbour", "n")


def test_the_live_route_streams(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Hub()
    closed.close()
    monkeypatch.setattr("ainfluencer.web.pages.HUB", closed)
    answer = client.get("/live?topics=jobs,posts")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 1000")
