"""Visitors come to every channel in its turn, once a round however many processes send them, and never all at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ainfluencer.channels import jobs as channel_jobs
from ainfluencer.channels import visits
from ainfluencer.channels.visits import Beat, Visit
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job
from ainfluencer.integrations.manifest import Capability
from tests.support import doubles, engine_kinds, posting
from tests.support.clocks import Clock

assert engine_kinds.__name__  # importing it registers the kinds
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
HOUR = 3600


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, NOON)


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """The only visit there is: once an hour, to platforms that can take a post back."""
    doubles.install()
    monkeypatch.setattr(visits, "_DECLARED", {})
    visits.forget()
    yield visits.declare(Visit("test.quiet", "Tester", HOUR, Capability.WITHDRAW, after_posts=True))
    visits.forget()
    doubles.uninstall()


async def queued(db: Database) -> Sequence[Job]:
    async with db.reading() as session:
        return (await session.scalars(select(Job).where(Job.kind == "test.quiet").order_by(Job.run_at, Job.id))).all()


async def many(db: Database, owner: Actor, count: int) -> list[str]:
    return [await posting.add_channel(db, owner, "pier", account_key=f"ada{n}") for n in range(count)]


async def test_the_first_visits_are_spread(db: Database, owner: Actor, time: Clock, visit: Visit) -> None:
    ids = await many(db, owner, 30)
    await visits.at_intervals()
    found = await queued(db)
    assert {job.payload["channel_id"] for job in found} == set(ids)
    waits = [(job.run_at - NOON).total_seconds() for job in found]
    assert min(waits) >= 0
    assert max(waits) <= 30 * visits.FIRST_EACH_SECONDS
    fullest = max(sum(lap * 60 <= wait < lap * 60 + 60 for wait in waits) for lap in range(5))
    assert fullest < 15  # of thirty, in any of the five minutes


async def test_every_channel_has_one_visit_a_round_at_a_moment_of_its_own(
    db: Database, owner: Actor, time: Clock, visit: Visit
) -> None:
    ids = await many(db, owner, 20)
    await visits.at_intervals()
    before = {job.id for job in await queued(db)}
    together = []
    for _ in range(60):
        time.jump(minutes=1)
        known = len(await queued(db))
        await visits.at_intervals()
        together.append(len(await queued(db)) - known)
    fresh = [job for job in await queued(db) if job.id not in before]
    assert sorted(job.payload["channel_id"] for job in fresh) == sorted(ids)
    assert max(together) <= 5


async def test_several_processes_send_one_visitor(db: Database, owner: Actor, time: Clock, visit: Visit) -> None:
    await many(db, owner, 4)
    for _ in range(3):
        visits.forget()  # as another process would: only the job's key decides
        await visits.at_intervals()
    assert len(await queued(db)) == 4


async def test_only_where_there_is_something_to_do(db: Database, owner: Actor, time: Clock, visit: Visit) -> None:
    await posting.add_channel(db, owner, "mole")  # it cannot take posts back
    paused = await posting.add_channel(db, owner, "pier", account_key="paused", state="paused")
    here = await posting.add_channel(db, owner, "pier")
    await visits.at_intervals()
    (job,) = await queued(db)
    assert job.payload == {"channel_id": here}
    assert paused != here
    assert (job.subject_kind, job.subject_id, job.is_background) == ("channel", here, True)


async def test_after_a_post_a_visitor_comes_at_each_beat(db: Database, owner: Actor, time: Clock, visit: Visit) -> None:
    here, other = await many(db, owner, 2)
    for bucket in ("6:1", "6:1", "6:2"):
        await visits.after_posts([Beat(here, owner.workspace_id, "pier", bucket)])
    await visits.after_posts([Beat(other, owner.workspace_id, "mole", "6:2")])
    found = await queued(db)
    assert [job.payload["channel_id"] for job in found] == [here, here]
    assert all(job.run_at == NOON for job in found)


async def test_the_clock_may_be_set_back(db: Database, owner: Actor, time: Clock, visit: Visit) -> None:
    await many(db, owner, 3)
    await visits.at_intervals()
    time.jump(hours=-1)
    await visits.at_intervals()
    time.jump(hours=1)
    await visits.at_intervals()
    assert len(await queued(db)) == 6  # the hour before is another round; the present one is known


async def test_the_doctor_is_one_of_the_visitors(db: Database, owner: Actor) -> None:
    doubles.install()
    try:
        here = await posting.add_channel(db, owner, "pier")
        visits.forget()
        await channel_jobs.visit()
    finally:
        doubles.uninstall()
    async with db.reading() as session:
        found = (await session.scalars(select(Job).where(Job.kind == "channels.check"))).all()
    assert [(job.payload, job.is_background) for job in found] == [({"channel_id": here}, True)]
