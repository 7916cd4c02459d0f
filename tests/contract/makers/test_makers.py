"""What every maker promises: a complete manifest, methods as declared, samples and faults that end in the closed set."""

from __future__ import annotations

import inspect
import logging
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ainfluencer.core import clock, errors
from ainfluencer.core.errors import (
    LoginExpired,
    OutsideError,
    PermissionMissing,
    RateLimited,
    UnexpectedReply,
    Unreachable,
    Unsupported,
)
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.manifest import Access, Capability, Family
from ainfluencer.integrations.protocols import MakeRequest
from ainfluencer.integrations.values import Account, ImageRequest, Link, PosterRequest, TextMade, TextRequest
from ainfluencer.makers import registry
from tests.contract.makers.conftest import OUTSIDE, folder, link_to
from tests.support.platforms.server import LOST, Answer, LocalServer, answer
from tests.support.samples import Playback, Sample, read_samples

TEXT = TextRequest(({"role": "user", "content": "A line about the tide."},), max_tokens=30)
IMAGE = ImageRequest("A harbour at dawn", width=800, height=1200)
POSTER = PosterRequest("quote", 400, 500, title="Low tide tells on everyone.")
REQUESTS: dict[Capability, MakeRequest] = {
    Capability.TEXT: TEXT,
    Capability.IMAGE: IMAGE,
    Capability.POSTER: POSTER,
}
CLOSED_SET = {
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OutsideError) and kind is not OutsideError
}  # fmt: skip
PAGE = Answer(200, b"<!DOCTYPE html><title>Welcome</title>", {"Content-Type": "text/html"})
FAULTS: dict[str, tuple[Answer, set[type[OutsideError]]]] = {
    "lost": (LOST, {Unreachable}),
    "cut": (Answer(200, b"{", {"Content-Type": "application/json"}, cut=True), {Unreachable}),
    "401": (answer({"error": "?"}, 401), {LoginExpired}),
    "403": (answer({"error": {"message": "?"}}, 403), {PermissionMissing}),
    "429": (answer({"error": "?"}, 429, retry_after="90"), {RateLimited}),
    "500": (answer({"error": "?"}, 500), {Unreachable}),
    "empty": (Answer(200, b""), {UnexpectedReply}),
    "page": (PAGE, {UnexpectedReply}),
    "null": (answer(None), {UnexpectedReply}),
    "list": (answer([]), {UnexpectedReply}),
    "object": (answer({}), {UnexpectedReply}),
    "wrong": (answer({"choices": [7], "message": 3, "data": [None], "models": {}}), {UnexpectedReply}),
    "deep wrong": (answer({"choices": [{"message": {"content": 5}}], "data": [{"b64_json": 4}]}), {UnexpectedReply}),
}


def request_for(slug: str) -> MakeRequest:
    """A request that this maker declares."""
    return next(r for capability, r in REQUESTS.items() if registry.manifest(slug).can(capability))


def test_the_manifest_is_complete(slug: str) -> None:
    known = registry.manifest(slug)
    assert known.slug == slug == folder(slug).name
    assert known.family is Family.MAKER
    assert known.title
    assert known.summary.endswith(".")
    if known.access is not Access.BUILT_IN:
        assert known.documentation.startswith("https://")
        assert known.checked is not None
        assert known.checked <= clock.now().date()
    assert 0 <= known.quality <= 100
    assert known.capabilities & set(REQUESTS)


def test_the_form_has_labels_and_only_secret_passwords(slug: str) -> None:
    fields = registry.manifest(slug).fields
    assert len({f.name for f in fields}) == len(fields)
    assert all(f.label for f in fields)
    assert all((f.kind == "password") == f.secret for f in fields)
    if registry.manifest(slug).access is not Access.BUILT_IN:
        assert "base_url" in {f.name for f in fields}


def test_a_declared_capability_is_a_method_and_the_other_way_round(slug: str) -> None:
    known, adapter = registry.manifest(slug), registry.adapter(slug)
    assert adapter.manifest is known
    assert inspect.iscoroutinefunction(adapter.check)
    assert inspect.iscoroutinefunction(adapter.make)
    assert hasattr(adapter, "models") == known.can(Capability.MODELS)
    assert hasattr(adapter, "sees") == known.can(Capability.SEE)
    assert all(inspect.getdoc(getattr(adapter, name)) for name in ("check", "make"))


def test_an_adapter_keeps_nothing_between_calls(slug: str) -> None:
    assert vars(registry.adapter(slug)) == {}


async def test_what_is_not_declared_is_refused_before_any_call(slug: str) -> None:
    known = registry.manifest(slug)
    nowhere = Link(slug, OutsideClient(slug, "http://127.0.0.1:9", allow_private=True), {}, {})
    for capability, request in REQUESTS.items():
        if not known.can(capability):
            with pytest.raises(Unsupported):
                await registry.adapter(slug).make(nowhere, request)


def test_the_folder_has_a_picture_and_a_way_in(slug: str) -> None:
    svg = ET.fromstring((folder(slug) / "icon.svg").read_text("utf-8"))
    assert svg.tag.endswith("svg")
    assert svg.get("viewBox")
    assert not [e for e in svg.iter() if e.tag.endswith(("script", "image", "foreignObject"))]
    text = (folder(slug) / "setup.md").read_text("utf-8")
    assert text.startswith("# ")
    for field in registry.manifest(slug).fields:
        assert field.label in text, f"setup.md does not say where “{field.label}” comes from"


def test_there_is_a_sample_of_every_call_and_of_every_kind_of_trouble(outside: str) -> None:
    names = read_samples(folder(outside))
    calls = {sample.call for name, sample in names.items() if name.startswith("success")}
    assert calls == {"check", "make", "models"}
    assert {"success", "refused", "expired", "throttled", "odd"} <= {name.partition("_")[0] for name in names}


@pytest.mark.parametrize(
    ("name_of", "sample"),
    [
        pytest.param(slug, sample, id=f"{slug}-{name}")
        for slug in OUTSIDE
        for name, sample in read_samples(folder(slug)).items()
    ],
)
async def test_a_reply_means_what_it_must_mean(name_of: str, sample: Sample) -> None:
    async with Playback(sample.exchanges) as server:
        call = _call(name_of, link_to(name_of, server.url), sample.call)
        if "error" in sample.outcome:
            with pytest.raises(OutsideError) as refused:
                await call
            assert refused.value.code == sample.outcome["error"]
            assert refused.value.next_step
            assert "sk-sample" not in f"{refused.value} {refused.value!r} {refused.value.detail}"
        else:
            _assert_outcome(await call, sample.outcome)
        assert not server.unexpected


async def _call(slug: str, link: Link, name: str) -> Any:
    adapter = registry.adapter(slug)
    if name == "check":
        return await adapter.check(link)
    if name == "models":
        return await adapter.models(link)
    return await adapter.make(link, request_for(slug))


def _assert_outcome(found: Any, outcome: Any) -> None:
    if "handle" in outcome:
        assert isinstance(found, Account)
        assert found.handle == outcome["handle"]
    elif "models" in outcome:
        assert [m.name for m in found] == outcome["models"]
    elif "texts" in outcome:
        assert isinstance(found, TextMade)
        assert list(found.texts) == outcome["texts"]
        assert [found.prompt_tokens, found.completion_tokens] == outcome["tokens"]
    else:
        assert [[m.width, m.height, m.mime] for m in found] == outcome["pictures"]
        assert all(m.recipe["prompt"] for m in found)


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_reply_makes_an_adapter_fall_over(outside: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    reply, expected = FAULTS[fault]
    caplog.set_level(logging.DEBUG)
    async with LocalServer(lambda _asked: reply) as server:
        with pytest.raises(OutsideError) as refused:
            await registry.adapter(outside).make(link_to(outside, server.url), request_for(outside))
    assert type(refused.value) in expected
    assert type(refused.value) in CLOSED_SET
    assert "sk-sample" not in caplog.text


async def test_nobody_there(outside: str) -> None:
    with pytest.raises(Unreachable):
        await registry.adapter(outside).check(link_to(outside, "http://127.0.0.1:9"))
