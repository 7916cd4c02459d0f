"""Pictures that a model is shown: how they travel on each wire, and who says that a model sees."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput, Unsupported
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.values import Picture, TextRequest
from ainfluencer.makers import service
from tests.support.platforms.server import Answer, Asked, LocalServer, answer
from tests.support.text_servers import TextServer

DATA = b"\xff\xd8\xff a picture"
CODED = base64.b64encode(DATA).decode()
SHOW = TextRequest(
    ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "What do you see?"}),
    schema={"type": "object"},
    pictures=(Picture(DATA),),
)


@pytest.fixture(autouse=True)
async def _closed(db: Database) -> AsyncIterator[None]:
    yield
    await close_pools()


async def connect(db: Database, actor: Actor, slug: str, **settings: str) -> None:
    async with db.writing() as session:
        await service.connect(session, actor, slug, settings)


async def test_a_chat_server_gets_a_data_uri_behind_the_words(db: Database, owner: Actor) -> None:
    async with TextServer(lambda _body: "{}", refuses=("response_format",)) as server:
        await connect(db, owner, "openai_text", base_url=f"{server.url}/v1", sees_pictures="on")
        await service.make(owner, SHOW, slug="openai_text")
    system, user = server.bodies[0]["messages"]
    assert system["content"] == "Be brief."
    assert user["content"] == [
        {"type": "text", "text": "What do you see?"},
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{CODED}"}},
    ]
    in_words = server.bodies[-1]["messages"][-1]["content"]  # the server takes no schema: it stands behind the picture
    assert [part["type"] for part in in_words] == ["text", "image_url", "text"]


@pytest.mark.parametrize(
    ("given", "model", "sees"),
    [
        ({}, "", False),
        ({"sees_pictures": "true"}, "", True),
        ({"sees_pictures": "yes", "model": "a"}, "a", True),
        ({"sees_pictures": "yes", "model": "a"}, "b", False),
        ({"sees_pictures": "no"}, "", False),
    ],
)
async def test_a_chat_server_sees_when_its_connection_says_so(
    db: Database, owner: Actor, given: dict[str, str], model: str, sees: bool
) -> None:
    await connect(db, owner, "openai_text", base_url="http://127.0.0.1:9/v1", **given)
    assert await service.sees(owner, "openai_text", model) is sees


async def test_a_tick_is_yes_or_no(db: Database, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        await connect(db, owner, "openai_text", base_url="http://127.0.0.1:9/v1", sees_pictures="perhaps")
    assert refused.value.field == "sees_pictures"


def ollama(capabilities: Any) -> LocalServer:
    """An Ollama with one model that can do these things."""

    def handle(asked: Asked) -> Answer:
        if asked.path == "/api/tags":
            return answer({"models": [{"name": "eyes:4b", "size": 9}]})
        if asked.path == "/api/show":
            known = asked.json()["model"] == "eyes:4b"
            return answer({"capabilities": capabilities}) if known else answer({"error": "not found"}, 404)
        return answer({"message": {"content": "{}"}, "prompt_eval_count": 1, "eval_count": 1})

    return LocalServer(handle)


@pytest.mark.parametrize(("capabilities", "sees"), [(["completion", "vision"], True), (["completion"], False), (None, False)])  # fmt: skip
async def test_ollama_is_asked_what_its_model_can(db: Database, owner: Actor, capabilities: Any, sees: bool) -> None:
    async with ollama(capabilities) as server:
        await connect(db, owner, "ollama", base_url=server.url)
        assert await service.sees(owner, "ollama") is sees
        assert await service.sees(owner, "ollama", "gone") is False
    assert await service.sees(owner, "ollama") is False  # nobody answers


async def test_ollama_gets_the_picture_beside_the_words(db: Database, owner: Actor) -> None:
    async with ollama(["vision"]) as server:
        await connect(db, owner, "ollama", base_url=server.url)
        await service.make(owner, SHOW, slug="ollama")
    system, user = server.asked[-1].json()["messages"]
    assert "images" not in system
    assert user == {"role": "user", "content": "What do you see?", "images": [CODED]}


async def test_a_maker_that_cannot_be_shown_pictures_is_not_sent_any(owner: Actor) -> None:
    with pytest.raises(Unsupported):
        await service.make(owner, SHOW, slug="embedded")
    assert await service.sees(owner, "embedded") is False
