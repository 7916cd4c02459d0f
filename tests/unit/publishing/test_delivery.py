"""One delivery against doubles that refuse, delay, throttle and lose answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.publishing import jobs, queries, service
from ainfluencer.publishing.models import AttemptOutcome, Delivery
from ainfluencer.publishing.post_states import PostState
from tests.support import posting
from tests.support.doubles import Platform


async def _one(db: Database, owner: Actor, mira: str, platform: Platform, slug: str = "pier") -> Delivery:
    channel = await posting.add_channel(db, owner, slug, platform.url)
    post = await posting.add_post(db, owner, mira, [channel])
    await posting.approved(db, owner, post.id, now=True)
    (made,) = await posting.deliveries(db, owner, post.id)
    return made


async def _attempts(db: Database, owner: Actor, made: Delivery) -> list[str]:
    async with db.reading() as session:
        return [str(row.outcome) for row in await queries.attempts_of(session, owner, made.id)]


async def test_goes_out_once_with_label_and_receipt(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    channel = await posting.add_channel(db, owner, "pier", platform.url)
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], hashtags=("sea", "#dawn"), asset_ids=(asset,))
    await posting.approved(db, owner, post.id, now=True)
    (made,) = await posting.deliveries(db, owner, post.id)
    done = await posting.deliver(db, made.id)
    assert (done.state, done.remote_id) == ("published", "pier-1")
    assert platform.posts[0]["text"] == "Good morning, harbour.\n\n#sea #dawn\n\nMade with AI."
    assert (await posting.post_now(db, owner, post.id)).state == PostState.PUBLISHED
    async with db.reading() as session:
        (receipt,) = await queries.receipts_of(session, owner, post.id)
    assert receipt.declared["caption"] == "Made with AI."
    assert receipt.media[0]["alt_text"] == "A harbour at dusk"
    assert receipt.approved_by == "Ada"
    again = await posting.deliver(db, made.id)  # the job again, as after a crash: nothing more happens
    assert again.attempt == 1
    assert len(platform.posts) == 1


async def test_lost_answer_is_found(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.lose_after = 1
    made = await posting.deliver(db, (await _one(db, owner, mira, platform)).id)
    assert (made.state, made.attempt, len(platform.posts)) == ("published", 1, 1)
    assert await _attempts(db, owner, made) == [AttemptOutcome.PUBLISHED]


async def test_lost_request_is_sent_again(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.lose_before = 1
    made = await posting.deliver(db, (await _one(db, owner, mira, platform)).id)
    assert (made.state, made.attempt, len(platform.posts)) == ("published", 2, 1)
    assert await _attempts(db, owner, made) == [AttemptOutcome.NOT_THERE, AttemptOutcome.PUBLISHED]


async def test_own_key_makes_sending_again_safe(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.lose_after = 2
    made = await posting.deliver(db, (await _one(db, owner, mira, platform, "quay")).id)
    assert (made.state, made.attempt, len(platform.posts)) == ("published", 3, 1)


async def test_key_that_has_aged_out_is_not_trusted(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.lose_after = 1
    made = await _one(db, owner, mira, platform, "quay")
    await posting.deliver(db, made.id, times=1)
    async with db.writing() as session:
        await session.execute(update(Delivery).values(started_at=clock.from_now(hours=-2)))
    made = await posting.deliver(db, made.id)
    assert (made.state, made.is_unknown, len(platform.posts)) == ("needs_person", True, 1)


@pytest.mark.parametrize("is_there", [True, False])
async def test_where_nobody_can_tell_a_person_decides(
    db: Database, owner: Actor, mira: str, platform: Platform, *, is_there: bool
) -> None:
    platform.lose_after, platform.lose_before = (1, 0) if is_there else (0, 1)
    made = await posting.deliver(db, (await _one(db, owner, mira, platform, "mole")).id)
    assert (made.state, made.is_unknown, made.last_error["code"]) == ("needs_person", True, "outcome_unknown")
    async with db.writing() as session:
        await service.resolve_unknown(session, owner, made.id, is_there=is_there, url="https://mole.example/1")
    made = await posting.deliver(db, made.id)
    assert (made.state, len(platform.posts)) == ("published", 1)


async def test_unknown_is_not_sent_again_by_retry_or_reschedule(
    db: Database, owner: Actor, mira: str, platform: Platform
) -> None:
    platform.lose_after = 1
    made = await posting.deliver(db, (await _one(db, owner, mira, platform, "mole")).id)
    with pytest.raises(Exception, match="nothing to send again"):
        async with db.writing() as session:
            await service.retry(session, owner, made.post_id)
    async with db.writing() as session:
        await service.publish_now(session, owner, made.post_id)
    assert (await posting.fresh(db, made.id)).state == "needs_person"


async def test_throttled_waits_and_goes_on(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.throttle = 1
    made = await _one(db, owner, mira, platform)
    waiting = await posting.deliver(db, made.id, times=1)
    assert (waiting.state, waiting.failures, waiting.last_error["code"]) == ("scheduled", 1, "rate_limited")
    assert (await posting.deliver(db, made.id)).state == "published"


async def test_refused_fails_and_can_be_retried(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.refuse = True
    made = await posting.deliver(db, (await _one(db, owner, mira, platform)).id)
    assert (made.state, made.last_error["code"]) == ("failed", "rejected")
    assert (await posting.post_now(db, owner, made.post_id)).state == PostState.FAILED
    platform.refuse = False
    async with db.writing() as session:
        await service.retry(session, owner, made.post_id)
    assert (await posting.deliver(db, made.id)).state == "published"


async def test_expired_login_waits_for_its_owner(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.expired = True
    made = await posting.deliver(db, (await _one(db, owner, mira, platform)).id)
    assert (made.state, made.is_unknown, made.last_error["code"]) == ("needs_person", False, "login_expired")
    async with db.reading() as session:
        channel = await session.get_one(Channel, made.channel_id)
        assert channel.state == ChannelState.LOGIN_EXPIRED


async def test_pending_is_asked_until_done(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.pending = 2
    made = await _one(db, owner, mira, platform)
    waiting = await posting.deliver(db, made.id, times=1)
    assert (waiting.state, waiting.token) == ("sending", "t1")
    made = await posting.deliver(db, made.id)
    assert (made.state, made.attempt, len(platform.posts)) == ("published", 1, 1)


async def test_asking_that_fails_is_repeated(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    platform.lose_after, platform.lose_asking = 1, 2
    made = await posting.deliver(db, (await _one(db, owner, mira, platform)).id)
    assert (made.state, made.settles, len(platform.posts)) == ("published", 2, 1)


async def test_late_post_is_held(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    made = await _one(db, owner, mira, platform)
    async with db.writing() as session:
        await session.execute(update(Delivery).values(due_at=clock.from_now(minutes=-31)))
    made = await posting.deliver(db, made.id)
    assert (made.state, made.last_error["code"], platform.posts) == ("needs_person", "held_late", [])
    assert "while the studio was off" in made.last_error["detail"]
    async with db.writing() as session:
        await service.publish_now(session, owner, made.post_id)
    assert (await posting.deliver(db, made.id)).state == "published"


async def test_catching_up_keeps_a_distance(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    first = await _one(db, owner, mira, platform)
    await posting.deliver(db, first.id)
    post = await posting.add_post(db, owner, mira, [first.channel_id], caption="Second.")
    await posting.approved(db, owner, post.id, now=True)
    (second,) = await posting.deliveries(db, owner, post.id)
    async with db.writing() as session:
        await session.execute(
            update(Delivery).where(Delivery.id == second.id).values(due_at=clock.from_now(minutes=-5))
        )
    assert (await posting.deliver(db, second.id, times=3)).state == "scheduled"
    async with db.writing() as session:
        await session.execute(
            update(Delivery).where(Delivery.id == first.id).values(published_at=clock.from_now(minutes=-2))
        )
    assert (await posting.deliver(db, second.id)).state == "published"


async def test_hand_off_waits_for_a_person(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    made = await posting.deliver(db, (await _one(db, owner, mira, platform, "hand")).id)
    assert (made.state, made.last_error["code"]) == ("needs_person", "hand_off")
    async with db.writing() as session:
        await service.mark_posted(session, owner, made.id, url="https://hand.example/1")
    assert (await posting.post_now(db, owner, made.post_id)).state == PostState.PUBLISHED


async def test_moved_delivery_ignores_its_old_job(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    channel = await posting.add_channel(db, owner, "pier", platform.url)
    post = await posting.add_post(db, owner, mira, [channel], due_at=clock.from_now(hours=1))
    await posting.approved(db, owner, post.id)
    (made,) = await posting.deliveries(db, owner, post.id)
    async with db.writing() as session:
        await service.schedule(session, owner, post.id, clock.from_now(hours=2))
    (moved,) = await posting.deliveries(db, owner, post.id)
    assert (moved.rev, moved.job_id != made.job_id) == (made.rev + 1, True)
    async with db.writing() as session:  # the old job again, as a lost worker might
        await session.execute(update(Delivery).values(job_id=made.job_id))
    await posting.deliver(db, made.id)
    assert platform.posts == []


async def test_withdraw_deletes_and_lists_what_stays(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    ids = [await posting.add_channel(db, owner, slug, platform.url) for slug in ("pier", "mole")]
    post = await posting.add_post(db, owner, mira, ids)
    await posting.approved(db, owner, post.id, now=True)
    made = await posting.deliveries(db, owner, post.id)
    for row in made:
        await posting.deliver(db, row.id)
    async with db.writing() as session:
        await service.withdraw(session, owner, post.id, "A mistake")
    async with db.reading() as session:
        left = await service.still_live(session, owner, post.id)
        assert {row.platform for row in left} == {"pier", "mole"}
        from ainfluencer.engine.jobs import JobRun  # noqa: PLC0415
        from ainfluencer.engine.models import Job  # noqa: PLC0415

        job = await session.scalar(select(Job).where(Job.kind == "publishing.withdraw"))
    assert job is not None
    assert await jobs.withdraw(JobRun(job)) == {"state": "withdrawn"}
    async with db.reading() as session:
        left = await service.still_live(session, owner, post.id)
        assert [(row.platform, "no way" in row.still_live) for row in left] == [("mole", True)]
        assert len(await queries.receipts_of(session, owner, post.id)) == 2
    assert platform.texts("pier") == {}


async def test_orphaned_delivery_gets_another_job(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    made = await _one(db, owner, mira, platform)
    async with db.writing() as session:
        await session.execute(update(Delivery).values(job_id=""))
    await jobs.rescue()
    found = await posting.fresh(db, made.id)
    assert (bool(found.job_id), found.rev) == (True, made.rev + 1)
    assert (await posting.deliver(db, made.id)).state == "published"
    assert timedelta(0) <= clock.now() - found.due_at < timedelta(minutes=1)
