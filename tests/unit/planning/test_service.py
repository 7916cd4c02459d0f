"""A week is planned whole, made once, stopped, and continued where it stopped."""

import pytest

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine import queries as engine
from ainfluencer.planning import queries, service
from ainfluencer.planning.models import SlotState, Week, WeekState
from ainfluencer.planning.schemas import NewWeek
from tests.support import stage


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


async def plan(db: Database, owner: Actor, **wanted: object) -> Week:
    character = await stage.character(db, owner)
    async with db.writing() as session:
        return await service.create_week(
            session, owner, NewWeek.model_validate({"character_id": character.id, "seed": 5, **wanted})
        )


async def test_the_plan_is_complete_and_varied_at_once(db: Database, owner: Actor) -> None:
    week = await plan(db, owner)
    async with db.reading() as session:
        slots = await queries.slots_of(session, owner, week.id)
        job = await engine.get(session, owner, week.job_id or "")
    assert [s.position for s in slots] == list(range(7))
    assert len({(s.theme, s.angle) for s in slots}) == 7
    assert len({s.format for s in slots}) >= 4
    assert all(s.due_at > clock.now() for s in slots)
    assert job.kind == "planning.week"


async def test_a_lived_week_is_due_now(db: Database, owner: Actor) -> None:
    week = await plan(db, owner, start_now=True, days=3)
    async with db.reading() as session:
        slots = await queries.slots_of(session, owner, week.id)
    assert all(abs((s.due_at - clock.now()).total_seconds()) < 60 for s in slots)


async def test_approving_all_needs_a_reviewer(db: Database, owner: Actor) -> None:
    creator = Actor(workspace_id=owner.workspace_id, role=Role.CREATOR, user_id=owner.user_id)
    character = await stage.character(db, owner)
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.create_week(session, creator, NewWeek(character_id=character.id, approve_all=True))


async def test_a_week_is_stopped_once_and_continued(db: Database, owner: Actor) -> None:
    week = await plan(db, owner)
    async with db.writing() as session:
        stopped = await service.cancel_week(session, owner, week.id)
        assert stopped.state == WeekState.CANCELLED
        with pytest.raises(Conflict):
            await service.cancel_week(session, owner, week.id)
        slots = await queries.slots_of(session, owner, week.id)
        slots[0].state = SlotState.DONE
        slots[1].state = SlotState.FAILED
        again = await service.retry_week(session, owner, week.id)
        assert again.job_id != week.job_id or again.state == WeekState.PLANNED
        slots = await queries.slots_of(session, owner, week.id)
        assert [s.state for s in slots[:2]] == [SlotState.DONE, SlotState.PLANNED]
        with pytest.raises(Conflict):
            await service.retry_week(session, owner, week.id)


async def test_an_unknown_channel_is_refused_before_anything_is_planned(db: Database, owner: Actor) -> None:
    character = await stage.character(db, owner)
    with pytest.raises((InvalidInput, NotFound)):
        async with db.writing() as session:
            await service.create_week(session, owner, NewWeek(character_id=character.id, channel_ids=["0" * 26]))
    async with db.reading() as session:
        assert await queries.list_weeks(session, owner) == []


async def test_another_workspace_sees_no_week(db: Database, owner: Actor) -> None:
    week = await plan(db, owner)
    stranger = Actor(workspace_id="0" * 26, role=Role.OWNER)
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await queries.get_week(session, stranger, week.id)
        assert await queries.slots_of(session, stranger, week.id) == []
