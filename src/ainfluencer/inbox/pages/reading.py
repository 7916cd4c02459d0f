"""Reads what the pages of the inbox show, each list in a few queries."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries as accounts
from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor, Right
from ainfluencer.inbox import queries
from ainfluencer.inbox.models import Conversation
from ainfluencer.inbox.pages.views import InboxPage, ListRegion, Open, Row, Wanted
from ainfluencer.integrations.manifest import Capability
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import PostCard

PAGE = 30


async def listed(session: AsyncSession, actor: Actor, wanted: Wanted, cursor: str, open_id: str) -> ListRegion:
    """The list, filtered."""
    page = await queries.list_conversations(
        session,
        actor,
        state="" if wanted.state == "all" else wanted.state,
        character_id=wanted.character_id,
        channel_id=wanted.channel_id,
        q=wanted.q,
        cursor=cursor or None,
        limit=PAGE,
    )
    return ListRegion(
        rows=tuple(await rows_of(session, actor, page.items)),
        wanted=wanted,
        counts=await queries.count_by_state(session, actor),
        next_url=f"/inbox{wanted.query(cursor=page.next_cursor)}" if page.next_cursor else "",
        open_id=open_id,
        can_file=actor.can(Right.CREATE),
    )


async def rows_of(session: AsyncSession, actor: Actor, talks: Sequence[Conversation]) -> list[Row]:
    """Conversations with faces, channels and small pictures of their posts."""
    faces = await characters.faces(session, actor)
    known = await channels_of(session, actor)
    cards = await cards_of(session, actor, [t.post_id for t in talks if t.post_id])
    return [
        Row(
            talk,
            known.get(talk.channel_id),
            faces.get(talk.character_id or ""),
            cards[talk.post_id].thumbnail(96) if talk.post_id in cards else "",
        )
        for talk in talks
    ]


async def channels_of(session: AsyncSession, actor: Actor) -> dict[str, Channel]:
    """Every channel by id."""
    return {c.id: c for c in (await channels.list_channels(session, actor, limit=200)).items}


async def cards_of(session: AsyncSession, actor: Actor, post_ids: Sequence[str]) -> dict[str, PostCard]:
    """Posts by id."""
    if not post_ids:
        return {}
    posts = await publishing.posts_of(session, actor, post_ids)
    return {card.post.id: card for card in await publishing.cards(session, actor, posts)}


async def opened(session: AsyncSession, actor: Actor, conversation_id: str, **more: object) -> Open:
    """One conversation with its messages and its post; `NotFound` in another workspace."""
    talk = await queries.get_conversation(session, actor, conversation_id[:26])
    cards = await cards_of(session, actor, [talk.post_id] if talk.post_id else [])
    card = cards.get(talk.post_id or "")
    channel = await channels.find(session, actor, talk.channel_id)
    face = (await characters.faces(session, actor)).get(talk.character_id or "")
    return Open(
        row=Row(talk, channel, face, card.thumbnail(96) if card else ""),
        messages=tuple(await queries.messages(session, actor, talk.id)),
        post=card,
        zone=(await accounts.get_workspace(session, actor)).timezone,
        can_reply=actor.can(Right.REVIEW),
        can_file=actor.can(Right.CREATE),
        takes_replies=bool(channel and registry.manifest(channel.platform).can(Capability.REPLY)),
        **more,  # type: ignore[arg-type] # the fields of `Open` that have defaults
    )


async def page_of(
    session: AsyncSession, actor: Actor, wanted: Wanted, shown: Open | None, cursor: str = ""
) -> InboxPage:
    """Both panes."""
    shown_list = await listed(session, actor, wanted, cursor, shown.row.talk.id if shown else "")
    return InboxPage(
        listed=shown_list,
        shown=shown,
        wanted=wanted,
        faces=tuple((await characters.faces(session, actor)).values()),
        channels=tuple((await channels_of(session, actor)).values()),
        is_empty=not sum(shown_list.counts.values()),
    )
