"""Questions about the inbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels.models import Channel
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.paging import Slice, take
from ainfluencer.inbox.models import Conversation, ConversationState, Message, Reaction

# Made once: every page asks it.
_UNREAD = select(func.sum(Conversation.unread)).where(
    Conversation.workspace_id == bindparam("workspace"), Conversation.state == ConversationState.OPEN
)


async def count_unread(session: AsyncSession, actor: Actor) -> int:
    """Messages that nobody has seen, in open conversations."""
    return int(await session.scalar(_UNREAD, {"workspace": actor.workspace_id}) or 0)


async def list_conversations(
    session: AsyncSession,
    actor: Actor,
    *,
    state: str = "open",
    character_id: str = "",
    channel_id: str = "",
    q: str = "",
    limit: int = 30,
    cursor: str | None = None,
) -> Slice[Conversation]:
    """Conversations, the latest message first."""
    query = select(Conversation).where(Conversation.workspace_id == actor.workspace_id)
    if state:
        query = query.where(Conversation.state == state)
    if character_id:
        query = query.where(Conversation.character_id == character_id)
    if channel_id:
        query = query.where(Conversation.channel_id == channel_id)
    if q:
        query = query.where(
            Conversation.last_text.icontains(q, autoescape=True) | Conversation.author.icontains(q, autoescape=True)
        )
    return await take(session, query, Conversation, limit=limit, cursor=cursor, by=Conversation.last_at)


async def get_conversation(session: AsyncSession, actor: Actor, conversation_id: str) -> Conversation:
    """One conversation."""
    found = await session.scalar(
        select(Conversation).where(Conversation.id == conversation_id, Conversation.workspace_id == actor.workspace_id)
    )
    if not found:
        raise NotFound("There is no such conversation.", "Go back to the inbox.")
    return found


async def messages(session: AsyncSession, actor: Actor, conversation_id: str) -> Sequence[Message]:
    """The messages of a conversation, oldest first."""
    rows = await session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.workspace_id == actor.workspace_id)
        .order_by(Message.at, Message.id)
        .limit(500)
    )
    return rows.all()


async def get_message(session: AsyncSession, actor: Actor, message_id: str, *, lock: bool = False) -> Message:
    """One message. With `lock` nobody else changes it until this transaction ends (SQLite has one writer anyway)."""
    query = select(Message).where(Message.id == message_id, Message.workspace_id == actor.workspace_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if not found:
        raise NotFound("There is no such message.")
    return found


async def list_reactions(
    session: AsyncSession,
    actor: Actor,
    *,
    kind: str = "",
    character_id: str = "",
    channel_id: str = "",
    limit: int = 30,
    cursor: str | None = None,
) -> Slice[Reaction]:
    """Likes, reposts and follows, newest first. `character_id` is the one whose channel heard of them."""
    query = select(Reaction).where(Reaction.workspace_id == actor.workspace_id)
    if kind:
        query = query.where(Reaction.kind == kind)
    if channel_id:
        query = query.where(Reaction.channel_id == channel_id)
    if character_id:
        query = query.where(Reaction.channel_id.in_(select(Channel.id).where(Channel.character_id == character_id)))
    return await take(session, query, Reaction, limit=limit, cursor=cursor, by=Reaction.at)


async def count_by_state(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """How many conversations are open and done."""
    rows = await session.execute(
        select(Conversation.state, func.count())
        .where(Conversation.workspace_id == actor.workspace_id)
        .group_by(Conversation.state)
    )
    found = {str(state): int(number) for state, number in rows}
    return {state.value: found.get(state.value, 0) for state in ConversationState}
