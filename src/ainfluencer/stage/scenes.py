"""What the pages of the Stage show, read in a few queries for any number of posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ainfluencer.characters.models import Character
from ainfluencer.core import clock
from ainfluencer.stage import queries
from ainfluencer.stage.models import StageAccount, StageFollow, StagePost, StageReaction
from ainfluencer.stage.queries import FeedItem, Picture
from ainfluencer.stage.schemas import Metrics

PREVIEWS = 2  # comments under a post in the feed
NEW_HOURS = 24  # a character with a post this young wears the ring


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody on the Stage as a page draws them; `kind` is character, audience or visitor."""

    id: str
    handle: str
    name: str
    kind: str
    avatar_url: str
    character_id: str = ""
    is_new: bool = False  # posted lately


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment. `depth` is 1 for an answer to a comment."""

    id: str
    face: Face
    text: str
    at: datetime
    likes: int = 0
    depth: int = 0
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A post with all that its card shows; `remarks` are the latest ones, oldest first."""

    id: str
    face: Face
    text: str
    at: datetime
    ai_made: bool
    pictures: tuple[Picture, ...]
    counts: Metrics
    remarks: tuple[Remark, ...] = ()
    liked: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """A post as a tile of a profile."""

    id: str
    text: str
    file_id: str
    pictures: int
    counts: Metrics


async def faces(session: AsyncSession, accounts: Iterable[StageAccount]) -> dict[str, Face]:
    """Accounts with their pictures; a character without one on the Stage shows the one that it has in the studio."""
    accounts = list(accounts)
    wanted = {a.character_id for a in accounts if a.character_id and not a.avatar_file_id}
    pictures = {}
    if wanted:
        rows = await session.execute(
            select(Character.id, Character.picture_file_id).where(
                Character.id.in_(wanted), Character.picture_file_id.is_not(None)
            )
        )
        pictures = dict(rows.all())
    found = {}
    for a in accounts:
        file_id = a.avatar_file_id or pictures.get(a.character_id or "") or ""
        found[a.id] = Face(
            id=a.id,
            handle=a.handle,
            name=a.name,
            kind=a.kind,
            avatar_url=f"/media/{file_id}/96.webp" if file_id else "",
            character_id=a.character_id or "",
        )
    return found


async def cast(session: AsyncSession, workspace_id: str, limit: int = 40) -> list[tuple[Face, int]]:
    """The characters with accounts and how many posts each has, whoever posted last at the front."""
    posts = (
        select(StagePost.account_id, func.count().label("number"), func.max(StagePost.created_at).label("last"))
        .where(StagePost.workspace_id == workspace_id, StagePost.parent_id.is_(None), StagePost.deleted_at.is_(None))
        .group_by(StagePost.account_id)
        .subquery()
    )
    rows = (
        await session.execute(
            select(StageAccount, posts.c.number, posts.c.last)
            .outerjoin(posts, posts.c.account_id == StageAccount.id)
            .where(StageAccount.workspace_id == workspace_id, StageAccount.character_id.is_not(None))
            .order_by(posts.c.last.is_(None), posts.c.last.desc(), StageAccount.id)
            .limit(limit)
        )
    ).all()
    known = await faces(session, [row[0] for row in rows])
    line = clock.from_now(hours=-NEW_HOURS)
    return [
        (_with_news(known[account.id], is_new=bool(last and last > line)), int(number or 0))
        for account, number, last in rows
    ]


def _with_news(face: Face, *, is_new: bool) -> Face:
    return Face(face.id, face.handle, face.name, face.kind, face.avatar_url, face.character_id, is_new)


async def cards(
    session: AsyncSession, items: Sequence[FeedItem], viewer: StageAccount | None, *, previews: int = PREVIEWS
) -> list[Card]:
    """Feed items with faces, the latest comments and what the viewer likes."""
    ids = [item.post.id for item in items]
    said = await _latest_remarks(session, ids, previews) if previews else []
    known = await faces(session, {a.id: a for a in [*(i.account for i in items), *(a for _, a in said)]}.values())
    liked = await _liked(session, viewer, ids)
    remarks: dict[str, list[Remark]] = {}
    for post, account in said:
        remarks.setdefault(str(post.root_id), []).append(Remark(post.id, known[account.id], post.text, post.created_at))
    return [
        Card(
            id=item.post.id,
            face=known[item.account.id],
            text=item.post.text,
            at=item.post.created_at,
            ai_made=item.post.ai_made,
            pictures=item.pictures,
            counts=item.metrics,
            remarks=tuple(remarks.get(item.post.id, ())),
            liked=item.post.id in liked,
        )
        for item in items
    ]


async def _latest_remarks(
    session: AsyncSession, post_ids: Sequence[str], number: int
) -> list[tuple[StagePost, StageAccount]]:
    place = func.row_number().over(partition_by=StagePost.root_id, order_by=StagePost.id.desc()).label("place")
    numbered = (
        select(StagePost.id, place).where(StagePost.root_id.in_(post_ids), StagePost.deleted_at.is_(None)).subquery()
    )
    rows = await session.execute(
        select(StagePost, StageAccount)
        .join(numbered, numbered.c.id == StagePost.id)
        .join(StageAccount, StageAccount.id == StagePost.account_id)
        .where(numbered.c.place <= number)
        .order_by(StagePost.id)
    )
    return [(post, account) for post, account in rows]


async def _liked(session: AsyncSession, viewer: StageAccount | None, post_ids: Sequence[str]) -> set[str]:
    if viewer is None:
        return set()
    rows = await session.scalars(
        select(StageReaction.post_id).where(
            StageReaction.account_id == viewer.id, StageReaction.kind == "like", StageReaction.post_id.in_(post_ids)
        )
    )
    return set(rows)


async def thread(
    session: AsyncSession, workspace_id: str, post_id: str, viewer: StageAccount | None
) -> tuple[Card, tuple[Remark, ...]]:
    """A post and everything said under it: answers stand below what they answer. An id of a comment gives its post."""
    asked = await queries.get_post(session, workspace_id, post_id)
    items = await queries.thread(session, workspace_id, asked.root_id or asked.id)
    root, replies = items[0], items[1:]
    card = (await cards(session, [root], viewer, previews=0))[0]
    known = await faces(session, {i.account.id: i.account for i in replies}.values())
    liked = await _liked(session, viewer, [i.post.id for i in replies])
    top = [i for i in replies if i.post.parent_id == root.post.id]
    below: dict[str, list[FeedItem]] = {}
    first = {i.post.id: i.post.id for i in top}  # every answer to the first comment of its branch
    for item in replies:
        branch = first.get(item.post.id) or first.get(item.post.parent_id or "")
        if branch and branch != item.post.id:
            first[item.post.id] = branch
            below.setdefault(branch, []).append(item)
    ordered = [(i, depth) for t in top for i, depth in [(t, 0), *((b, 1) for b in below.get(t.post.id, ()))]]
    return card, tuple(
        Remark(
            id=i.post.id,
            face=known[i.account.id],
            text=i.post.text,
            at=i.post.created_at,
            likes=i.metrics.likes,
            depth=depth,
            liked=i.post.id in liked,
        )
        for i, depth in ordered
    )


async def reactions_of(session: AsyncSession, post_id: str, limit: int = 60) -> list[tuple[Face, str]]:
    """Who liked and reposted a post, latest first."""
    rows = (
        await session.execute(
            select(StageAccount, StageReaction.kind)
            .join(StageReaction, StageReaction.account_id == StageAccount.id)
            .where(StageReaction.post_id == post_id)
            .order_by(StageReaction.id.desc())
            .limit(limit)
        )
    ).all()
    known = await faces(session, {a.id: a for a, _ in rows}.values())
    return [(known[a.id], kind) for a, kind in rows]


async def circle(session: AsyncSession, account: StageAccount, *, followers: bool, limit: int = 60) -> list[Face]:
    """Who follows the account, or whom it follows; latest first."""
    other = aliased(StageAccount)
    mine, theirs = (
        (StageFollow.followed_id, StageFollow.follower_id)
        if followers
        else (StageFollow.follower_id, StageFollow.followed_id)
    )
    rows = (
        await session.scalars(
            select(other)
            .join(StageFollow, theirs == other.id)
            .where(mine == account.id)
            .order_by(StageFollow.id.desc())
            .limit(limit)
        )
    ).all()
    return list((await faces(session, rows)).values())


async def is_following(session: AsyncSession, viewer: StageAccount | None, account: StageAccount) -> bool:
    """Whether the viewer follows the account."""
    if viewer is None:
        return False
    found = await session.scalar(
        select(StageFollow.id).where(StageFollow.follower_id == viewer.id, StageFollow.followed_id == account.id)
    )
    return bool(found)


async def remarks_by(session: AsyncSession, account: StageAccount, limit: int = 20) -> list[tuple[StagePost, Face]]:
    """What the account said under the posts of others, latest first, with whose post it was."""
    root, author = aliased(StagePost), aliased(StageAccount)
    rows = (
        await session.execute(
            select(StagePost, author)
            .join(root, root.id == StagePost.root_id)
            .join(author, author.id == root.account_id)
            .where(StagePost.account_id == account.id, StagePost.deleted_at.is_(None), root.deleted_at.is_(None))
            .order_by(StagePost.id.desc())
            .limit(limit)
        )
    ).all()
    known = await faces(session, {a.id: a for _, a in rows}.values())
    return [(post, known[a.id]) for post, a in rows]


def covers(items: Sequence[FeedItem]) -> list[Cover]:
    """Feed items as tiles."""
    return [
        Cover(i.post.id, i.post.text, i.pictures[0].file_id if i.pictures else "", len(i.pictures), i.metrics)
        for i in items
    ]
