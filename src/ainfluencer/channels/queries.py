"""Questions about channels; always inside the actor's workspace."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels.models import Channel, ChannelCursor, ChannelState
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.paging import DEFAULT_LIMIT, Slice, take


def _visible(actor: Actor) -> Select[Channel]:
    return select(Channel).where(Channel.workspace_id == actor.workspace_id)


async def find(session: AsyncSession, actor: Actor, channel_id: str) -> Channel | None:
    """One channel, or None."""
    found: Channel | None = await session.scalar(_visible(actor).where(Channel.id == channel_id))
    return found


async def get(session: AsyncSession, actor: Actor, channel_id: str) -> Channel:
    """One channel, or `NotFound`."""
    found = await find(session, actor, channel_id)
    if found is None:
        raise NotFound("There is no such channel.", "Go back to the list of channels.", field="channel_id")
    return found


async def find_account(session: AsyncSession, actor: Actor, platform: str, account_key: str) -> Channel | None:
    """The channel of that account, or None."""
    found: Channel | None = await session.scalar(
        _visible(actor).where(Channel.platform == platform, Channel.account_key == account_key)
    )
    return found


async def list_channels(
    session: AsyncSession,
    actor: Actor,
    *,
    character_id: str | None = None,
    platform: str = "",
    state: str = "",
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Slice[Channel]:
    """Channels, newest first. Disconnected ones only with `state="disconnected"`.

    `character_id` keeps that character's own channels and those that belong to nobody in particular.
    """
    question = _visible(actor)
    question = question.where(Channel.state == state if state else Channel.state != ChannelState.DISCONNECTED)
    if character_id is not None:
        question = question.where((Channel.character_id == character_id) | Channel.character_id.is_(None))
    if platform:
        question = question.where(Channel.platform == platform)
    return await take(session, question, Channel, limit=limit, cursor=cursor)


async def cursor(session: AsyncSession, channel: Channel, kind: str = "news") -> str:
    """How far that kind of news has been read; '' at the beginning."""
    question = select(ChannelCursor.position).where(ChannelCursor.channel_id == channel.id, ChannelCursor.kind == kind)
    return await session.scalar(question) or ""


async def list_in_use(session: AsyncSession) -> list[tuple[str, str, str]]:
    """Id, workspace and platform of every connected channel: for the engine's periodic rounds only."""
    rows = await session.execute(
        select(Channel.id, Channel.workspace_id, Channel.platform)
        .where(Channel.state == ChannelState.CONNECTED)
        .order_by(Channel.id)
    )
    return [(row.id, row.workspace_id, row.platform) for row in rows]
