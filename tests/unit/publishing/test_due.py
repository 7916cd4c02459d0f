"""Running what is due by hand: nothing twice, nothing that waits for a person, and what was held only when that is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import NotAllowed
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine.models import Job, JobState
from ainfluencer.publishing import api, service
from ainfluencer.publishing.models import Delivery, Post
from tests.support import posting
from tests.support.clients import client_for, small_app
from tests.support.clocks import Clock
from tests.support.doubles import Platform

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, NOON)


@pytest.fixture
async def channel(db: Database, owner: Actor, platform: Platform) -> str:
    return await posting.add_channel(db, owner, "quay", platform.url)


async def planned(db: Database, owner: Actor, mira: str, channel: str, at: datetime) -> tuple[Post, Delivery]:
    post = await posting.add_post(db, owner, mira, [channel])
    await posting.approved(db, owner, post.id)
    async with db.writing() as session:
        await service.schedule(session, owner, post.id, at)
    (made,) = await posting.deliveries(db, owner, post.id)
    return post, made


async def run(db: Database, owner: Actor, *, late: bool = False) -> service.DueRun:
    async with db.writing() as session:
        return await service.run_due(session, owner, late=late)


async def test_only_what_is_due_is_started(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock, platform: Platform
) -> None:
    _, soon = await planned(db, owner, mira, channel, NOON + timedelta(minutes=5))
    await planned(db, owner, mira, channel, NOON + timedelta(hours=5))
    assert (await run(db, owner)).started == []
    time.jump(minutes=6)
    told = await run(db, owner)
    assert [row.id for row in told.started] == [soon.id]
    again = await run(db, owner)
    assert [(row.id, row.rev) for row in again.started] == [(soon.id, soon.rev)]
    assert (await posting.deliver(db, soon.id)).state == "published"
    assert (await run(db, owner)).started == []
    assert len(platform.posts) == 1


async def test_a_lost_job_is_replaced_and_a_waiting_one_left_alone(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    _, lost = await planned(db, owner, mira, channel, NOON + timedelta(minutes=1))
    _, waits = await planned(db, owner, mira, channel, NOON + timedelta(minutes=2))
    time.jump(minutes=3)
    async with db.writing() as session:
        await session.execute(update(Job).where(Job.id == lost.job_id).values(state=JobState.FAILED))
        await session.execute(update(Job).where(Job.id == waits.job_id).values(run_at=NOON + timedelta(minutes=9)))
    told = await run(db, owner)
    assert [row.id for row in told.started] == [lost.id]
    assert [(row.id, until) for row, until in told.waiting] == [(waits.id, NOON + timedelta(minutes=9))]
    fresh = await posting.fresh(db, lost.id)
    assert (fresh.rev, fresh.job_id != lost.job_id) == (lost.rev + 1, True)
    assert (await posting.deliver(db, lost.id)).state == "published"


async def test_what_was_held_for_being_late_needs_a_word(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock, platform: Platform
) -> None:
    post, held = await planned(db, owner, mira, channel, NOON + timedelta(minutes=1))
    unapproved = await posting.add_post(db, owner, mira, [channel], due_at=NOON + timedelta(minutes=1))
    time.jump(hours=5)
    assert (await posting.deliver(db, held.id)).state == "needs_person"
    await posting.approved(db, owner, unapproved.id)
    told = await run(db, owner)
    assert (told.started, sorted(told.held)) == ([], sorted([post.id, unapproved.id]))
    released = await run(db, owner, late=True)
    assert len(released.started) == 2
    assert released.held == []
    for row in released.started:
        assert (await posting.deliver(db, row.id)).state == "published"
    assert sorted(platform.texts().values()) == [2]


async def test_what_nobody_knows_is_not_sent_again(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    post, made = await planned(db, owner, mira, channel, NOON + timedelta(minutes=1))
    time.jump(hours=5)
    await posting.deliver(db, made.id)
    async with db.writing() as session:
        await session.execute(update(Delivery).where(Delivery.id == made.id).values(is_unknown=True))
    assert (await run(db, owner, late=True)).started == []
    assert (await posting.post_now(db, owner, post.id)).state == "needs_person"


async def test_a_full_channel_refuses_by_name(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    single = await posting.add_channel(db, owner, "quay", platform.url, posts_per_day=1)
    late = [await posting.add_post(db, owner, mira, [single], due_at=NOON + timedelta(minutes=n)) for n in (1, 2)]
    time.jump(hours=5)
    for post in late:
        await posting.approved(db, owner, post.id)
    told = await run(db, owner, late=True)
    assert len(told.started) == 1
    assert [(one.id, one.code) for one in told.refused] == [(late[1].id, "channel_full")]


async def test_over_the_api_and_only_with_the_right(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    post, _ = await planned(db, owner, mira, channel, NOON + timedelta(minutes=1))
    time.jump(minutes=2)
    async with client_for(small_app(api.router), owner) as client:
        told = await client.post("/api/v2/posts/deliveries/due")
        assert told.status_code == 202
        assert [one["post_id"] for one in told.json()["started"]] == [post.id]
    with pytest.raises(NotAllowed):
        await run(db, Actor(workspace_id=owner.workspace_id, role=Role.CREATOR))
    stranger = Actor(workspace_id="0" * 26, role=Role.OWNER)
    assert (await run(db, stranger)).started == []
