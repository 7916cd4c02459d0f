"""Questions to the Stage. Scoped by workspace: the Stage's callers are accounts, not studio users."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.errors import NotFound
from ainfluencer.media.models import MediaFile
from ainfluencer.stage.models import StageAccount, StageFollow, StageMedia, StagePost, StageReaction
from ainfluencer.stage.schemas import Metrics, Notification


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a post."""

    file_id: str
    alt_text: str
    width: int = 0
    height: int = 0

    @property
    def is_tall(self) -> bool:
        """Taller than a card of the feed, which therefore must not cut it."""
        return self.width > 0 and self.height / self.width > 1.3


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A post with everything that its card shows."""

    post: StagePost
    account: StageAccount
    pictures: tuple[Picture, ...]
    metrics: Metrics


async def find_by_key(session: AsyncSession, account: StageAccount, key: str) -> StagePost | None:
    """The account's post with that key, also when it was withdrawn."""
    found: StagePost | None = await session.scalar(
        select(StagePost).where(StagePost.account_id == account.id, StagePost.key == key)
    )
    return found


async def metrics(session: AsyncSession, workspace_id: str, post_ids: Iterable[str]) -> dict[str, Metrics]:
    """Counters by post id; withdrawn and unknown ids are left out."""
    ids = list(post_ids)
    posts = await session.execute(
        select(StagePost.id, StagePost.views).where(
            StagePost.id.in_(ids), StagePost.workspace_id == workspace_id, StagePost.deleted_at.is_(None)
        )
    )
    found = {i: Metrics(id=i, likes=0, replies=0, reposts=0, views=views) for i, views in posts}
    reactions = await session.execute(
        select(StageReaction.post_id, StageReaction.kind, func.count())
        .where(StageReaction.post_id.in_(list(found)))
        .group_by(StageReaction.post_id, StageReaction.kind)
    )
    for post_id, kind, count in reactions:
        if kind == "like":
            found[post_id].likes = count
        else:
            found[post_id].reposts = count
    replies = await session.execute(
        select(StagePost.root_id, func.count())
        .where(StagePost.root_id.in_(list(found)), StagePost.deleted_at.is_(None))
        .group_by(StagePost.root_id)
    )
    for root_id, count in replies:
        found[str(root_id)].replies = count
    return found


async def feed(
    session: AsyncSession,
    workspace_id: str,
    *,
    account_id: str = "",
    before: str = "",
    after: str = "",
    limit: int = 20,
) -> list[FeedItem]:
    """Posts without replies, newest first; `before` is the id of the last one of the page before, `after` of the
    newest one that is known already.
    """
    query = select(StagePost).where(
        StagePost.workspace_id == workspace_id, StagePost.parent_id.is_(None), StagePost.deleted_at.is_(None)
    )
    if account_id:
        query = query.where(StagePost.account_id == account_id)
    if before:
        query = query.where(StagePost.id < before)
    if after:
        query = query.where(StagePost.id > after)
    posts = (await session.scalars(query.order_by(StagePost.id.desc()).limit(limit))).all()
    return await _items(session, workspace_id, posts)


async def get_post(session: AsyncSession, workspace_id: str, post_id: str) -> StagePost:
    """A post or reply that is there. `NotFound` when it is gone."""
    found: StagePost | None = await session.scalar(
        select(StagePost).where(
            StagePost.id == post_id, StagePost.workspace_id == workspace_id, StagePost.deleted_at.is_(None)
        )
    )
    if not found:
        raise NotFound("This post is not on the Stage.", "It may have been withdrawn.")
    return found


async def thread(session: AsyncSession, workspace_id: str, post_id: str, *, replies: bool = True) -> list[FeedItem]:
    """A post and (unless `replies` is false) its replies, oldest first. `NotFound` when the post is gone."""
    root = await get_post(session, workspace_id, post_id)
    if not replies:
        return await _items(session, workspace_id, [root])
    found = await session.scalars(
        select(StagePost)
        .where(StagePost.root_id == root.id, StagePost.deleted_at.is_(None))
        .order_by(StagePost.id)
        .limit(500)
    )
    return await _items(session, workspace_id, [root, *found])


async def _items(session: AsyncSession, workspace_id: str, posts: Sequence[StagePost]) -> list[FeedItem]:
    ids = [p.id for p in posts]
    accounts = {
        a.id: a
        for a in await session.scalars(select(StageAccount).where(StageAccount.id.in_({p.account_id for p in posts})))
    }
    pictures: dict[str, list[Picture]] = {}
    media = await session.execute(
        select(StageMedia, MediaFile.width, MediaFile.height)
        .join(MediaFile, MediaFile.id == StageMedia.file_id)
        .where(StageMedia.post_id.in_(ids))
        .order_by(StageMedia.position)
    )
    for item, width, height in media:
        pictures.setdefault(str(item.post_id), []).append(Picture(item.file_id, item.alt_text, width or 0, height or 0))
    counts = await metrics(session, workspace_id, ids)
    return [FeedItem(p, accounts[p.account_id], tuple(pictures.get(p.id, ())), counts[p.id]) for p in posts]


async def account_by_handle(session: AsyncSession, workspace_id: str, handle: str) -> StageAccount:
    """An account by its name."""
    account = await session.scalar(
        select(StageAccount).where(StageAccount.workspace_id == workspace_id, StageAccount.handle == handle)
    )
    if not account:
        raise NotFound(f"Nobody on the Stage is called @{handle[:60]}.")
    return account


async def follow_counts(session: AsyncSession, account: StageAccount) -> tuple[int, int, int]:
    """Followers, following, posts."""
    followers = await session.scalar(select(func.count()).where(StageFollow.followed_id == account.id))
    following = await session.scalar(select(func.count()).where(StageFollow.follower_id == account.id))
    posts = await session.scalar(
        select(func.count()).where(
            StagePost.account_id == account.id, StagePost.parent_id.is_(None), StagePost.deleted_at.is_(None)
        )
    )
    return int(followers or 0), int(following or 0), int(posts or 0)


async def notifications(
    session: AsyncSession, account: StageAccount, cursor: str, limit: int = 100
) -> tuple[list[Notification], str]:
    """What happened to the account since `cursor` (an id; ids sort by time), oldest first."""
    mine = select(StagePost.id).where(StagePost.account_id == account.id)
    comments = await session.execute(
        select(StagePost, StageAccount)
        .join(StageAccount, StageAccount.id == StagePost.account_id)
        .where(
            StagePost.parent_id.is_not(None),
            (StagePost.root_id.in_(mine)) | (StagePost.parent_id.in_(mine)),
            StagePost.account_id != account.id,
            StagePost.deleted_at.is_(None),
            StagePost.id > cursor,
        )
        .order_by(StagePost.id)
        .limit(limit)
    )
    found = [
        _note(p.id, "comment", a, p.created_at, text=p.text, post_id=p.root_id or "", parent_id=p.parent_id or "")
        for p, a in comments
    ]
    reactions = await session.execute(
        select(StageReaction, StageAccount)
        .join(StageAccount, StageAccount.id == StageReaction.account_id)
        .where(StageReaction.post_id.in_(mine), StageReaction.account_id != account.id, StageReaction.id > cursor)
        .order_by(StageReaction.id)
        .limit(limit)
    )
    found += [_note(r.id, r.kind, a, r.created_at, post_id=r.post_id) for r, a in reactions]
    follows = await session.execute(
        select(StageFollow, StageAccount)
        .join(StageAccount, StageAccount.id == StageFollow.follower_id)
        .where(StageFollow.followed_id == account.id, StageFollow.id > cursor)
        .order_by(StageFollow.id)
        .limit(limit)
    )
    found += [_note(f.id, "follow", a, f.created_at) for f, a in follows]
    found = sorted(found, key=lambda n: n.id)[:limit]
    return found, found[-1].id if found else cursor


def _note(
    note_id: str,
    kind: str,
    author: StageAccount,
    at: datetime,
    *,
    text: str = "",
    post_id: str = "",
    parent_id: str = "",
) -> Notification:
    return Notification(
        id=note_id,
        kind=kind,
        author_id=author.id,
        author=author.name,
        text=text,
        at=at,
        post_id=post_id,
        parent_id=parent_id,
        url=f"/stage/posts/{post_id}" if post_id else f"/stage/@{author.handle}",
    )
