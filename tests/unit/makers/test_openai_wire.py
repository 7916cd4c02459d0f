"""The OpenAI-compatible wire: what is asked, what is tried when a server knows less, how candidates add up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Rejected
from ainfluencer.integrations import openai_wire
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers.adapters.openai_image.adapter import nearest
from tests.support.text_servers import TextServer

SCHEMA = {"type": "object", "properties": {"caption": {"type": "string"}}}
ASK = TextRequest(({"role": "user", "content": "Hello"},), seed=4, schema=SCHEMA)


@pytest.fixture(autouse=True)
async def _closed(settings: Settings) -> AsyncIterator[None]:
    yield
    await close_pools()


async def asked(server: TextServer, request: TextRequest = ASK, **extra: Any) -> tuple[str, ...]:
    async with server:
        client = OutsideClient("scripted", f"{server.url}/v1", allow_private=True)
        return (await openai_wire.chat(client, "", request, model="m", extra=extra)).texts


async def test_the_schema_is_bound_in_the_strictest_way() -> None:
    server = TextServer(lambda _body: "{}")
    assert await asked(server) == ("{}",)
    (body,) = server.bodies
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "authorization" not in server.asked[0].headers


async def test_a_server_that_knows_less_gets_the_schema_in_words() -> None:
    server = TextServer(lambda _body: "{}", refuses=("response_format", "seed"))
    assert await asked(server) == ("{}",)
    last = server.bodies[-1]
    assert "caption" in last["messages"][-1]["content"]
    assert "seed" not in last
    assert last["max_completion_tokens"] == 300


async def test_a_server_that_refuses_everything_is_not_asked_for_ever() -> None:
    server = TextServer(lambda _body: "", refuses=("messages",))
    with pytest.raises(Rejected, match="Unrecognized"):
        await asked(server)
    assert len(server.asked) == 3


async def test_candidates_are_collected_also_where_only_one_comes() -> None:
    class One(TextServer):
        def _answer(self, asked: Any) -> Any:
            body = asked.json()
            body.pop("n", None)
            return super()._answer(type(asked)(asked.method, asked.path, asked.query, asked.headers, _bytes(body)))

    server = One(lambda body: str(body["seed"]))
    texts = await asked(server, TextRequest(({"role": "user", "content": "Hi"},), seed=10, candidates=3))
    assert texts == ("10", "11", "12")


def _bytes(body: dict[str, Any]) -> bytes:
    import json  # noqa: PLC0415

    return json.dumps(body).encode()


async def test_a_grammar_travels_along() -> None:
    server = TextServer(lambda body: body["grammar"])
    assert await asked(server, TextRequest(({"role": "user", "content": "Hi"},)), grammar="root ::= [a-z]") == (
        "root ::= [a-z]",
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ((1080, 1350), (1024, 1536)),
        ((1080, 1080), (1024, 1024)),
        ((1600, 900), (1536, 1024)),
        ((500, 480), (1024, 1024)),
    ],
)
def test_the_nearest_size(wanted: tuple[int, int], found: tuple[int, int]) -> None:
    sizes = [(1024, 1024), (1024, 1536), (1536, 1024)]
    assert nearest(sizes, *wanted) == found
