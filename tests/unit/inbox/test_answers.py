"""Answers: a person sends, they go out once, and every outcome leads somewhere."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ainfluencer.accounts.models import Workspace
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, OutcomeUnknown, Rejected
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from ainfluencer.inbox import jobs, queries, service
from ainfluencer.inbox.models import ConversationState, Message
from tests.support import listeners
from tests.support.listeners import said
from tests.support.people import add_person, second_workspace
from tests.unit.inbox.conftest import World


@pytest.fixture
async def talk_id(db: Database, owner: Actor, world: World) -> str:
    """Noor has written on Bell."""
    world.bell.waiting = [said(1, "Is the water cold?", "p1")]
    await service.listen(owner, world.channel.id)
    async with db.reading() as session:
        return (await queries.list_conversations(session, owner)).items[0].id


async def answer(db: Database, actor: Actor, talk_id: str, text: str = "Very. Come in.") -> Message:
    async with db.writing() as session:
        return await service.send(session, actor, talk_id, text)


async def work(db: Database, message: Message, *, failures: int = 0) -> None:
    """Run the latest job of that answer as the engine would."""
    async with db.reading() as session:
        rows = await session.scalars(select(Job).where(Job.kind == "inbox.send").order_by(Job.id.desc()))
        row = next(r for r in rows if r.payload["message_id"] == message.id)
        row.failures = failures
        run = JobRun(row)
    await jobs.send(run)


async def now(db: Database, actor: Actor, message: Message) -> Message:
    async with db.reading() as session:
        return await queries.get_message(session, actor, message.id)


async def test_an_answer_goes_out_under_their_message(db: Database, owner: Actor, world: World, talk_id: str) -> None:
    message = await answer(db, owner, talk_id)
    assert (message.state, world.bell.calls) == ("sending", 0)
    await work(db, message)
    sent = await now(db, owner, message)
    assert (sent.state, sent.url) == ("sent", f"https://example.org/{sent.remote_id}")
    (parcel,) = world.bell.answers.values()
    assert (parcel.text, parcel.in_reply_to) == ("Very. Come in.", "in-1")


async def test_the_job_again_sends_nothing_more(db: Database, owner: Actor, world: World, talk_id: str) -> None:
    message = await answer(db, owner, talk_id)
    await work(db, message)
    await work(db, message)
    assert world.bell.calls == 1


async def test_a_lost_answer_is_sent_again_under_the_same_key(
    db: Database, owner: Actor, world: World, talk_id: str
) -> None:
    world.bell.troubles = [OutcomeUnknown("bell", "The answer was lost.")]
    message = await answer(db, owner, talk_id)
    with pytest.raises(OutcomeUnknown):
        await work(db, message)
    await work(db, message, failures=1)
    assert (await now(db, owner, message)).state == "sent"
    assert list(world.bell.answers) == [message.idempotency_key]


async def test_where_no_key_is_kept_a_person_is_asked(db: Database, owner: Actor, world: World) -> None:
    channel = await listeners.channel(db, owner, "gong", world.character_id)
    world.gong.waiting = [said(1, "Hello")]
    world.gong.troubles = [OutcomeUnknown("gong", "The answer was lost.")]
    await service.listen(owner, channel.id)
    async with db.reading() as session:
        talk = (await queries.list_conversations(session, owner, channel_id=channel.id)).items[0]
    message = await answer(db, owner, talk.id)
    with pytest.raises(OutcomeUnknown):
        await work(db, message)
    await work(db, message, failures=1)
    stopped = await now(db, owner, message)
    assert (stopped.state, world.gong.calls) == ("needs_person", 1)
    assert stopped.error["next_step"]
    async with db.writing() as session:
        await service.confirm_sent(session, owner, message.id)
    assert (await now(db, owner, message)).state == "sent"


async def test_an_outcome_that_stays_unknown_ends_with_a_person(
    db: Database, owner: Actor, world: World, talk_id: str
) -> None:
    world.bell.troubles = [OutcomeUnknown("bell", "The answer was lost.")]
    message = await answer(db, owner, talk_id)
    await work(db, message, failures=jobs.MOST_TRIES - 1)
    assert (await now(db, owner, message)).state == "needs_person"


async def test_a_refused_answer_says_why_and_can_be_sent_again(
    db: Database, owner: Actor, world: World, talk_id: str
) -> None:
    world.bell.troubles = [Rejected("bell", "Too long for Bell.", "Make it shorter.")]
    message = await answer(db, owner, talk_id)
    await work(db, message)
    failed = await now(db, owner, message)
    assert (failed.state, failed.error["detail"]) == ("failed", "Too long for Bell.")
    async with db.writing() as session:
        await service.send_again(session, owner, message.id)
    await work(db, message)
    assert (await now(db, owner, message)).state == "sent"
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await service.send_again(session, owner, message.id)


@pytest.mark.parametrize("text", ["", "   ", "x" * (service.MAX_REPLY + 1)])
async def test_empty_and_long_answers_are_refused(db: Database, owner: Actor, talk_id: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        await answer(db, owner, talk_id, text)


async def test_who_may_send_and_who_may_put_aside(db: Database, workspace: Workspace, talk_id: str) -> None:
    reviewer = await add_person(db, workspace, "Rui", Role.REVIEWER)
    creator = await add_person(db, workspace, "Cleo", Role.CREATOR)
    await answer(db, reviewer, talk_id)
    with pytest.raises(NotAllowed):
        await answer(db, creator, talk_id)
    async with db.writing() as session:
        await service.set_state(session, creator, talk_id, ConversationState.DONE)
        with pytest.raises(NotAllowed):
            await service.set_state(session, reviewer, talk_id, ConversationState.OPEN)


async def test_strangers_answer_nothing(db: Database, owner: Actor, talk_id: str) -> None:
    message = await answer(db, owner, talk_id)
    stranger = await second_workspace(db)
    with pytest.raises(NotFound):
        await answer(db, stranger, talk_id)
    async with db.writing() as session:
        with pytest.raises(NotFound):
            await service.send_again(session, stranger, message.id)


async def test_drafts_are_only_suggested(db: Database, owner: Actor, world: World, talk_id: str) -> None:
    found = await service.draft_replies(owner, talk_id)
    assert 1 <= len(found) <= 3
    assert all(d.text and d.source for d in found)
    assert world.bell.calls == 0
    async with db.reading() as session:
        assert len(await queries.messages(session, owner, talk_id)) == 1
