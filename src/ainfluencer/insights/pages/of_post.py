"""How one post's numbers grew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import Request
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.channels.models import Channel
from ainfluencer.insights import queries
from ainfluencer.insights.models import Sample
from ainfluencer.insights.pages import findings
from ainfluencer.insights.pages.wanted import is_simulated
from ainfluencer.insights.queries import Totals
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(prefix="/insights", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PostPage:
    """How one post's numbers grew."""

    card: PostCard
    totals: Totals
    samples: tuple[Sample, ...]
    channels: dict[str, Channel]
    chart: dict[str, Any]
    finding: str
    is_simulated: bool
    zone: str
    template: ClassVar[str] = "insights/post.html"


@router.get("/posts/{post_id}")
async def of_post(request: Request, session: Read, actor: Who, post_id: str) -> Response:
    """How a post's numbers grew, reading by reading."""
    post = await publishing.get(session, actor, post_id[:26])
    samples = tuple(await queries.history(session, actor, post.id))
    zone = (await accounts.get_workspace(session, actor)).timezone
    card = (await publishing.cards(session, actor, [post]))[0]
    known = {c.id: c for c in card.channels}
    sums = await queries.of_posts(session, actor, [post.id])
    return render(
        request,
        PostPage(
            card=card,
            totals=sums.get(post.id, Totals(1, 0, 0, 0, 0)),
            samples=samples,
            channels=known,
            chart=findings.growth(samples, zone),
            finding=findings.growth_finding(samples, post.published_at),
            is_simulated=any(is_simulated(c) for c in card.channels),
            zone=zone,
        ),
    )
