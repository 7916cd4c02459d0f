"""Everything that came back in a period: totals, days, hours, best posts, characters and channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.channels import queries as channels
from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.insights import queries
from ainfluencer.insights.pages import findings
from ainfluencer.insights.pages.findings import Figure
from ainfluencer.insights.pages.wanted import PERIODS, Filters, Wanted, is_simulated
from ainfluencer.insights.queries import Part, Totals
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(prefix="/insights", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Best:
    """A post with its numbers."""

    card: PostCard
    totals: Totals


@dataclass(frozen=True, slots=True)
class Line:
    """One character or channel in a table."""

    name: str
    href: str
    picture_url: str
    totals: Totals
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """Everything that came back in a period."""

    wanted: Wanted
    figures: tuple[Figure, ...]
    days: dict[str, Any]
    finding: str
    heat: dict[str, Any]
    hour_finding: str
    best: tuple[Best, ...]
    by_character: tuple[Line, ...]
    by_channel: tuple[Line, ...]
    faces: tuple[Face, ...]
    channels: tuple[Channel, ...]
    has_simulated: bool
    has_numbers: bool
    has_any: bool
    zone: str
    template: ClassVar[str] = "insights/index.html"
    region: ClassVar[str] = "results"
    periods: tuple[tuple[int, str], ...] = PERIODS


@router.get("")
async def index(request: Request, session: Read, actor: Who, wanted: Filters) -> Response:
    """Numbers of a period, beside those of the period before."""
    actor.require(Right.READ)
    zone = (await accounts.get_workspace(session, actor)).timezone
    part = wanted.part()
    now = await queries.totals(
        session, actor, character_id=part.character_id, channel_id=part.channel_id, since=part.since
    )
    before = await queries.totals(
        session,
        actor,
        character_id=part.character_id,
        channel_id=part.channel_id,
        since=clock.now() - timedelta(days=2 * wanted.days),
        until=part.since,
    )
    days = await queries.by_day(
        session, actor, days=wanted.days, character_id=part.character_id, channel_id=part.channel_id, zone=zone
    )
    hours = await queries.by_hour(session, actor, part, zone=zone)
    faces = await characters.faces(session, actor)
    known = {c.id: c for c in (await channels.list_channels(session, actor, limit=200)).items}
    by_channel = await queries.by_channel(session, actor, part)
    return render(
        request,
        InsightsPage(
            wanted=wanted,
            figures=findings.figures(now, before, days),
            days=findings.chart(days),
            finding=findings.finding(now, days),
            heat=findings.heat(hours),
            hour_finding=findings.hour_finding(hours),
            best=await _best(session, actor, part),
            by_character=_lines(await queries.by_character(session, actor, part), faces),
            by_channel=_channel_lines(by_channel, known),
            faces=tuple(faces.values()),
            channels=tuple(known.values()),
            has_simulated=any(is_simulated(known.get(i)) for i in by_channel),
            has_numbers=now.posts > 0,
            has_any=now.posts > 0 or bool((await queries.totals(session, actor)).posts),
            zone=zone,
        ),
    )


async def _best(session: AsyncSession, actor: Actor, part: Part) -> tuple[Best, ...]:
    found = await queries.best_posts(
        session, actor, character_id=part.character_id, channel_id=part.channel_id, since=part.since, limit=8
    )
    cards = await publishing.cards(session, actor, [post for post, _ in found])
    return tuple(Best(card, totals) for card, (_, totals) in zip(cards, found, strict=True))


def _lines(sums: dict[str, Totals], faces: dict[str, Face]) -> tuple[Line, ...]:
    lines = [
        Line(
            face.name if face else "A deleted character",
            f"/characters/{i}" if face else "",
            face.picture_url if face else "",
            t,
        )
        for i, t in sums.items()
        for face in [faces.get(i)]
    ]
    return tuple(sorted(lines, key=lambda line: -line.totals.reactions))


def _channel_lines(sums: dict[str, Totals], known: dict[str, Channel]) -> tuple[Line, ...]:
    lines = [
        Line(c.title if c else "A removed channel", f"/channels/{i}" if c else "", "", t, is_simulated(c))
        for i, t in sums.items()
        for c in [known.get(i)]
    ]
    return tuple(sorted(lines, key=lambda line: -line.totals.reactions))
