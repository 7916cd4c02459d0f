"""The client over real loopback sockets: every way an answer can fail to come, and what it must never do."""

from __future__ import annotations

import gzip
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.core import clock, config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import (
    NotConnected,
    OutcomeUnknown,
    OutsideError,
    RateLimited,
    UnexpectedReply,
    Unreachable,
)
from ainfluencer.db.session import Database
from ainfluencer.integrations import budget
from ainfluencer.integrations.budget import Budget
from ainfluencer.integrations.client import CallWhileWritingError, OutsideClient
from ainfluencer.integrations.guard import close_pools, may_connect
from tests.support.platforms.server import LOST, Answer, Asked, LocalServer, answer

Serve = Callable[..., Any]


@pytest.fixture
async def serve(settings: Settings) -> AsyncIterator[Serve]:
    """Starts servers that are stopped at the end, and closes our pooled connections."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(close_pools)

        async def start(made: Answer | Callable[[Asked], Answer]) -> LocalServer:
            handle = (lambda _: made) if isinstance(made, Answer) else made
            return await stack.enter_async_context(LocalServer(handle))

        yield start


def client(server: LocalServer, **options: Any) -> OutsideClient:
    return OutsideClient("mira", server.url, allow_private=True, **options)


async def test_a_request_arrives_whole_and_its_answer_comes_back(serve: Serve) -> None:
    server = await serve(answer({"you": "Ada"}, 201, x_kind="plain"))
    reply = await client(server).request("post", "/a/b", params={"q": "1"}, json={"n": 2}, headers={"X-One": "1"})
    assert (reply.status, reply.json(), reply.headers["x-kind"], reply.ok) == (201, {"you": "Ada"}, "plain", True)
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.one("q"), asked.json(), asked.headers["x-one"]) == (
        "POST",
        "/a/b",
        "1",
        {"n": 2},
        "1",
    )


@pytest.mark.parametrize(("effect", "expected"), [(True, OutcomeUnknown), (False, Unreachable)])
@pytest.mark.parametrize(
    "made", [LOST, Answer(body=b"half", cut=True), Answer(seconds=5)], ids=["dropped", "cut", "late"]
)
async def test_a_lost_answer_is_unknown_only_when_something_may_have_happened(
    serve: Serve, made: Answer, effect: bool, expected: type[OutsideError]
) -> None:
    server = await serve(made)
    with pytest.raises(expected) as caught:
        await client(server).request("POST", "/posts", json={}, effect=effect, timeout=0.6)
    assert type(caught.value) is expected
    assert caught.value.slug == "mira"


async def test_no_connection_is_never_unknown(serve: Serve) -> None:
    server = await serve(answer({}))
    url = server.url
    await server.__aexit__()
    with pytest.raises(Unreachable):
        await OutsideClient("mira", url, allow_private=True).request("POST", "/", effect=True)
    with pytest.raises(Unreachable):
        await OutsideClient("mira", "https://no-such-host.invalid").request("POST", "/", effect=True)


async def test_an_answer_that_is_too_large_is_refused_while_it_comes(serve: Serve) -> None:
    server = await serve(Answer(body=b"x" * 3000))
    assert len((await client(server).request("GET", "/", max_bytes=3000)).content) == 3000
    with pytest.raises(UnexpectedReply, match="larger"):
        await client(server).request("GET", "/", max_bytes=2999)
    with pytest.raises(OutcomeUnknown, match="larger"):
        await client(server).request("POST", "/", max_bytes=2999, effect=True)


async def test_the_limit_counts_what_a_compressed_answer_grows_to(serve: Serve) -> None:
    server = await serve(Answer(body=gzip.compress(b"0" * 2_000_000), headers={"Content-Encoding": "gzip"}))
    with pytest.raises(UnexpectedReply, match="larger"):
        await client(server).request("GET", "/", max_bytes=100_000)
    other = await serve(Answer(body=b"?", headers={"Content-Encoding": "br"}))
    with pytest.raises(UnexpectedReply, match="encoding"):
        await client(other).request("GET", "/")


async def test_a_file_is_streamed_to_disk_and_a_refusal_is_not(serve: Serve, tmp_path: Path) -> None:
    server = await serve(Answer(body=b"y" * 200_000))
    reply = await client(server).request("GET", "/f", stream_to=tmp_path / "f")
    assert (reply.content, (tmp_path / "f").stat().st_size) == (b"", 200_000)
    refused = await serve(answer({"error": "no"}, 404))
    assert (await client(refused).request("GET", "/f", stream_to=tmp_path / "g")).json() == {"error": "no"}


async def test_redirects_are_followed_for_questions_only_and_leave_the_sign_in_behind(serve: Serve) -> None:
    target = await serve(answer({"at": "target"}))
    server = await serve(Answer(302, headers={"Location": f"{target.url}/there"}))
    reply = await client(server).request(
        "GET", "/here", params={"a": "1"}, headers={"Authorization": "Bearer abcdefgh1234"}
    )
    assert reply.json() == {"at": "target"}
    assert "authorization" not in target.asked[0].headers
    assert (await client(server).request("POST", "/here", json={})).status == 302
    assert (await client(server).request("GET", "/here", effect=True)).status == 302
    circle = await serve(Answer(302, headers={"Location": "/again"}))
    with pytest.raises(UnexpectedReply, match="circles"):
        await client(circle).request("GET", "/")
    assert len(circle.asked) == 4


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::", "0.0.0.0", "169.254.169.254", "fe80::1%eth0", "224.0.0.1"],
)  # fmt: skip
def test_private_addresses_are_refused_in_every_spelling(address: str) -> None:
    assert not may_connect(address, allow_private=False)


def test_where_clouds_keep_credentials_is_refused_even_with_private_addresses_allowed() -> None:
    assert may_connect("127.0.0.1", allow_private=True)
    assert may_connect("93.184.216.34", allow_private=False)
    for address in ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "255.255.255.255"):
        assert not may_connect(address, allow_private=True)


async def test_a_name_that_resolves_to_a_private_address_is_refused_before_anything_is_sent(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(answer({}))
    with pytest.raises(NotConnected, match="private network"):
        await OutsideClient("mira", server.url.replace("http:", "https:").replace("127.0.0.1", "localhost")).request(
            "GET", "/"
        )
    with pytest.raises(NotConnected, match="encryption"):
        await OutsideClient("mira", server.url).request("GET", "/")
    assert server.asked == []


async def test_where_clouds_keep_credentials_is_named_without_offering_a_setting() -> None:
    with pytest.raises(NotConnected, match="never reached") as refused:
        await OutsideClient("mira", "http://169.254.169.254", allow_private=True).request("GET", "/latest/meta-data/")
    assert "allow_private_urls" not in refused.value.next_step


async def test_a_redirect_into_the_private_network_is_refused(serve: Serve) -> None:
    inner = await serve(answer({"secret": 1}))
    own = await serve(Answer(302, headers={"Location": inner.url}))
    config.use(replace(config.settings(), port=int(own.url.rpartition(":")[2])))
    own_client = OutsideClient("mira", own.url)
    with pytest.raises(NotConnected, match="only reach this instance"):
        await own_client.request("GET", "/")
    assert (len(own.asked), inner.asked) == (1, [])


async def test_private_networks_can_be_allowed_for_the_whole_instance(serve: Serve) -> None:
    server = await serve(answer({"ok": True}))
    config.use(replace(config.settings(), allow_private_urls=True))
    assert (await OutsideClient("mira", server.url).request("GET", "/")).ok


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "https://ada:pw@example.org", "https://", "file:///etc/passwd", "https://a b.org"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NotConnected):
        OutsideClient("mira", url)


async def test_no_secret_is_logged_or_shown(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    token = "correct-horse-battery"
    server = await serve(lambda asked: Answer(400, f"bad {token} {asked.headers['authorization']}".encode()))
    made = client(server, secrets=[token])
    with caplog.at_level(logging.DEBUG):
        reply = await made.request(
            "POST", f"/bot{token}/x", params={"access_token": token}, headers={"Authorization": "Bearer other-secret-9"}
        )
    shown = caplog.text + repr(reply) + repr(made) + reply.said()
    assert token not in shown
    assert "other-secret-9" not in shown
    assert "/bot[hidden]/x" in caplog.text


async def test_a_budget_is_shared_by_key_and_says_when_to_come_back(serve: Serve) -> None:
    server = await serve(answer({}))
    mine = Budget("channel-1", 2, 60.0)
    for _ in range(2):
        await client(server, budget=mine).request("GET", "/")
    with pytest.raises(RateLimited) as caught:
        await client(server, budget=mine).request("GET", "/")
    assert caught.value.until
    assert 25 < (caught.value.until - clock.now()).total_seconds() <= 30
    assert len(server.asked) == 2
    await client(server, budget=replace(mine, key="channel-2")).request("GET", "/")
    budget.forget("channel-1")
    await client(server, budget=mine).request("GET", "/")
    budget.forget("channel-1")
    budget.forget("channel-2")


async def test_a_service_that_throttles_is_left_alone_until_it_said(serve: Serve) -> None:
    server = await serve(answer({}, 429, retry_after="120"))
    mine = Budget("channel-3", 100, 60.0)
    assert (await client(server, budget=mine).request("GET", "/")).status == 429
    with pytest.raises(RateLimited) as caught:
        await client(server, budget=mine).request("GET", "/")
    assert caught.value.until
    assert 110 < (caught.value.until - clock.now()).total_seconds() <= 120
    assert len(server.asked) == 1
    budget.forget("channel-3")


async def test_it_refuses_to_run_while_a_write_transaction_is_open(serve: Serve, settings: Settings) -> None:
    server = await serve(answer({}))
    database = Database(settings)
    async with database.writing():
        with pytest.raises(CallWhileWritingError):
            await client(server).request("GET", "/")
        async with database.reading():
            pass
    await database.close()
    assert server.asked == []


async def test_cookies_of_one_service_are_not_kept(serve: Serve) -> None:
    server = await serve(Answer(body=b"{}", headers={"Set-Cookie": "a=1; Path=/"}))
    await client(server).request("GET", "/")
    await client(server).request("GET", "/")
    assert "cookie" not in server.asked[1].headers
