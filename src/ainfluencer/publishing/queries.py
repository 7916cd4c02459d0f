"""Questions about posts, deliveries, approvals and receipts; always inside the actor's workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters.models import Character
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.db.paging import DEFAULT_LIMIT, Slice, take
from ainfluencer.publishing import content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Approval, Attempt, Decision, Delivery, Post, Receipt, Variant
from ainfluencer.publishing.post_states import PostState
from ainfluencer.publishing.schemas import Face, PostCard
from ainfluencer.writing import queries as texts
from ainfluencer.writing.schemas import Candidate

_MOST_FACES = 500


@dataclass(frozen=True, slots=True)
class PostFilter:
    """What to list; empty fields do not filter. `due_from` and `due_to` are aware UTC, the end is not included."""

    character_id: str = ""
    channel_id: str = ""
    states: tuple[str, ...] = ()
    due_from: datetime | None = None
    due_to: datetime | None = None
    text: str = ""


# Made once: building a statement takes longer than running it.
_POST = select(Post).where(Post.workspace_id == bindparam("workspace"), Post.id == bindparam("post"))
_DELIVERY = select(Delivery).where(
    Delivery.id == bindparam("delivery"), Delivery.workspace_id == bindparam("workspace")
)
_WAITING = select(func.count()).where(
    Post.workspace_id == bindparam("workspace"), Post.state.in_((PostState.IN_REVIEW, PostState.NEEDS_PERSON))
)
_APPROVAL = (
    select(Approval)
    .where(
        Approval.post_id == bindparam("post"),
        Approval.decision == Decision.APPROVED,
        Approval.is_void.is_(False),
        Approval.content_hash == bindparam("hash"),
    )
    .order_by(Approval.created_at.desc())
    .limit(1)
)


def _visible(actor: Actor) -> Select[Post]:
    actor.require(Right.READ)
    return select(Post).where(Post.workspace_id == actor.workspace_id)


async def get(session: AsyncSession, actor: Actor, post_id: str, *, lock: bool = False) -> Post:
    """One post, or `NotFound`. With `lock` nobody else changes it until this transaction ends."""
    actor.require(Right.READ)
    asked = {"workspace": actor.workspace_id, "post": post_id}
    post: Post | None = await session.scalar(_POST_LOCKED if lock else _POST, asked)
    if post is None:
        raise NotFound("There is no such post.", "Go back to the list of posts.")
    return post


async def get_delivery(session: AsyncSession, actor: Actor, delivery_id: str, *, lock: bool = False) -> Delivery:
    """One delivery, or `NotFound`. With `lock` its post is locked first: everybody takes the two in this order."""
    actor.require(Right.READ)
    asked = {"workspace": actor.workspace_id, "delivery": delivery_id}
    if lock and not _one_writer(session):
        post_id = await session.scalar(select(Delivery.post_id).where(Delivery.id == delivery_id))
        await session.scalar(_locked(select(Post).where(Post.id == post_id)))
    found: Delivery | None = await session.scalar(_DELIVERY_LOCKED if lock else _DELIVERY, asked)
    if found is None:
        raise NotFound("There is no such delivery.", "Open the post and look at its deliveries.")
    return found


def _one_writer(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _locked(query: Select[Any]) -> Select[Any]:
    """On PostgreSQL: wait for whoever changes the row, then read it anew. SQLite has one writer at a time anyway."""
    return query.with_for_update().execution_options(populate_existing=True)


_POST_LOCKED, _DELIVERY_LOCKED = _locked(_POST), _locked(_DELIVERY)


async def list_posts(
    session: AsyncSession, actor: Actor, wanted: PostFilter, *, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> Slice[Post]:
    """Posts, newest first; with a due range in the order of their dates."""
    query = _visible(actor)
    if wanted.character_id:
        query = query.where(Post.character_id == wanted.character_id)
    if wanted.states:
        query = query.where(Post.state.in_(wanted.states))
    if wanted.channel_id:
        query = query.where(Post.id.in_(select(Variant.post_id).where(Variant.channel_id == wanted.channel_id)))
    if wanted.text:
        query = query.where(Post.caption.icontains(wanted.text, autoescape=True))
    if wanted.due_from is None and wanted.due_to is None:
        return await take(session, query, Post, limit=limit, cursor=cursor)
    query = query.where(Post.due_at.is_not(None))
    if wanted.due_from is not None:
        query = query.where(Post.due_at >= wanted.due_from)
    if wanted.due_to is not None:
        query = query.where(Post.due_at < wanted.due_to)
    # The filter above leaves no row without a date, which is what paging by it needs.
    return await take(session, query, Post, limit=limit, cursor=cursor, oldest_first=True, by=Post.due_at)  # type: ignore[arg-type] # see above


async def count_by_state(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """How many posts are in each state."""
    actor.require(Right.READ)
    rows = await session.execute(
        select(Post.state, func.count().label("number"))
        .where(Post.workspace_id == actor.workspace_id)
        .group_by(Post.state)
    )
    return {str(row.state): row.number for row in rows}


async def deliveries_of(session: AsyncSession, actor: Actor, post_id: str, *, lock: bool = False) -> Sequence[Delivery]:
    """The deliveries of one post."""
    query = (
        select(Delivery)
        .where(Delivery.post_id == post_id, Delivery.workspace_id == actor.workspace_id)
        .order_by(Delivery.created_at, Delivery.id)
    )
    return (await session.scalars(_locked(query) if lock else query)).all()


async def deliveries_of_many(session: AsyncSession, actor: Actor, post_ids: Sequence[str]) -> dict[str, list[Delivery]]:
    """Deliveries of several posts, by post."""
    rows = await session.scalars(
        select(Delivery)
        .where(Delivery.post_id.in_(post_ids), Delivery.workspace_id == actor.workspace_id)
        .order_by(Delivery.created_at, Delivery.id)
    )
    found: dict[str, list[Delivery]] = {post_id: [] for post_id in post_ids}
    for row in rows:
        found[row.post_id].append(row)
    return found


async def list_deliveries(
    session: AsyncSession,
    actor: Actor,
    *,
    states: Sequence[DeliveryState] = (),
    channel_id: str = "",
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> Slice[Delivery]:
    """Deliveries, newest first; for instance all that wait for a person."""
    actor.require(Right.READ)
    query = select(Delivery).where(Delivery.workspace_id == actor.workspace_id)
    if states:
        query = query.where(Delivery.state.in_(states))
    if channel_id:
        query = query.where(Delivery.channel_id == channel_id)
    return await take(session, query, Delivery, limit=limit, cursor=cursor)


async def attempts_of(session: AsyncSession, actor: Actor, delivery_id: str) -> Sequence[Attempt]:
    """The ledger of one delivery, oldest first."""
    return (
        await session.scalars(
            select(Attempt)
            .where(Attempt.delivery_id == delivery_id, Attempt.workspace_id == actor.workspace_id)
            .order_by(Attempt.number)
        )
    ).all()


async def approvals_of(session: AsyncSession, actor: Actor, post_id: str) -> Sequence[Approval]:
    """What reviewers said about the post, newest first."""
    return (
        await session.scalars(
            select(Approval)
            .where(Approval.post_id == post_id, Approval.workspace_id == actor.workspace_id)
            .order_by(Approval.created_at.desc(), Approval.id.desc())
        )
    ).all()


async def valid_approval(session: AsyncSession, post_id: str, content_hash: str) -> Approval | None:
    """The approval of exactly this content, if there is one that no edit has voided."""
    found: Approval | None = await session.scalar(_APPROVAL, {"post": post_id, "hash": content_hash})
    return found


async def receipts_of(session: AsyncSession, actor: Actor, post_id: str) -> Sequence[Receipt]:
    """What was published of the post."""
    return (
        await session.scalars(
            select(Receipt)
            .where(Receipt.post_id == post_id, Receipt.workspace_id == actor.workspace_id)
            .order_by(Receipt.published_at)
        )
    ).all()


async def find_by_remote(session: AsyncSession, actor: Actor, channel_id: str, remote_id: str) -> Delivery | None:
    """Our delivery behind a remote post of a channel (for inbox and insights)."""
    found: Delivery | None = await session.scalar(
        select(Delivery).where(
            Delivery.workspace_id == actor.workspace_id,
            Delivery.channel_id == channel_id,
            Delivery.remote_id == remote_id,
        )
    )
    return found


async def recent_captions(session: AsyncSession, actor: Actor, character_id: str, *, limit: int = 30) -> Sequence[str]:
    """What the character said lately, newest first, so that writers do not say it again."""
    rows = await session.scalars(
        select(Post.caption)
        .where(Post.workspace_id == actor.workspace_id, Post.character_id == character_id)
        .order_by(Post.created_at.desc())
        .limit(limit)
    )
    return rows.all()


async def count_waiting(session: AsyncSession, actor: Actor) -> int:
    """Posts that wait for a person: in review, or stopped with a question."""
    total = await session.scalar(_WAITING, {"workspace": actor.workspace_id})
    return int(total or 0)


async def faces(session: AsyncSession, actor: Actor, character_ids: Iterable[str] | None = None) -> dict[str, Face]:
    """The characters of these ids (left out: all that are not deleted, by name), deleted ones too, by id."""
    query = select(Character.id, Character.name, Character.handle, Character.timezone, Character.picture_file_id).where(
        Character.workspace_id == actor.workspace_id
    )
    if character_ids is None:
        query = query.where(Character.deleted_at.is_(None)).limit(_MOST_FACES)
    else:
        query = query.where(Character.id.in_(set(character_ids)))
    rows = await session.execute(query.order_by(Character.name, Character.id))
    return {
        row.id: Face(
            row.id,
            row.name,
            row.handle,
            row.timezone,
            f"/media/{row.picture_file_id}/160.webp" if row.picture_file_id else "",
        )
        for row in rows
    }


async def cards(session: AsyncSession, actor: Actor, posts: Sequence[Post]) -> list[PostCard]:
    """Posts with everything that a list shows of them, in four queries for any number."""
    whole = await content.load_many(session, posts)
    found = await faces(session, actor, {post.character_id for post in posts})
    deliveries = await deliveries_of_many(session, actor, [post.id for post in posts])
    nobody = Face("", "Somebody")
    return [
        PostCard(whole[post.id], found.get(post.character_id, nobody), tuple(deliveries[post.id])) for post in posts
    ]


async def posts_of(session: AsyncSession, actor: Actor, post_ids: Iterable[str]) -> list[Post]:
    """Posts of these ids, in the order of their dates; unknown ids are left out."""
    query = _visible(actor).where(Post.id.in_(set(post_ids))).order_by(Post.due_at, Post.id)
    return list(await session.scalars(query))


async def review_queue(session: AsyncSession, actor: Actor, *, character_id: str = "", limit: int = 200) -> list[str]:
    """Ids of the posts in review, those that are due first at the front."""
    query = _visible(actor).where(Post.state == PostState.IN_REVIEW)
    if character_id:
        query = query.where(Post.character_id == character_id)
    # A post without a date waits behind all that have one; NULL sorts differently on the two databases.
    rows = await session.scalars(
        query.with_only_columns(Post.id).order_by(Post.due_at.is_(None), Post.due_at, Post.id).limit(limit)
    )
    return list(rows)


async def candidates_of(session: AsyncSession, actor: Actor, post: Post) -> list[tuple[Candidate, bool]]:
    """The texts that were written for a post, best first, each with whether it is the one in the post."""
    if not post.candidates_id:
        return []
    try:
        draft = await texts.get(session, actor, post.candidates_id)
    except NotFound:
        return []  # drafts may be tidied away before their posts
    found = [texts.as_candidate(row) for row in draft.candidates]
    return [(one, one.caption == post.caption) for one in found]


async def posts_due(
    session: AsyncSession,
    actor: Actor,
    start: datetime,
    end: datetime,
    *,
    character_id: str = "",
    channel_id: str = "",
    states: Sequence[str] = (),
    limit: int = 1000,
) -> list[Post]:
    """Posts with a date in [start, end), the first ones: what a calendar shows."""
    query = _visible(actor).where(Post.due_at >= start, Post.due_at < end)
    if states:
        query = query.where(Post.state.in_(states))
    if character_id:
        query = query.where(Post.character_id == character_id)
    if channel_id:
        query = query.where(Post.id.in_(select(Variant.post_id).where(Variant.channel_id == channel_id)))
    return list(await session.scalars(query.order_by(Post.due_at, Post.id).limit(limit)))


async def count_due(session: AsyncSession, actor: Actor, start: datetime, end: datetime, state: str) -> int:
    """How many posts in a state have a date in [start, end)."""
    total = await session.scalar(
        select(func.count()).where(
            Post.workspace_id == actor.workspace_id, Post.state == state, Post.due_at >= start, Post.due_at < end
        )
    )
    return int(total or 0)


async def ledger(session: AsyncSession, actor: Actor, post_id: str) -> dict[str, list[Attempt]]:
    """Every attempt of a post's deliveries, oldest first, by delivery."""
    rows = await session.scalars(
        select(Attempt)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Delivery.post_id == post_id, Attempt.workspace_id == actor.workspace_id)
        .order_by(Attempt.delivery_id, Attempt.number)
    )
    found: dict[str, list[Attempt]] = {}
    for row in rows:
        found.setdefault(row.delivery_id, []).append(row)
    return found


# After a post people come at once, then less and less: how often (seconds) a channel is visited, by the age (seconds)
# of what it published last.
_PACE = ((90, 6), (600, 30), (3600, 120), (24 * 3600, 900))
LOOK_BACK_SECONDS = _PACE[-1][0]


@dataclass(frozen=True, slots=True)
class Pulse:
    """A channel that published lately. `bucket` changes whenever it should be visited again."""

    channel_id: str
    workspace_id: str
    platform: str
    latest: datetime

    def bucket(self, now: datetime) -> str:
        """The same text until the next visit is due."""
        age = (now - self.latest).total_seconds()
        every = next((seconds for limit, seconds in _PACE if age < limit), LOOK_BACK_SECONDS)
        return f"{every}:{int(now.timestamp() // every)}"


async def pulses(session: AsyncSession, now: datetime) -> list[Pulse]:
    """Channels of every workspace that published in the last day: for the engine's periodic rounds only."""
    rows = await session.execute(
        select(Delivery.channel_id, Delivery.workspace_id, Delivery.platform, func.max(Delivery.published_at))
        .where(Delivery.published_at > now - timedelta(seconds=LOOK_BACK_SECONDS))
        .group_by(Delivery.channel_id, Delivery.workspace_id, Delivery.platform)
    )
    return [Pulse(channel, workspace, platform, latest) for channel, workspace, platform, latest in rows if latest]
