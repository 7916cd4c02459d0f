"""How many posts a channel takes in its day, and how far apart: refused when scheduled, waited for when due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from ainfluencer.channels.models import Channel
from ainfluencer.channels.service import limits
from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine.jobs import JobRun, Later
from ainfluencer.engine.models import Job
from ainfluencer.publishing import api, delivery, pace, service
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.errors import ChannelFull
from ainfluencer.publishing.models import Delivery, Post
from tests.support import posting
from tests.support.clients import client_for, small_app
from tests.support.clocks import Clock
from tests.support.doubles import Platform

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)  # a Tuesday; Lisbon and UTC agree


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, NOON)


@pytest.fixture
async def channel(db: Database, owner: Actor, platform: Platform) -> str:
    """A channel that takes two posts a day and belongs to nobody, so its day is Lisbon's (the workspace's)."""
    return await posting.add_channel(db, owner, "pier", platform.url, posts_per_day=2)


async def planned(db: Database, owner: Actor, mira: str, channels: list[str], at: datetime, **more: object) -> Post:
    """An approved post, scheduled for that time."""
    post = await posting.add_post(db, owner, mira, channels, **more)
    await posting.approved(db, owner, post.id)
    async with db.writing() as session:
        return await service.schedule(session, owner, post.id, at)


async def go(db: Database, delivery_id: str) -> Delivery:
    """Run its job once, as the engine would now."""
    async with db.reading() as session:
        row = await session.get_one(Delivery, delivery_id)
        run = JobRun(await session.get_one(Job, row.job_id))
    try:
        await delivery.deliver(run)
    except Later as later:
        async with db.writing() as session:
            (await session.get_one(Job, run.id)).run_at = later.run_at
    return await posting.fresh(db, delivery_id)


async def the_delivery(db: Database, owner: Actor, post: Post) -> Delivery:
    (made,) = await posting.deliveries(db, owner, post.id)
    return made


# --- scheduling ---


async def test_a_full_day_is_refused_and_the_same_hour_of_the_next_is_offered(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    for hour in (14, 18):
        await planned(db, owner, mira, [channel], NOON.replace(hour=hour))
    post = await posting.add_post(db, owner, mira, [channel])
    await posting.approved(db, owner, post.id)
    async with db.writing() as session:
        with pytest.raises(ChannelFull, match="takes 2 posts a day, and Tue 01 Dec is full") as refused:
            await service.schedule(session, owner, post.id, NOON.replace(hour=20))
    assert refused.value.next_step == "The next free time is Wed 02 Dec 2026, 20:00 (Europe/Lisbon)."
    assert refused.value.free_at == NOON.replace(day=2, hour=20)
    assert (await posting.post_now(db, owner, post.id)).state == "approved"
    async with db.writing() as session:
        moved = await service.schedule(session, owner, post.id, NOON.replace(hour=20), or_next=True)
    assert (moved.state, moved.due_at) == ("scheduled", NOON.replace(day=2, hour=20))


async def test_moving_a_post_within_its_own_day_is_no_second_post(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    await planned(db, owner, mira, [channel], NOON.replace(hour=14))
    post = await planned(db, owner, mira, [channel], NOON.replace(hour=16))
    async with db.writing() as session:
        assert (await service.schedule(session, owner, post.id, NOON.replace(hour=17))).state == "scheduled"


async def test_the_day_is_the_day_where_the_character_lives(
    db: Database, owner: Actor, platform: Platform, time: Clock
) -> None:
    async with db.writing() as session:
        draft = CharacterDraft(name="Yuki", age=30, timezone="Asia/Tokyo")
        yuki = (await characters.create(session, owner, draft)).id
    own = await posting.add_channel(db, owner, "pier", platform.url, posts_per_day=1, character_id=yuki)
    await planned(db, owner, yuki, [own], NOON.replace(hour=14, minute=30))  # 23:30 of Tuesday in Tokyo
    late = await planned(db, owner, yuki, [own], NOON.replace(hour=15, minute=30))  # 00:30 of Wednesday there
    assert late.state == "scheduled"
    with pytest.raises(ChannelFull, match="Wed 02 Dec is full"):
        await planned(db, owner, yuki, [own], NOON.replace(day=2, hour=2))


async def test_an_approved_post_whose_day_is_full_says_when_it_could_go(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    for hour in (14, 18):
        await planned(db, owner, mira, [channel], NOON.replace(hour=hour))
    post = await posting.add_post(db, owner, mira, [channel], due_at=NOON.replace(hour=20))
    done = await posting.approved(db, owner, post.id)
    assert (done.state, done.problem["code"]) == ("approved", "channel_full")
    assert "Wed 02 Dec 2026, 20:00" in done.problem["next_step"]
    assert await posting.deliveries(db, owner, post.id) == []


async def test_the_next_free_time_suits_every_channel(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    slow = await posting.add_channel(db, owner, "pier", platform.url, posts_per_day=1)
    wide = await posting.add_channel(db, owner, "quay", platform.url, spacing_minutes=120)
    await planned(db, owner, mira, [slow], NOON.replace(hour=15))
    await planned(db, owner, mira, [wide], NOON.replace(day=2, hour=15))
    with pytest.raises(ChannelFull) as refused:
        await planned(db, owner, mira, [slow, wide], NOON.replace(hour=16))
    assert refused.value.free_at == NOON.replace(day=2, hour=17)


async def test_posts_keep_their_distance(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    wide = await posting.add_channel(db, owner, "pier", platform.url, spacing_minutes=90)
    for hour in (15, 17):
        await planned(db, owner, mira, [wide], NOON.replace(hour=hour))
    for minute in (-89, 0, 89):
        with pytest.raises(ChannelFull, match="1 h 30 min apart") as refused:
            await planned(db, owner, mira, [wide], NOON.replace(hour=15) + timedelta(minutes=minute))
        assert refused.value.free_at == NOON.replace(hour=18, minute=30)
    assert (await planned(db, owner, mira, [wide], NOON.replace(hour=13, minute=30))).state == "scheduled"


async def test_now_may_be_a_little_later_and_not_much(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    near = await posting.add_channel(db, owner, "pier", platform.url, limits={"spacing_seconds": 60})
    first = await posting.add_post(db, owner, mira, [near])
    await posting.approved(db, owner, first.id, now=True)
    second = await posting.add_post(db, owner, mira, [near])
    assert (await posting.approved(db, owner, second.id, now=True)).due_at == NOON + timedelta(seconds=60)
    far = await posting.add_channel(db, owner, "quay", platform.url, spacing_minutes=10)
    await planned(db, owner, mira, [far], NOON + timedelta(minutes=5))
    third = await posting.add_post(db, owner, mira, [far])
    with pytest.raises(ChannelFull, match="10 min apart"):
        await posting.approved(db, owner, third.id, now=True)


async def test_only_what_may_be_public_holds_a_place(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    one, two = [await planned(db, owner, mira, [channel], NOON.replace(hour=h)) for h in (14, 16)]
    async with db.writing() as session:
        await session.execute(
            update(Delivery).where(Delivery.post_id == one.id).values(state=DeliveryState.NEEDS_PERSON)
        )
    third = await planned(db, owner, mira, [channel], NOON.replace(hour=18))
    async with db.writing() as session:
        await service.cancel(session, owner, third.id)
        await session.execute(update(Delivery).where(Delivery.post_id == one.id).values(is_unknown=True))
    with pytest.raises(ChannelFull):
        await planned(db, owner, mira, [channel], NOON.replace(hour=18))
    assert two.state == "scheduled"


async def test_a_persons_pace_is_never_quicker_than_the_platforms() -> None:
    told = {"posts_per_day": 5, "spacing_seconds": 600}
    quick = Channel(platform="mastodon", limits=told, posts_per_day=50, spacing_minutes=1)
    slow = Channel(platform="mastodon", limits=told, posts_per_day=2, spacing_minutes=60)
    assert (limits(quick).posts_per_day, limits(quick).spacing_seconds) == (5, 600)
    assert (limits(slow).posts_per_day, limits(slow).spacing_seconds) == (2, 3600)


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 29, 12, tzinfo=UTC), 23), (datetime(2026, 10, 25, 12, tzinfo=UTC), 25)]
)
def test_a_day_lasts_as_long_as_its_clock_says(day: datetime, hours: int) -> None:
    start, end = pace.Pace(Channel(), 1, timedelta(0), "Europe/Berlin").day_of(day)
    assert end - start == timedelta(hours=hours)


# --- delivering ---


async def test_what_is_over_the_limit_waits_for_the_next_day_and_goes_out_once(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock, platform: Platform
) -> None:
    posts = [await posting.add_post(db, owner, mira, [channel], caption=f"Tide {n}") for n in range(3)]
    async with db.writing() as session:
        # Armed one by one as a resumed channel does it: nobody asked whether the day takes three.
        for post in posts:
            await service.approve(session, owner, post.id)
            await service_place(session, owner, post.id, NOON)
    rows = [await the_delivery(db, owner, post) for post in posts]
    done = [await go(db, row.id) for row in rows]
    assert [row.state for row in done] == ["published", "published", "scheduled"]
    waiting = done[2]
    midnight = NOON.replace(day=2, hour=0)
    assert waiting.due_at == midnight
    assert (waiting.last_error["code"], waiting.rev) == ("channel_full", rows[2].rev)
    assert (await posting.post_now(db, owner, posts[2].id)).due_at == midnight
    time.at = NOON.replace(hour=23, minute=59)
    assert (await go(db, waiting.id)).state == "scheduled"
    time.at = midnight
    assert (await go(db, waiting.id)).state == "published"
    assert sorted(platform.texts().values()) == [1, 1, 1]


async def test_what_waited_does_not_take_the_place_of_what_was_planned(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    single = await posting.add_channel(db, owner, "pier", platform.url, posts_per_day=1)
    await planned(db, owner, mira, [single], NOON.replace(day=2, hour=9))
    posts = [await posting.add_post(db, owner, mira, [single], caption=f"Tide {n}") for n in range(2)]
    async with db.writing() as session:
        for post in posts:
            await service.approve(session, owner, post.id)
            await service_place(session, owner, post.id, NOON)
    first, second = [await the_delivery(db, owner, post) for post in posts]
    assert (await go(db, first.id)).state == "published"
    assert (await go(db, second.id)).due_at == NOON.replace(day=3, hour=0)


async def test_a_delivery_keeps_its_distance_from_what_went_out_late(
    db: Database, owner: Actor, mira: str, platform: Platform, time: Clock
) -> None:
    wide = await posting.add_channel(db, owner, "pier", platform.url, spacing_minutes=30)
    one = await the_delivery(db, owner, await planned(db, owner, mira, [wide], NOON, caption="One"))
    two = await planned(db, owner, mira, [wide], NOON + timedelta(minutes=30), caption="Two")
    time.jump(minutes=10)  # the first one goes out ten minutes late
    assert (await go(db, one.id)).state == "published"
    time.at = NOON + timedelta(minutes=30)
    waiting = await go(db, (await the_delivery(db, owner, two)).id)
    assert (waiting.state, waiting.due_at) == ("scheduled", NOON + timedelta(minutes=40))
    time.at = waiting.due_at
    assert (await go(db, waiting.id)).state == "published"


async def service_place(session: object, owner: Actor, post_id: str, at: datetime) -> None:
    from ainfluencer.publishing import queries  # noqa: PLC0415 - only these tests go past the front door
    from ainfluencer.publishing.service import scheduling  # noqa: PLC0415

    await scheduling.place(session, owner, await queries.get(session, owner, post_id), at)  # type: ignore[arg-type] # a session


# --- API ---


async def test_a_program_is_told_and_may_take_the_next_time(
    db: Database, owner: Actor, mira: str, channel: str, time: Clock
) -> None:
    for hour in (14, 18):
        await planned(db, owner, mira, [channel], NOON.replace(hour=hour))
    post = await posting.add_post(db, owner, mira, [channel], due_at=NOON.replace(hour=20))
    where = f"/api/v2/posts/{post.id}"
    async with client_for(small_app(api.router), owner) as client:
        found = (await client.get(f"{where}/preflight")).json()
        assert found["ok"]
        assert [one["code"] for one in found["problems"]] == ["channel_full"]
        await client.post(f"{where}/approval")
        refused = await put(client, where, NOON.replace(hour=20))
        assert (refused.status_code, refused.json()["code"]) == (409, "channel_full")
        free = (await client.get(f"{where}/free-time", params={"at": NOON.replace(hour=20).isoformat()})).json()
        assert datetime.fromisoformat(free["free_at"]) == NOON.replace(day=2, hour=20)
        taken = await put(client, where, NOON.replace(hour=20), or_next=True)
        assert (taken.status_code, taken.json()["state"]) == (200, "scheduled")


async def put(client: httpx.AsyncClient, where: str, at: datetime, **more: object) -> httpx.Response:
    return await client.put(f"{where}/schedule", json={"due_at": at.isoformat(), **more})
