"""Listens after a post and at intervals; sends answers once."""

from __future__ import annotations

from typing import Any

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry, visits
from ainfluencer.channels import service as channel_service
from ainfluencer.channels.visits import Visit
from ainfluencer.core.errors import OutcomeUnknown, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import events, jobs
from ainfluencer.inbox import queries, service
from ainfluencer.inbox.models import MessageState
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.outcomes import Published
from ainfluencer.integrations.values import Parcel

MOST_TRIES = 3  # of an answer whose arrival stays unknown

visits.declare(Visit("inbox.listen", "Inbox", seconds=300, capability=Capability.PULL, after_posts=True))


@jobs.job("inbox.listen", queue="light", title="Listen to a channel", owned="channel", background=True)
async def listen(run: jobs.JobRun) -> dict[str, Any]:
    """Take in what is new on one channel."""
    return {"new": await service.listen(run.actor, run.payload["channel_id"])}


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
