"""Verbs of the inbox: listen to a channel, read, answer, put aside."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels import service as channel_service
from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, Unsupported
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import database
from ainfluencer.engine import events
from ainfluencer.engine import service as engine
from ainfluencer.inbox import queries
from ainfluencer.inbox.models import Conversation, ConversationState, Message, MessageState, Reaction
from ainfluencer.inbox.mood import mood
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import Incoming, Pulled
from ainfluencer.publishing.models import Delivery
from ainfluencer.writing.schemas import Line, ReplyDraft

MAX_REPLY = 2000
_TALK = frozenset({"comment", "mention"})


async def listen(actor: Actor, channel_id: str) -> int:
    """Ask a channel what is new and write it down; returns how many items were new."""
    async with database().reading() as session:
        channel = await channels.get(session, actor, channel_id)
        cursor = await channels.cursor(session, channel)
    adapter = registry.require(channel.platform, Capability.PULL)
    pulled = await adapter.pull(await channel_service.open_link(actor, channel_id), cursor)
    if not pulled.items and pulled.cursor == cursor:
        return 0
    async with database().writing() as session:
        channel = await channels.get(session, actor, channel_id)
        # Two workers may have asked the same channel: the second waits here and then finds what the first wrote.
        await session.refresh(channel, with_for_update=True)
        new = await _take_in(session, channel, pulled)
        await channel_service.keep_cursor(session, channel, pulled.cursor)
    if new:
        events.announce(actor.workspace_id, "inbox", {"channel_id": channel_id, "new": new})
    return new


async def _take_in(session: AsyncSession, channel: Channel, pulled: Pulled) -> int:
    rows = await session.execute(
        select(Delivery.remote_id, Delivery.post_id).where(
            Delivery.channel_id == channel.id,
            Delivery.remote_id.in_({i.post_remote_id for i in pulled.items if i.post_remote_id}),
        )
    )
    ours = dict(rows.all())
    new = 0
    for item in pulled.items:
        post_id = ours.get(item.post_remote_id)
        new += await (
            _hear(session, channel, item, post_id) if item.kind in _TALK else _count(session, channel, item, post_id)
        )
    return new


async def _hear(session: AsyncSession, channel: Channel, item: Incoming, post_id: str | None) -> int:
    key = f"{item.author_id}:{item.post_remote_id}"[:300]
    conversation = await session.scalar(
        select(Conversation).where(Conversation.channel_id == channel.id, Conversation.thread_key == key)
    )
    if conversation is None:
        conversation = Conversation(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            character_id=channel.character_id,
            post_id=post_id,
            thread_key=key,
            author_id=item.author_id[:300],
            author=item.author[:200],
            unread=0,
            last_at=item.at,
        )
        session.add(conversation)
        await session.flush()
    known = await session.scalar(
        select(Message.id).where(Message.conversation_id == conversation.id, Message.remote_id == item.remote_id)
    )
    if known:
        return 0
    feeling = mood(item.text)
    session.add(
        Message(
            workspace_id=channel.workspace_id,
            conversation_id=conversation.id,
            remote_id=item.remote_id,
            author=item.author[:200],
            text=item.text,
            at=item.at,
            url=item.url,
            mood=feeling,
        )
    )
    conversation.unread += 1
    conversation.state = ConversationState.OPEN
    conversation.last_at = max(conversation.last_at, item.at)
    conversation.last_text, conversation.mood = item.text[:300], feeling
    return 1


async def _count(session: AsyncSession, channel: Channel, item: Incoming, post_id: str | None) -> int:
    known = await session.scalar(
        select(Reaction.id).where(Reaction.channel_id == channel.id, Reaction.remote_id == item.remote_id)
    )
    if known:
        return 0
    session.add(
        Reaction(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            post_id=post_id,
            remote_id=item.remote_id,
            kind=item.kind,
            author=item.author[:200],
            at=item.at,
        )
    )
    return 1


async def mark_read(session: AsyncSession, actor: Actor, conversation_id: str) -> Conversation:
    """Somebody has seen it."""
    conversation = await queries.get_conversation(session, actor, conversation_id)
    conversation.unread = 0
    return conversation


async def set_state(
    session: AsyncSession, actor: Actor, conversation_id: str, state: ConversationState
) -> Conversation:
    """Put aside, or take up again."""
    actor.require(Right.CREATE)
    conversation = await queries.get_conversation(session, actor, conversation_id)
    conversation.state = state
    if state == ConversationState.DONE:
        conversation.unread = 0
    return conversation


async def draft_replies(actor: Actor, conversation_id: str) -> Sequence[ReplyDraft]:
    """Up to three possible answers in the character's voice. Nothing is sent; a person chooses, edits and sends."""
    from ainfluencer.writing import service as writing

    async with database().reading() as session:
        conversation = await queries.get_conversation(session, actor, conversation_id)
        if not conversation.character_id:
            raise Conflict(
                "This channel belongs to no character, so nobody's voice can be used.", "Write the answer yourself."
            )
        sheet = await characters.sheet(session, actor, conversation.character_id)
        lines = [
            Line(author=m.author, text=m.text, is_ours=m.is_ours)
            for m in await queries.messages(session, actor, conversation_id)
        ]
    return await writing.reply_drafts(actor, sheet, lines)


async def send(session: AsyncSession, actor: Actor, conversation_id: str, text: str) -> Message:
    """Send an answer that a person wrote or chose. It goes out as a job, once."""
    actor.require(Right.REVIEW)
    text = text.strip()
    if not text:
        raise InvalidInput("The answer is empty.", "Write something first.", field="text")
    if len(text) > MAX_REPLY:
        raise InvalidInput(f"The answer has {len(text)} letters; at most {MAX_REPLY} are sent.", field="text")
    conversation = await queries.get_conversation(session, actor, conversation_id)
    channel = await channels.get(session, actor, conversation.channel_id)
    if not registry.manifest(channel.platform).can(Capability.REPLY):
        raise Unsupported(
            channel.platform, f"{channel.title} offers no way to answer from here.", "Answer on the platform itself."
        )
    message = Message(
        workspace_id=actor.workspace_id,
        conversation_id=conversation.id,
        is_ours=True,
        author=channel.title,
        text=text,
        at=clock.now(),
        state=MessageState.SENDING,
    )
    session.add(message)
    await session.flush()
    conversation.unread, conversation.last_at, conversation.last_text = 0, message.at, text[:300]
    await _queue(session, actor, conversation, message)
    return message


async def _queue(session: AsyncSession, actor: Actor, conversation: Conversation, message: Message) -> None:
    await engine.enqueue(
        session,
        actor,
        "inbox.send",
        {"message_id": message.id},
        key=f"reply:{message.id}:{new_id()}",  # the message's state lets only one of them send
        partition=conversation.channel_id,
        title=f"Answer to {conversation.author}",
        subject=("conversation", conversation.id),
    )


async def send_again(session: AsyncSession, actor: Actor, message_id: str) -> Message:
    """Send an answer again that certainly did not arrive, under the same key."""
    actor.require(Right.REVIEW)
    message = await queries.get_message(session, actor, message_id, lock=True)
    if message.state not in {MessageState.FAILED, MessageState.NEEDS_PERSON}:
        raise Conflict("This answer is not waiting to be sent again.", "Reload the conversation.")
    conversation = await queries.get_conversation(session, actor, message.conversation_id)
    message.state, message.attempts, message.error = MessageState.SENDING, 0, {}
    await _queue(session, actor, conversation, message)
    return message


async def confirm_sent(session: AsyncSession, actor: Actor, message_id: str) -> Message:
    """A person looked on the platform: the answer is there."""
    actor.require(Right.REVIEW)
    message = await queries.get_message(session, actor, message_id, lock=True)
    if message.state != MessageState.NEEDS_PERSON:
        raise Conflict("Nobody asked whether this answer arrived.", "Reload the conversation.")
    message.state, message.error = MessageState.SENT, {}
    return message
