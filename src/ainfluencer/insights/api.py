"""Insights over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from ainfluencer.core import clock
from ainfluencer.insights import queries
from ainfluencer.publishing import queries as posts
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/insights", tags=["insights"])

Days = Annotated[int, Query(ge=1, le=365)]


class TotalsOut(BaseModel):
    """Sums over posts; `engagement` is reactions per view."""

    model_config = ConfigDict(from_attributes=True)

    posts: int
    likes: int
    replies: int
    reposts: int
    views: int
    engagement: float | None


class BestPost(BaseModel):
    """A post and its numbers."""

    post_id: str
    caption: str
    published_at: datetime | None
    totals: TotalsOut


class Summary(BaseModel):
    """Numbers of a period."""

    days: int
    totals: TotalsOut
    by_day: list[dict[str, Any]]
    best: list[BestPost]


class SampleOut(BaseModel):
    """One reading."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    channel_id: str
    likes: int
    replies: int
    reposts: int
    views: int


class History(BaseModel):
    """Every reading of a post, oldest first."""

    items: list[SampleOut]
    next_cursor: str | None = None


@router.get("")
async def summary(session: Read, actor: Who, days: Days = 30, character_id: str = "") -> Summary:
    """Totals, days and best posts of a period."""
    since = clock.from_now(days=-days)
    best = await queries.best_posts(session, actor, character_id=character_id, since=since)
    return Summary(
        days=days,
        totals=TotalsOut.model_validate(await queries.totals(session, actor, character_id=character_id, since=since)),
        by_day=await queries.by_day(session, actor, days=days, character_id=character_id),
        best=[
            BestPost(post_id=p.id, caption=p.caption, published_at=p.published_at, totals=TotalsOut.model_validate(t))
            for p, t in best
        ],
    )


@router.get("/posts/{post_id}")
async def of_post(post_id: str, session: Read, actor: Who) -> History:
    """How a post's numbers grew."""
    await posts.get(session, actor, post_id)
    return History(items=[SampleOut.model_validate(s) for s in await queries.history(session, actor, post_id)])
