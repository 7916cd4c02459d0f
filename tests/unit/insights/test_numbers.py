"""Readings are kept, the latest one counts, and sums are of the posts that were asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ainfluencer.channels import visits
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job
from ainfluencer.insights import jobs as insights_jobs
from ainfluencer.insights import queries, service
from ainfluencer.insights.queries import Part, Totals
from ainfluencer.publishing.jobs import pulse
from tests.support import listeners, posting
from tests.support.clocks import Clock
from tests.support.people import second_workspace
from tests.unit.insights.conftest import World

assert insights_jobs.__name__  # importing it declares the visit


def counted(likes: int = 0, replies: int = 0, reposts: int = 0, views: int = 0) -> dict[str, int]:
    return {"likes": likes, "replies": replies, "reposts": reposts, "views": views}


async def sums(db: Database, actor: Actor, **wanted: str) -> Totals:
    async with db.reading() as session:
        return await queries.totals(session, actor, **wanted)  # type: ignore[arg-type] # only text filters here


async def test_the_latest_reading_counts_and_all_are_kept(db: Database, owner: Actor, world: World) -> None:
    made = await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="p1")
    for likes in (3, 8):
        world.bell.counters["p1"] = counted(likes, 1, 1, 40)
        assert await service.measure(owner, world.channel.id) == 1
    assert await sums(db, owner) == Totals(1, 8, 1, 1, 40)
    async with db.reading() as session:
        history = await queries.history(session, owner, made.post_id)
        assert [s.likes for s in history] == [3, 8]
        assert [s.is_latest for s in history] == [False, True]
        assert (await queries.of_posts(session, owner, [made.post_id]))[made.post_id].likes == 8


async def test_a_post_that_is_gone_keeps_its_last_reading(db: Database, owner: Actor, world: World) -> None:
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="p1")
    world.bell.counters["p1"] = counted(5)
    await service.measure(owner, world.channel.id)
    del world.bell.counters["p1"]
    assert await service.measure(owner, world.channel.id) == 0
    assert (await sums(db, owner)).likes == 5


async def test_counters_that_we_do_not_know_are_left_out(db: Database, owner: Actor, world: World) -> None:
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="p1")
    world.bell.counters["p1"] = {"likes": 2, "quotes": 9}
    await service.measure(owner, world.channel.id)
    found = await sums(db, owner)
    assert (found.likes, found.views, found.engagement) == (2, 0, None)


async def test_more_posts_than_one_question_takes(db: Database, owner: Actor, world: World) -> None:
    for number in range(3):
        await listeners.published(db, owner, world.character_id, world.channel.id, remote_id=f"p{number}")
        world.bell.counters[f"p{number}"] = counted(1)
    before, service.BATCH = service.BATCH, 2
    try:
        assert await service.measure(owner, world.channel.id) == 3
    finally:
        service.BATCH = before
    assert (await sums(db, owner)).posts == 3


async def test_old_posts_are_not_asked_about(db: Database, owner: Actor, world: World) -> None:
    old = clock.now() - timedelta(days=service.WINDOW_DAYS + 1)
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="p1", at=old)
    world.bell.counters["p1"] = counted(5)
    assert await service.measure(owner, world.channel.id) == 0


async def _two_channels(db: Database, owner: Actor, world: World) -> tuple[str, str]:
    """A post of Mira on Bell (10 likes) and one of Noor on Gong (4 likes, 2 replies); Noor's id, Gong's id."""
    noor = await posting.add_character(db, owner, "Noor")
    gong = await listeners.channel(db, owner, "gong", noor)
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="b1")
    await listeners.published(db, owner, noor, gong.id, remote_id="g1", caption="Second.")
    world.bell.counters["b1"], world.gong.counters["g1"] = counted(10, views=100), counted(4, 2, views=20)
    await service.measure(owner, world.channel.id)
    await service.measure(owner, gong.id)
    return noor, gong.id


async def test_sums_by_character_and_channel(db: Database, owner: Actor, world: World) -> None:
    noor, gong = await _two_channels(db, owner, world)
    assert (await sums(db, owner)).reactions == 16
    assert (await sums(db, owner, character_id=noor)).likes == 4
    assert (await sums(db, owner, channel_id=world.channel.id)).likes == 10
    async with db.reading() as session:
        by_character = await queries.by_character(session, owner, Part())
        by_channel = await queries.by_channel(session, owner, Part(character_id=noor))
    assert by_character[world.character_id].engagement == pytest.approx(0.1)
    assert {i: t.replies for i, t in by_channel.items()} == {gong: 2}


async def test_the_best_post_weighs_what_costs_more(db: Database, owner: Actor, world: World) -> None:
    await _two_channels(db, owner, world)
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="b2", caption="Talked about.")
    world.bell.counters["b2"] = counted(1, replies=4)
    await service.measure(owner, world.channel.id)
    async with db.reading() as session:
        best = await queries.best_posts(session, owner)
        only = await queries.best_posts(session, owner, channel_id=world.channel.id, limit=1)
    assert [p.caption for p, _ in best] == [
        "Talked about.",
        "Second.",
        "Good morning, harbour.",
    ]  # a tie: the newer one
    assert len(only) == 1


async def test_periods_follow_the_day_of_publishing(db: Database, owner: Actor, world: World) -> None:
    now = clock.now()
    for number, days in enumerate((1, 5, 12)):
        at = now - timedelta(days=days)
        await listeners.published(db, owner, world.character_id, world.channel.id, remote_id=f"p{number}", at=at)
        world.bell.counters[f"p{number}"] = counted(10**number)
    await service.measure(owner, world.channel.id)
    week = now - timedelta(days=7)
    async with db.reading() as session:
        assert (await queries.totals(session, owner, since=week)).likes == 11
        assert (await queries.totals(session, owner, since=week - timedelta(days=7), until=week)).likes == 100
        days_ = await queries.by_day(session, owner, days=7)
    assert len(days_) == 7
    assert [d["likes"] for d in days_ if d["posts"]] == [10, 1]


async def test_a_day_is_a_day_of_the_zone(db: Database, owner: Actor, world: World) -> None:
    late = (clock.now() - timedelta(days=2)).replace(hour=23, minute=30)
    await listeners.published(db, owner, world.character_id, world.channel.id, remote_id="p1", at=late)
    world.bell.counters["p1"] = counted(3)
    await service.measure(owner, world.channel.id)
    async with db.reading() as session:
        utc = await queries.by_day(session, owner, days=5)
        tokyo = await queries.by_day(session, owner, days=5, zone="Asia/Tokyo")
    assert [d["day"] for d in utc if d["posts"]] == [late.date().isoformat()]
    assert [d["day"] for d in tokyo if d["posts"]] == [(late + timedelta(hours=9)).date().isoformat()]


async def test_hours_of_the_week(db: Database, owner: Actor, world: World) -> None:
    monday = datetime(2026, 11, 16, 22, 15, tzinfo=UTC)
    for number in range(2):
        at = monday + timedelta(minutes=number)
        await listeners.published(db, owner, world.character_id, world.channel.id, remote_id=f"p{number}", at=at)
        world.bell.counters[f"p{number}"] = counted(3, 1)
    await service.measure(owner, world.channel.id)
    async with db.reading() as session:
        utc = await queries.by_hour(session, owner, Part())
        tokyo = await queries.by_hour(session, owner, Part(), zone="Asia/Tokyo")
    assert {k: (v.posts, v.reactions) for k, v in utc.items()} == {(0, 22): (2, 8)}
    assert list(tokyo) == [(1, 7)]


async def test_another_workspace_counts_nothing(db: Database, owner: Actor, world: World) -> None:
    await _two_channels(db, owner, world)
    stranger = await second_workspace(db)
    assert (await sums(db, stranger)).posts == 0
    async with db.reading() as session:
        assert await queries.rows(session, stranger, Part()) == []
        assert await queries.by_channel(session, stranger, Part()) == {}
    with pytest.raises(NotFound):
        await service.measure(stranger, world.channel.id)


async def test_a_channel_that_published_is_read_once_a_beat(
    db: Database, owner: Actor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await listeners.published(db, owner, world.character_id, world.channel.id)
    Clock(monkeypatch, clock.now())  # all within one beat
    for _ in range(2):
        visits.forget()  # as another process would: only the job's key decides
        await pulse()
        await visits.at_intervals()
    async with db.reading() as session:
        planned = (await session.scalars(select(Job).where(Job.kind == "insights.measure"))).all()
    assert len(planned) == 2
    assert {j.payload["channel_id"] for j in planned} == {world.channel.id}
