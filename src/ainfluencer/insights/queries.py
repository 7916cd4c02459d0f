"""What the numbers add up to. Sums over the latest sample of each delivery."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.insights.models import Sample
from ainfluencer.publishing.models import Post

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
    def engagement(self) -> float | None:
        """Share of views that led to a reaction."""
        return (self.likes + self.replies + self.reposts) / self.views if self.views else None


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
    session: AsyncSession, actor: Actor, *, character_id: str = "", channel_id: str = "", since: datetime | None = None
) -> Totals:
    """All posts together."""
    row = (
        await session.execute(
            select(
                func.count(Sample.post_id.distinct()),
                *(func.coalesce(func.sum(getattr(Sample, c)), 0) for c in _COUNTERS),
            )
            .join(Post, Post.id == Sample.post_id)
            .where(*_latest(actor, character_id, channel_id, since))
        )
    ).one()
    return Totals(*(int(v) for v in row))


async def best_posts(
    session: AsyncSession, actor: Actor, *, character_id: str = "", since: datetime | None = None, limit: int = 10
) -> Sequence[tuple[Post, Totals]]:
    """Posts by reactions, most first."""
    sums = [func.coalesce(func.sum(getattr(Sample, c)), 0).label(c) for c in _COUNTERS]
    reactions = sums[0] + sums[1] * 3 + sums[2] * 2
    rows = await session.execute(
        select(Post, *sums)
        .join(Sample, Sample.post_id == Post.id)
        .where(*_latest(actor, character_id, "", since))
        .group_by(Post.id)
        .order_by(reactions.desc(), Post.id.desc())
        .limit(limit)
    )
    return [(row[0], Totals(1, *(int(v) for v in row[1:]))) for row in rows]


async def by_day(
    session: AsyncSession, actor: Actor, *, days: int = 30, character_id: str = ""
) -> list[dict[str, Any]]:
    """Posts published and their reactions per UTC day, oldest first, days without posts included."""
    since = (clock.now() - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await session.execute(
        select(Post.published_at, Sample.likes, Sample.replies, Sample.reposts, Sample.views)
        .join(Post, Post.id == Sample.post_id)
        .where(*_latest(actor, character_id, "", since))
    )
    found = {
        (since + timedelta(days=i)).date().isoformat(): dict.fromkeys(("posts", *_COUNTERS), 0) for i in range(days)
    }
    for at, *counts in rows:
        day = found.get(at.date().isoformat()) if at else None
        if day is None:
            continue
        day["posts"] += 1
        for name, value in zip(_COUNTERS, counts, strict=True):
            day[name] += value
    return [{"day": day, **values} for day, values in found.items()]


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
