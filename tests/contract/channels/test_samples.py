"""Recorded replies mean what they must mean, and no reply whatsoever makes an adapter fall over."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.channels import registry
from ainfluencer.core import clock, errors
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import (
    LoginExpired,
    OutcomeUnknown,
    OutsideError,
    PermissionMissing,
    RateLimited,
    UnexpectedReply,
    Unreachable,
)
from ainfluencer.integrations import client
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.outcomes import Pending, Published
from ainfluencer.integrations.values import Account, Link, Parcel, Pulled
from tests.contract.channels.conftest import link_to
from tests.support.parcels import parcel, picture
from tests.support.platforms.server import LOST, Answer, answer
from tests.support.samples import Exchange, Playback, Sample, read_samples

CLOSED_SET = {
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OutsideError) and kind is not OutsideError
}  # fmt: skip
_sleep = asyncio.sleep
SINCE = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
PAGE = Answer(200, b"<!DOCTYPE html><title>Welcome</title>", {"Content-Type": "text/html"})
Expected = type[OutsideError]

FAULTS: dict[str, Answer] = {
    "lost": LOST,
    "cut": Answer(200, b"{", {"Content-Type": "application/json"}, cut=True),
    "401": answer({"error": "?"}, 401),
    "403": answer({"error": "?"}, 403),
    "404": answer({"error": "?"}, 404),
    "429": answer({"error": "?"}, 429, retry_after="90"),
    "500": answer({"error": "?"}, 500),
    "503 page": replace(PAGE, status=503),
    "403 page": replace(PAGE, status=403),
    "redirect": Answer(302, b"", {"Location": "https://example.invalid/"}),
    "empty": Answer(200, b""),
    "page": PAGE,
    "null": answer(None),
    "list": answer([]),
    "object": answer({}),
    "nulls": answer([None, 3, {"id": None}]),
    "text": answer("hello"),
    "wrong": answer({"id": {}, "uri": 7, "chunk": 3, "value": "x", "notifications": [{}], "posts": [3], "account": []}),
}
# What each fault must mean when it hits the request that creates something.
ON_EFFECT: dict[str, set[Expected]] = {
    "lost": {OutcomeUnknown}, "cut": {OutcomeUnknown}, "401": {LoginExpired}, "403": {PermissionMissing},
    "429": {RateLimited}, "500": {OutcomeUnknown}, "503 page": {OutcomeUnknown}, "empty": {OutcomeUnknown},
    "page": {OutcomeUnknown}, "null": {OutcomeUnknown}, "list": {OutcomeUnknown}, "object": {OutcomeUnknown},
    "text": {OutcomeUnknown}, "nulls": {OutcomeUnknown}, "redirect": {UnexpectedReply},
}  # fmt: skip


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between questions of an adapter take no time here."""
    monkeypatch.setattr(asyncio, "sleep", lambda _seconds: _sleep(0))


async def call(slug: str, sample: Sample, link: Link, folder: Path) -> Any:
    """Call the adapter as the sample says."""
    adapter, given = registry.adapter(slug), sample.arguments
    made = a_parcel(given, folder)
    calls: dict[str, Callable[[], Any]] = {
        "check": lambda: adapter.check(link),
        "publish": lambda: adapter.publish(link, made),
        "reply": lambda: adapter.reply(link, made),
        "settle": lambda: adapter.settle(link, made, given.get("token", ""), SINCE),
        "withdraw": lambda: adapter.withdraw(link, given["remote_id"]),
        "pull": lambda: adapter.pull(link, given.get("cursor", "")),
        "measure": lambda: adapter.measure(link, given["remote_ids"]),
        "refresh": lambda: adapter.refresh(link),
    }
    return await calls[sample.call]()


def a_parcel(given: Mapping[str, Any], folder: Path) -> Parcel:
    media = tuple(picture(folder, f"{n}.png") for n in range(given.get("pictures", 0)))
    values = {"key": "delivery-1", "text": "Morning at the harbour", **given.get("parcel", {})}
    return parcel(values.pop("key"), values.pop("text"), media=media, **values)


def way_in(slug: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((registry.folder(slug) / "samples" / "link.json").read_text("utf-8"))
    return found


async def play(slug: str, sample: Sample, folder: Path) -> tuple[Any, Playback]:
    """What comes of the sample: the outcome, or the error of the closed set."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Playback(sample.exchanges))
        stack.push_async_callback(close_pools)
        secrets = {**way_in(slug)["secrets"], **sample.arguments.get("secrets", {})}
        link = link_to(registry.manifest(slug), server.url, way_in(slug)["settings"], secrets)
        try:
            return await call(slug, sample, link, folder), server
        except OutsideError as e:
            return e, server


def described(outcome: Any) -> dict[str, Any]:
    """An outcome in the words of a sample."""
    match outcome:
        case OutsideError():
            said: dict[str, Any] = {"error": outcome.code}
        case Published():
            said = {"published": outcome.remote_id, "url": outcome.url}
        case Pending():
            said = {"pending": outcome.token}
        case Account():
            said = {"account": outcome.remote_id, "handle": outcome.handle}
        case Pulled():
            said = {"kinds": [item.kind for item in outcome.items], "cursor": outcome.cursor}
        case tuple():
            said = {"readings": {reading.remote_id: dict(reading.metrics) for reading in outcome}}
        case Mapping():
            said = {"renewed": sorted(outcome)}
        case _:
            said = {"outcome": type(outcome).__name__ if outcome is not None else "done"}
    return said


async def test_each_sample_has_its_promised_outcome(slug: str, settings: Settings, tmp_path: Path) -> None:
    samples = read_samples(registry.folder(slug))
    assert samples
    for sample in samples.values():
        outcome, server = await play(slug, sample, tmp_path)
        assert server.unexpected == [], sample.name
        said = described(outcome)
        assert said == {name: value for name, value in sample.outcome.items() if name != "seconds"}, sample.name
        if isinstance(outcome, RateLimited):
            assert outcome.until
            wait = outcome.until - clock.now()
            assert abs(wait - timedelta(seconds=sample.outcome["seconds"])) < timedelta(seconds=5), sample.name


async def test_no_reply_makes_it_fall_over(
    slug: str, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, no_waiting: None
) -> None:
    """Every exchange of every successful sample is replaced by every fault, one at a time."""
    secrets = [value for value in way_in(slug)["secrets"].values() if value]
    with caplog.at_level(logging.DEBUG):
        for name, sample in read_samples(registry.folder(slug)).items():
            for position in range(len(sample.exchanges) if name.startswith("success") else 0):
                for fault, reply in FAULTS.items():
                    outcome, _ = await play(slug, broken(sample, position, reply), tmp_path)
                    judge(
                        f"{name}, exchange {position}, {fault}",
                        fault,
                        outcome,
                        effect=sample.exchanges[position].effect,
                    )
                    shown = f"{outcome!r} {outcome}"
                    assert not [secret for secret in secrets if secret in shown], name
    assert not [secret for secret in secrets if secret in caplog.text]


def first_of_each(sample: Sample) -> list[int]:
    """Positions of the exchanges, without the same question asked again."""
    asks = [exchange.ask for exchange in sample.exchanges]
    return [position for position, ask in enumerate(asks) if ask not in asks[:position]]


def broken(sample: Sample, position: int, reply: Answer) -> Sample:
    exchanges = list(sample.exchanges)
    exchanges[position] = Exchange(exchanges[position].ask, reply, exchanges[position].effect)
    return replace(sample, exchanges=tuple(exchanges))


def judge(where: str, fault: str, outcome: Any, *, effect: bool) -> None:
    if isinstance(outcome, OutsideError):
        assert type(outcome) in CLOSED_SET, where
        assert outcome.detail, where
        assert outcome.next_step, where
    if effect and fault in ON_EFFECT:
        assert type(outcome) in ON_EFFECT[fault], f"{where}: {outcome!r}"
    if not effect:
        assert not isinstance(outcome, OutcomeUnknown), where
    if fault == "lost" and not effect:
        assert isinstance(outcome, Unreachable), where
    if isinstance(outcome, RateLimited):
        assert outcome.until, where
        assert abs(outcome.until - clock.now() - timedelta(seconds=90)) < timedelta(seconds=5), where


async def test_a_late_answer_is_unknown_for_an_effect_and_unreachable_else(
    slug: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.6)  # the answers before it come in time
    sample = read_samples(registry.folder(slug))["success_publish"]
    place = next(n for n, exchange in enumerate(sample.exchanges) if exchange.effect)
    late = replace(sample.exchanges[place].reply, seconds=2.0)
    outcome, _ = await play(slug, broken(sample, place, late), tmp_path)
    assert isinstance(outcome, OutcomeUnknown)
    check = read_samples(registry.folder(slug))["success_check"]
    outcome, _ = await play(slug, broken(check, 0, replace(check.exchanges[0].reply, seconds=2.0)), tmp_path)
    assert isinstance(outcome, Unreachable)


def test_exactly_one_request_of_publishing_is_marked_as_the_effect(slug: str) -> None:
    for name in ("success_publish", "success_reply"):
        sample = read_samples(registry.folder(slug)).get(name)
        assert sample is None or sum(exchange.effect for exchange in sample.exchanges) == 1
