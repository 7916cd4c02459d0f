"""How often: the window slides, a refused call does not count, callers do not disturb each other."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Depends

from ainfluencer.api.limits import PER_MINUTE, Limits, limited
from ainfluencer.core.config import Settings
from tests.support.clients import client_for, small_app


class Ticks:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_the_window_slides() -> None:
    ticks = Ticks()
    limits = Limits({"login": 3}, ticks)
    for offset in (0, 10, 20):
        ticks.at = 1000 + offset
        assert not limits.hit("login", "a").refused
    ticks.at = 1030
    refused = limits.hit("login", "a")
    assert (refused.refused, refused.remaining, refused.reset_seconds) == (True, 0, 30)
    assert not limits.hit("login", "b").refused
    ticks.at = 1060
    assert not limits.hit("login", "a").refused
    assert limits.hit("login", "a").refused
    ticks.at = 1070
    assert not limits.hit("login", "a").refused


def test_a_refused_call_is_not_counted() -> None:
    ticks = Ticks()
    limits = Limits({"login": 1}, ticks)
    limits.hit("login", "a")
    for second in range(1, 60):
        ticks.at = 1000 + second
        assert limits.hit("login", "a").refused
    ticks.at = 1060
    assert not limits.hit("login", "a").refused


def test_idle_callers_are_forgotten() -> None:
    ticks = Ticks()
    limits = Limits({"general": 5}, ticks)
    for n in range(10_000):
        limits.hit("general", str(n))
    ticks.at += 61
    limits.hit("general", "new")
    assert len(limits._seen) == 1


def test_the_limits_are_those_that_were_promised() -> None:
    promised = {
        "register": 5,
        "login": 10,
        "refresh": 30,
        "image": 10,
        "text": 20,
        "video": 5,
        "face": 30,
        "posting": 5,
        "engagement": 20,
    }
    assert promised.items() <= PER_MINUTE.items()


def test_an_unknown_group_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no such group"):
        limited("dance")


async def test_headers_and_refusal(settings: Settings) -> None:
    router = APIRouter()

    @router.post("/api/v2/test", dependencies=[Depends(limited("video"))])
    async def make() -> dict[str, str]:
        return {}

    app = small_app(router)
    async with client_for(app, address="192.0.2.1") as client:
        for left in range(4, -1, -1):
            got = await client.post("/api/v2/test")
            assert got.status_code == 200
            assert (got.headers["x-ratelimit-limit"], got.headers["x-ratelimit-remaining"]) == ("5", str(left))
        refused = await client.post("/api/v2/test")
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-reset"] == refused.headers["retry-after"]
    async with client_for(app, address="192.0.2.2") as client:
        assert (await client.post("/api/v2/test")).status_code == 200


async def test_the_general_limit_is_said_with_every_answer(settings: Settings) -> None:
    async with client_for(small_app()) as client:
        got = await client.get("/api/v2")
    assert got.headers["x-ratelimit-limit"] == "6000"
