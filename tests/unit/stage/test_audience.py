"""The simulated audience is honest about itself, seeded, and harmless to run twice."""

from sqlalchemy import func, select

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.stage import audience, queries, service
from ainfluencer.stage.models import StageAccount, StagePost, StageReaction
from ainfluencer.stage.people import NOTICE, PEOPLE
from ainfluencer.stage.schemas import NewStagePost, Profile


async def post_something(
    db: Database, owner: Actor, text: str = "Morning surf before the rain, cold sea."
) -> StagePost:
    jobs.load_all()
    async with db.writing() as session:
        account = await service.sign_in(
            session, owner.workspace_id, "c" * 26, Profile(handle="marina", name="Marina", bio="")
        )
        await audience.ensure_people(session, owner.workspace_id)
        made, _ = await service.post(session, account, "k", NewStagePost(text=text))
    return made


async def test_every_member_says_that_they_are_simulated(db: Database, owner: Actor) -> None:
    await post_something(db, owner)
    async with db.reading() as session:
        people = (await session.scalars(select(StageAccount).where(StageAccount.is_audience.is_(True)))).all()
    assert len(people) == len(PEOPLE)
    assert all(p.bio.endswith(NOTICE) for p in people)


async def test_people_are_made_once(db: Database, owner: Actor) -> None:
    await post_something(db, owner)
    async with db.writing() as session:
        await audience.ensure_people(session, owner.workspace_id)
        count = await session.scalar(
            select(func.count()).select_from(StageAccount).where(StageAccount.is_audience.is_(True))
        )
    assert count == len(PEOPLE)


async def test_a_wave_done_twice_changes_no_reaction(db: Database, owner: Actor) -> None:
    post = await post_something(db, owner)
    async with db.writing() as session:
        wanted = await audience.plan(session, post, 0)
        again = await audience.plan(session, post, 0)
        assert wanted == again
        row = await session.get_one(StagePost, post.id)
        speaker = wanted.likes[0]
        first = await audience.carry_out(session, row, wanted, {speaker: "Lovely."}, 0)
        second = await audience.carry_out(session, row, wanted, {speaker: "Lovely."}, 0)
        reactions = await session.scalar(select(func.count()).select_from(StageReaction))
    assert first > 0
    assert second == 0
    assert reactions == len(wanted.likes) + len(wanted.reposts)
    async with db.reading() as session:
        counts = (await queries.metrics(session, owner.workspace_id, [post.id]))[post.id]
    assert (counts.likes, counts.replies) == (len(wanted.likes), 1)
    assert counts.views >= counts.likes


async def test_waves_together_reach_everybody_once(db: Database, owner: Actor) -> None:
    post = await post_something(db, owner)
    async with db.reading() as session:
        plans = [await audience.plan(session, post, wave) for wave in range(5)]
    likes = [i for p in plans for i in p.likes]
    assert len(likes) == len(set(likes))


async def test_interests_pull(db: Database, owner: Actor) -> None:
    sea = await post_something(db, owner, "surf sea beach morning boats weather")
    async with db.reading() as session:
        sol = await session.scalar(select(StageAccount).where(StageAccount.handle == "sol_surf"))
        assert sol is not None
        words = {"surf", "sea", "beach", "morning"}
        assert audience._pull(sol, words) > audience._pull(sol, {"spreadsheet"})
    assert sea.text
