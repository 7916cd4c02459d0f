"""What comes in is written down once, in the right conversation, with its mood; what is done opens again."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ainfluencer.channels import visits
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job
from ainfluencer.inbox import jobs as inbox_jobs
from ainfluencer.inbox import queries, service
from ainfluencer.inbox.models import Conversation, ConversationState
from ainfluencer.inbox.mood import mood
from ainfluencer.publishing.jobs import pulse
from tests.support import listeners
from tests.support.clocks import Clock
from tests.support.listeners import said
from tests.support.people import second_workspace
from tests.unit.inbox.conftest import World

assert inbox_jobs.MOST_TRIES  # importing it declares the visit


async def talks(db: Database, actor: Actor, **wanted: Any) -> list[Conversation]:
    async with db.reading() as session:
        return list((await queries.list_conversations(session, actor, **wanted)).items)


async def test_a_comment_becomes_a_conversation_with_its_post(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "I love this, it is wonderful!", "p1")]
    assert await service.listen(owner, world.channel.id) == 1
    (talk,) = await talks(db, owner)
    assert (talk.author, talk.post_id, talk.character_id) == ("Noor", world.post_id, world.character_id)
    assert (talk.unread, talk.state, talk.last_text) == (1, "open", "I love this, it is wonderful!")
    assert talk.mood > 0.5


async def test_the_same_item_again_changes_nothing(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "Hello", "p1"), said(2, "", "p1", kind="like")]
    assert await service.listen(owner, world.channel.id) == 2
    world.bell.waiting.append(said(3, "And again", "p1"))  # the platform hands out old items too
    assert await service.listen(owner, world.channel.id) == 1
    (talk,) = await talks(db, owner)
    assert talk.unread == 2
    async with db.reading() as session:
        assert [m.text for m in await queries.messages(session, owner, talk.id)] == ["Hello", "And again"]
        assert len((await queries.list_reactions(session, owner)).items) == 1


async def test_listeners_at_the_same_time_write_it_down_once(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(n, "Hello", f"p{n}") for n in range(1, 20)] + [said(40, "", "p1", kind="like")]
    found = await asyncio.gather(*(service.listen(owner, world.channel.id) for _ in range(6)))
    assert sorted(found) == [0, 0, 0, 0, 0, 20]
    assert len(await talks(db, owner)) == 19


async def test_the_cursor_is_handed_back(owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "Hello", "p1")]
    await service.listen(owner, world.channel.id)
    await service.listen(owner, world.channel.id)
    assert world.bell.cursors == ["", "1"]


async def test_each_author_and_post_is_a_conversation(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [
        said(1, "One", "p1"),
        said(2, "Two", "p1", author_id="ola", author="Ola"),
        said(3, "Three", "p2"),  # not a post of ours
    ]
    await service.listen(owner, world.channel.id)
    found = await talks(db, owner)
    assert len(found) == 3
    assert {t.last_text: t.post_id for t in found}["Three"] is None


async def test_what_was_done_opens_again_when_they_write(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "Hello", "p1")]
    await service.listen(owner, world.channel.id)
    (talk,) = await talks(db, owner)
    async with db.writing() as session:
        await service.set_state(session, owner, talk.id, ConversationState.DONE)
        assert await queries.count_unread(session, owner) == 0
    assert await talks(db, owner) == []
    world.bell.waiting.append(said(2, "Are you there?", "p1"))
    await service.listen(owner, world.channel.id)
    (again,) = await talks(db, owner)
    assert (again.id, again.unread) == (talk.id, 1)


async def test_an_older_message_does_not_move_a_conversation_back(db: Database, owner: Actor, world: World) -> None:
    now = clock.now()
    world.bell.waiting = [said(1, "Now", "p1", at=now), said(2, "Before", "p1", at=now - timedelta(hours=1))]
    await service.listen(owner, world.channel.id)
    (talk,) = await talks(db, owner)
    assert talk.last_at == now


async def test_filters_and_search(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [
        said(1, "About the sea", "p1"),
        said(2, "About bread", "p1", author_id="pav", author="Pavel_1"),
    ]
    await service.listen(owner, world.channel.id)
    assert [t.author for t in await talks(db, owner, q="BREAD")] == ["Pavel_1"]
    assert [t.author for t in await talks(db, owner, q="l_1")] == ["Pavel_1"]
    assert await talks(db, owner, q="%") == []
    assert await talks(db, owner, state="done") == []
    assert len(await talks(db, owner, channel_id=world.channel.id, character_id=world.character_id)) == 2
    assert await talks(db, owner, character_id="0" * 26) == []


async def test_reactions_are_filtered_by_kind_and_character(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "", "p1", kind="like"), said(2, "", kind="follow"), said(3, "", "p1", kind="repost")]
    await service.listen(owner, world.channel.id)
    async with db.reading() as session:
        all_ = await queries.list_reactions(session, owner)
        likes = await queries.list_reactions(session, owner, kind="like", character_id=world.character_id)
        none = await queries.list_reactions(session, owner, character_id="0" * 26)
    assert {r.kind for r in all_.items} == {"like", "follow", "repost"}
    assert [r.post_id for r in likes.items] == [world.post_id]
    assert none.items == []


async def test_another_workspace_sees_nothing(db: Database, owner: Actor, world: World) -> None:
    world.bell.waiting = [said(1, "Hello", "p1"), said(2, "", "p1", kind="like")]
    await service.listen(owner, world.channel.id)
    (talk,) = await talks(db, owner)
    stranger = await second_workspace(db)
    assert await talks(db, stranger) == []
    async with db.reading() as session:
        assert (await queries.list_reactions(session, stranger)).items == []
        with pytest.raises(NotFound):
            await queries.get_conversation(session, stranger, talk.id)
    with pytest.raises(NotFound):
        await service.listen(stranger, world.channel.id)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("This is wonderful, thank you", 0.4, 1), ("I hate this, it is awful", -1, -0.4), ("It is a chair.", -0.1, 0.1)],
)
def test_moods(text: str, low: float, high: float) -> None:
    assert low <= mood(text) <= high


async def test_a_channel_that_published_is_visited_once_a_beat(
    db: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch, clock.now())  # both within one beat
    assert world.post_id
    for _ in range(2):
        visits.forget()  # as another process would: only the job's key decides
        await pulse()
    async with db.reading() as session:
        planned = (await session.scalars(select(Job).where(Job.kind == "inbox.listen"))).all()
    assert [j.payload["channel_id"] for j in planned] == [world.channel.id]


async def test_the_round_asks_each_channel_once(
    db: Database, owner: Actor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch, clock.now())  # both within one beat
    await listeners.channel(db, owner, "gong", world.character_id)
    for _ in range(2):
        visits.forget()
        await visits.at_intervals()
    async with db.reading() as session:
        planned = (await session.scalars(select(Job).where(Job.kind == "inbox.listen"))).all()
    assert len(planned) == 2
