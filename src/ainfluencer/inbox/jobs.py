"""Listens after a post and at intervals; sends answers once."""

from __future__ import annotations

from typing import Any

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels import service as channel_service
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import OutcomeUnknown, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import events, jobs
from ainfluencer.engine import service as engine
from ainfluencer.inbox import queries, service
from ainfluencer.inbox.models import MessageState
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.outcomes import Published
from ainfluencer.integrations.values import Parcel
from ainfluencer.publishing import queries as publishing

PULSE_SECONDS = 3.0
ROUND_SECONDS = 300.0
MOST_TRIES = 3  # of an answer whose arrival stays unknown

# What this process has queued last, by channel; only saves a question, the job's key decides.
_VISITED: dict[str, str] = {}


@jobs.job("inbox.listen", queue="light", title="Listen to a channel", owned="channel")
async def listen(run: jobs.JobRun) -> dict[str, Any]:
    """Take in what is new on one channel."""
    return {"new": await service.listen(run.actor, run.payload["channel_id"])}


@jobs.every("inbox.pulse", seconds=PULSE_SECONDS)
async def pulse() -> None:
    """Channels that published lately, at the pace at which people react. Nothing is queued before it is due."""
    now = clock.now()
    async with database().reading() as session:
        found = await publishing.pulses(session, now)
    due = {one.channel_id: one.bucket(now) for one in found if registry.manifest(one.platform).can(Capability.PULL)}
    fresh = [
        one for one in found if due.get(one.channel_id, _VISITED.get(one.channel_id)) != _VISITED.get(one.channel_id)
    ]
    _VISITED.update(due)
    if not fresh:
        return
    async with database().writing() as session:
        for one in fresh:
            actor = Actor(workspace_id=one.workspace_id, role=Role.MANAGER, name="Inbox", via="job")
            await engine.enqueue(
                session,
                actor,
                "inbox.listen",
                {"channel_id": one.channel_id},
                key=f"listen:{one.channel_id}:{due[one.channel_id]}",
                priority=7,
                subject=("channel", one.channel_id),
            )


@jobs.every("inbox.round", seconds=ROUND_SECONDS)
async def round_() -> None:
    """Listen to every connected channel, once per five minutes however many processes ask."""
    bucket = int(clock.now().timestamp() // ROUND_SECONDS)
    async with database().writing() as session:
        for channel in await channels.list_in_use(session):
            if not registry.manifest(channel.platform).can(Capability.PULL):
                continue
            actor = Actor(workspace_id=channel.workspace_id, role=Role.MANAGER, name="Inbox", via="job")
            await engine.enqueue(
                session,
                actor,
                "inbox.listen",
                {"channel_id": channel.id},
                key=f"listen:{channel.id}:{bucket}",
                priority=9,
                subject=("channel", channel.id),
            )


@jobs.job("inbox.send", queue="publish", title="Send an answer", owned="conversation")
async def send(run: jobs.JobRun) -> dict[str, Any]:
    """Send one answer. Tried again only where the platform itself refuses a second one with the same key."""
    message_id = run.payload["message_id"]
    async with database().writing() as session:
        message = await queries.get_message(session, run.actor, message_id)
        if message.state != MessageState.SENDING:
            return {"state": message.state}
        conversation = await queries.get_conversation(session, run.actor, message.conversation_id)
        channel = await channels.get(session, run.actor, conversation.channel_id)
        manifest = registry.manifest(channel.platform)
        if message.attempts and not manifest.idempotent:
            message.state = MessageState.NEEDS_PERSON
            message.error = {
                "detail": "It is not known whether the answer arrived.",
                "next_step": "Look on the platform.",
            }
            return {"state": message.state}
        message.attempts += 1
        theirs = [m for m in await queries.messages(session, run.actor, conversation.id) if not m.is_ours]
        parcel = Parcel(
            key=message.idempotency_key,
            text=message.text,
            in_reply_to=theirs[-1].remote_id if theirs else "",
            created_at=message.at,
        )
    try:
        link = await channel_service.open_link(run.actor, channel.id)
        answer = await registry.require(channel.platform, Capability.REPLY).reply(link, parcel)
    except OutcomeUnknown as error:
        if run.failures + 1 >= MOST_TRIES:  # nobody asks any more: a person must look
            return await _end(run, message_id, MessageState.NEEDS_PERSON, error=error)
        raise  # the engine runs this again; the ledger above then decides
    except ProductError as error:
        return await _end(run, message_id, MessageState.FAILED, error=error)
    return await _end(run, message_id, MessageState.SENT, published=answer if isinstance(answer, Published) else None)


async def _end(
    run: jobs.JobRun,
    message_id: str,
    state: MessageState,
    *,
    error: ProductError | None = None,
    published: Published | None = None,
) -> dict[str, Any]:
    async with database().writing() as session:
        message = await queries.get_message(session, run.actor, message_id)
        message.state = state
        if published:
            message.remote_id, message.url = published.remote_id, published.url
        if error:
            message.error = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    events.announce(run.workspace_id, "inbox", {"message_id": message_id, "state": state})
    return {"state": state}
