"""What the numbers add up to. Sums over the latest sample of each delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.insights.models import Sample
from ainfluencer.publishing.models import Post

MOST = 20_000  # deliveries that one question looks at
_COUNTERS = ("likes", "replies", "reposts", "views")


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums; `engagement` is reactions per view, None without views."""

    posts: int
    likes: int
    replies: int
    reposts: int
    views: int

    @property
    def reactions(self) -> int:
        """Likes, replies and reposts."""
        return self.likes + self.replies + self.reposts

    @property
    def engagement(self) -> float | None:
        """Share of views that led to a reaction."""
        return self.reactions / self.views if self.views else None


@dataclass(frozen=True, slots=True)
class Hour:
    """What was published in one hour of the week, and the reactions to it."""

    posts: int
    reactions: int


@dataclass(frozen=True, slots=True)
class Part:
    """Which posts are counted; empty fields do not filter. Published in [since, until), aware UTC."""

    character_id: str = ""
    channel_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _of(actor: Actor, part: Part) -> list[Any]:
    clauses = _latest(actor, part.character_id, part.channel_id, part.since)
    return [*clauses, Post.published_at < part.until] if part.until else clauses


def _latest(actor: Actor, character_id: str, channel_id: str, since: datetime | None) -> list[Any]:
    clauses: list[Any] = [Sample.workspace_id == actor.workspace_id, Sample.is_latest.is_(True)]
    if character_id:
        clauses.append(Sample.character_id == character_id)
    if channel_id:
        clauses.append(Sample.channel_id == channel_id)
    if since:
        clauses.append(Post.published_at >= since)
    return clauses


async def totals(
    session: AsyncSession,
    actor: Actor,
    *,
    character_id: str = "",
    channel_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Totals:
    """All posts together, published in [since, until)."""
    row = (
        await session.execute(
            select(
                func.count(Sample.post_id.distinct()),
                *(func.coalesce(func.sum(getattr(Sample, c)), 0) for c in _COUNTERS),
            )
            .join(Post, Post.id == Sample.post_id)
            .where(*_of(actor, Part(character_id, channel_id, since, until)))
        )
    ).one()
    return Totals(*(int(v) for v in row))


async def best_posts(
    session: AsyncSession,
    actor: Actor,
    *,
    character_id: str = "",
    channel_id: str = "",
    since: datetime | None = None,
    limit: int = 10,
) -> Sequence[tuple[Post, Totals]]:
    """Posts by reactions, most first."""
    sums = [func.coalesce(func.sum(getattr(Sample, c)), 0).label(c) for c in _COUNTERS]
    reactions = sums[0] + sums[1] * 3 + sums[2] * 2
    rows = await session.execute(
        select(Post, *sums)
        .join(Sample, Sample.post_id == Post.id)
        .where(*_latest(actor, character_id, channel_id, since))
        .group_by(Post.id)
        .order_by(reactions.desc(), Post.id.desc())
        .limit(limit)
    )
    return [(row[0], Totals(1, *(int(v) for v in row[1:]))) for row in rows]


async def by_day(
    session: AsyncSession,
    actor: Actor,
    *,
    days: int = 30,
    character_id: str = "",
    channel_id: str = "",
    zone: str = "UTC",
) -> list[dict[str, Any]]:
    """Posts published and their reactions per day of that zone, oldest first, days without posts included."""
    here = clock.zone(zone)
    today = clock.now().astimezone(here).date()
    found = {
        (today - timedelta(days=days - 1 - i)).isoformat(): dict.fromkeys(("posts", *_COUNTERS), 0) for i in range(days)
    }
    seen: set[str] = set()
    for post_id, at, *counts in await _published(session, actor, Part(character_id, channel_id, _since(days))):
        day = found.get(at.astimezone(here).date().isoformat())
        if day is None:
            continue
        day["posts"] += post_id not in seen  # a post on two channels is one post with two samples
        seen.add(post_id)
        for name, value in zip(_COUNTERS, counts, strict=True):
            day[name] += value
    return [{"day": day, **values} for day, values in found.items()]


def _since(days: int) -> datetime:
    """Early enough for the first of these days in any zone."""
    return clock.now() - timedelta(days=days + 1)


async def _published(session: AsyncSession, actor: Actor, part: Part) -> Sequence[Any]:
    columns = (Sample.post_id, Post.published_at, *(getattr(Sample, c) for c in _COUNTERS))
    rows = await session.execute(
        select(*columns)
        .join(Post, Post.id == Sample.post_id)
        .where(*_of(actor, part), Post.published_at.is_not(None))
        .limit(MOST)
    )
    return rows.all()


async def by_hour(session: AsyncSession, actor: Actor, part: Part, *, zone: str = "UTC") -> dict[tuple[int, int], Hour]:
    """Posts and reactions by (weekday, hour) of publishing in that zone; Monday is 0. Hours without posts are left out."""
    here = clock.zone(zone)
    sums: dict[tuple[int, int], list[int]] = {}
    seen: set[str] = set()
    for post_id, at, likes, replies, reposts, _views in await _published(session, actor, part):
        local = at.astimezone(here)
        cell = sums.setdefault((local.weekday(), local.hour), [0, 0])
        cell[0] += post_id not in seen
        seen.add(post_id)
        cell[1] += likes + replies + reposts
    return {place: Hour(posts, reactions) for place, (posts, reactions) in sums.items()}


async def by_character(session: AsyncSession, actor: Actor, part: Part) -> dict[str, Totals]:
    """Totals by character id."""
    return await _grouped(session, actor, part, Sample.character_id)


async def by_channel(session: AsyncSession, actor: Actor, part: Part) -> dict[str, Totals]:
    """Totals by channel id."""
    return await _grouped(session, actor, part, Sample.channel_id)


async def _grouped(
    session: AsyncSession, actor: Actor, part: Part, column: InstrumentedAttribute[str]
) -> dict[str, Totals]:
    rows = await session.execute(
        select(
            column,
            func.count(Sample.post_id.distinct()),
            *(func.coalesce(func.sum(getattr(Sample, c)), 0) for c in _COUNTERS),
        )
        .join(Post, Post.id == Sample.post_id)
        .where(*_of(actor, part))
        .group_by(column)
    )
    return {row[0]: Totals(*(int(v) for v in row[1:])) for row in rows}


async def rows(session: AsyncSession, actor: Actor, part: Part) -> Sequence[tuple[Sample, Post]]:
    """The latest sample of every delivery with its post, latest published first: what an export holds."""
    found = await session.execute(
        select(Sample, Post)
        .join(Post, Post.id == Sample.post_id)
        .where(*_of(actor, part))
        .order_by(Post.published_at.desc(), Sample.id.desc())
        .limit(MOST)
    )
    return [(sample, post) for sample, post in found]


async def of_posts(session: AsyncSession, actor: Actor, post_ids: Iterable[str]) -> dict[str, Totals]:
    """Totals of several posts, by post id."""
    rows = await session.execute(
        select(Sample.post_id, *(func.sum(getattr(Sample, c)) for c in _COUNTERS))
        .where(Sample.workspace_id == actor.workspace_id, Sample.is_latest.is_(True), Sample.post_id.in_(set(post_ids)))
        .group_by(Sample.post_id)
    )
    return {row[0]: Totals(1, *(int(v or 0) for v in row[1:])) for row in rows}


async def history(session: AsyncSession, actor: Actor, post_id: str) -> Sequence[Sample]:
    """Every sample of a post, oldest first."""
    rows = await session.scalars(
        select(Sample).where(Sample.post_id == post_id, Sample.workspace_id == actor.workspace_id).order_by(Sample.at)
    )
    return rows.all()
