"""/api/v2/events: news of the own workspace on the topics that were asked for, until the server stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.engine import api, events, service
from tests.support import engine_kinds
from tests.support.clients import client_for, small_app, token_for
from tests.support.people import add_person, second_workspace
from tests.support.streams import Stream, opened

assert engine_kinds.__name__  # importing it registers the kinds


@pytest.fixture(autouse=True)
def _open() -> Iterator[None]:
    events.reopen()
    yield
    events.reopen()


@asynccontextmanager
async def listening(actor: Actor, topics: str = "") -> AsyncIterator[Stream]:
    """Subscribed when the block begins."""
    headers = {"authorization": f"Bearer {await token_for(actor)}"}
    async with opened(small_app(api.router), f"/api/v2/events?topics={topics}", headers) as stream:
        yield stream


async def test_a_job_is_heard_of_from_its_row_on(db: Database, owner: Actor) -> None:
    async with listening(owner, "jobs") as stream:
        async with db.writing() as session:
            job = await service.enqueue(session, owner, "test.echo", {"word": "hello"})
            assert stream.events() == [], "not before the commit"
        await stream.until(job.id)
    [(topic, data)] = stream.events()
    assert (topic, data["kind"], data["state"]) == ("jobs", "test.echo", "pending")
    assert stream.text.startswith("retry: 2000\n\n")


async def test_only_what_was_asked_for_and_only_the_own_workspace(db: Database, owner: Actor) -> None:
    stranger = await second_workspace(db)
    async with listening(owner, "posts,job:*") as stream:
        events.announce(stranger.workspace_id, "posts", {"id": "theirs"})
        events.announce(owner.workspace_id, "inbox", {"id": "not asked for"})
        events.announce(owner.workspace_id, "job:1", {"id": "1", "text": "Ölçü — “ja”\n\nevent: forged"})
        events.announce(owner.workspace_id, "posts", {"id": "2"})
        await stream.until('"2"')
    assert stream.events() == [
        ("job:1", {"id": "1", "text": "Ölçü — “ja”\n\nevent: forged"}),
        ("posts", {"id": "2"}),
    ]


async def test_without_topics_a_viewer_hears_everything(db: Database, workspace: Workspace) -> None:
    viewer = await add_person(db, workspace, "Noor", Role.VIEWER)
    async with listening(viewer) as stream:
        events.announce(workspace.id, "inbox", {"id": "1"})
        events.announce(workspace.id, "posts", {"id": "2"})
        await stream.until('"2"')
    assert [topic for topic, _ in stream.events()] == ["inbox", "posts"]


async def test_a_quiet_stream_says_that_it_is_still_there(
    db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert db
    monkeypatch.setattr(api, "KEEP_ALIVE_SECONDS", 0.01)
    async with listening(owner) as stream:
        await stream.until(": still here\n\n: still here")
    assert stream.events() == []


async def test_it_ends_when_the_server_stops(db: Database, owner: Actor) -> None:
    assert db
    async with listening(owner) as stream:
        events.close()
        await stream.end()
    async with listening(owner) as late:
        await late.end()


async def test_who_is_not_signed_in_hears_nothing(db: Database) -> None:
    assert db
    async with client_for(small_app(api.router)) as client:
        assert (await client.get("/api/v2/events")).status_code == 401


async def test_a_reader_that_falls_behind_loses_the_oldest_news() -> None:
    async with events.subscribe("w") as slow:
        for number in range(events.QUEUE_SIZE + 3):
            events.announce("w", "jobs", {"number": number})
        first = await slow.next(1)
        assert first is not None
        assert (first.data["number"], slow.dropped) == (3, 3)
