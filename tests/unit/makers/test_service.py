"""The door to makers: who is asked, in which order, what falls back, what is kept secret."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import InvalidInput, NotAllowed, NotConnected, NotFound, Unreachable, Unsupported
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import ImageRequest, TextRequest
from ainfluencer.makers import queries, registry, service
from ainfluencer.makers.models import MakerConnection
from tests.support.people import second_workspace
from tests.support.text_servers import TextServer

ASK = TextRequest(({"role": "user", "content": "Say something about the tide."},))
KEY = "sk-very-secret-0123456789"


@pytest.fixture
async def server() -> AsyncIterator[TextServer]:
    async with TextServer(lambda body: f"written by {body.get('model')}") as made:
        yield made
    await close_pools()


async def connect(db: Database, actor: Actor, server: TextServer, slug: str = "openai_text") -> None:
    async with db.writing() as session:
        await service.connect(session, actor, slug, {"base_url": f"{server.url}/v1", "model": "m"}, {"api_key": KEY})


async def test_the_best_connected_maker_is_asked(db: Database, owner: Actor, server: TextServer) -> None:
    await connect(db, owner, server)
    made = await service.make(owner, ASK)
    assert (made.slug, made.text.texts, made.notes) == ("openai_text", ("written by m",), ())
    assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_built_in_makers_need_no_connection(db: Database, owner: Actor) -> None:
    async with db.reading() as session:
        text = await queries.choices(session, owner, Capability.TEXT)
        image = await queries.choices(session, owner, Capability.IMAGE)
    assert [c.slug for c in text] == ["embedded"]
    assert image == []


async def test_without_a_model_file_the_way_out_is_named(db: Database, owner: Actor) -> None:
    with pytest.raises(NotConnected) as refused:
        await service.make(owner, ASK)
    assert "ainfluencer models install" in refused.value.next_step


async def test_nothing_can_do_it(db: Database, owner: Actor) -> None:
    with pytest.raises(NotConnected, match="image"):
        await service.make(owner, ImageRequest("a harbour"))


async def test_an_unreachable_maker_steps_aside_and_is_asked_last_for_a_while(
    db: Database, owner: Actor, server: TextServer
) -> None:
    await connect(db, owner, server)
    async with db.writing() as session:
        await service.connect(session, owner, "ollama", {"base_url": "http://127.0.0.1:9"})
    server.fails = 1
    with pytest.raises(NotConnected):  # first the hosted one (503), then nobody, then the built-in one without a file
        await service.make(owner, ASK)
    async with db.reading() as session:
        order = [c.slug for c in await queries.choices(session, owner, Capability.TEXT)]
        view = await queries.get(session, owner, "openai_text")
    assert order == ["embedded", "openai_text", "ollama"]
    assert "503" in view.problem
    async with db.writing() as session:
        await service.forget_problems(session, owner)
    assert (await service.make(owner, ASK)).slug == "openai_text"


async def test_the_one_that_was_named_is_never_replaced(db: Database, owner: Actor, server: TextServer) -> None:
    await connect(db, owner, server)
    server.fails = 1
    with pytest.raises(Unreachable):
        await service.make(owner, ASK, slug="openai_text")
    with pytest.raises(Unsupported):
        await service.make(owner, ImageRequest("a harbour"), slug="openai_text")
    with pytest.raises(NotFound):
        await service.make(owner, ASK, slug="unheard_of")


async def test_secrets_are_sealed_and_kept(db: Database, owner: Actor, server: TextServer) -> None:
    await connect(db, owner, server)
    async with db.writing() as session:
        await service.connect(session, owner, "openai_text", {"base_url": f"{server.url}/v1"})  # no key typed again
    async with db.reading() as session:
        row = (await session.scalars(select(MakerConnection))).one()
    assert KEY not in f"{row.secrets} {row.settings} {row!r}"
    assert (await service.link_for(owner, "openai_text")).secrets == {"api_key": KEY}


async def test_another_workspace_sees_nothing(db: Database, owner: Actor, server: TextServer) -> None:
    await connect(db, owner, server)
    stranger = await second_workspace(db)
    with pytest.raises(NotConnected):
        await service.make(stranger, ASK, slug="openai_text")


@pytest.mark.parametrize(
    ("values", "field"),
    [({}, "base_url"), ({"base_url": "ftp://x"}, "base_url"), ({"base_url": "http://x", "colour": "red"}, "colour")],
)
async def test_settings_are_checked(db: Database, owner: Actor, values: dict[str, str], field: str) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput) as refused:
            await service.connect(session, owner, "openai_text", values)
    assert refused.value.field == field


async def test_check_then_switch_off_then_forget(db: Database, owner: Actor, server: TextServer) -> None:
    found = await service.check(owner, "openai_text", {"base_url": f"{server.url}/v1"}, {"api_key": KEY})
    assert found.handle == "scripted"
    await connect(db, owner, server)
    assert (await service.check(owner, "openai_text")).handle == "m"
    async with db.writing() as session:
        await service.switch(session, owner, "openai_text", on=False)
    with pytest.raises(NotConnected, match="switched off"):
        await service.make(owner, ASK, slug="openai_text")
    async with db.writing() as session:
        await service.disconnect(session, owner, "openai_text")
        await service.disconnect(session, owner, "openai_text")
    with pytest.raises(NotConnected, match="not connected"):
        await service.check(owner, "openai_text")


async def test_rights(db: Database, owner: Actor, server: TextServer) -> None:
    viewer = Actor(owner.workspace_id, Role.VIEWER)
    assert viewer.can(Right.READ)
    with pytest.raises(NotAllowed):
        await service.make(viewer, ASK)
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.connect(session, viewer, "ollama", {})


def test_the_able_are_sorted_by_quality() -> None:
    found = [m.quality for m in registry.able(Capability.TEXT)]
    assert found == sorted(found, reverse=True)
    assert len(found) >= 3
