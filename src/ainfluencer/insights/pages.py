"""Pages of insights: totals, days, hours, best posts, one post's growth, and the numbers as a file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.accounts import queries as accounts
from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.insights import queries
from ainfluencer.insights.models import Sample
from ainfluencer.insights.queries import Hour, Part, Totals
from ainfluencer.integrations.manifest import Access
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render

router = APIRouter(prefix="/insights", include_in_schema=False)

PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEW_POSTS = 3  # fewer in an hour than this say nothing about the hour


@dataclass(frozen=True, slots=True)
class Wanted:
    """Period and filters."""

    days: int = 30
    character_id: str = ""
    channel_id: str = ""

    @property
    def query(self) -> str:
        """As a query text with a leading "?"."""
        own = {"days": str(self.days), "character": self.character_id, "channel": self.channel_id}
        return "?" + urlencode({k: v for k, v in own.items() if v})

    def part(self) -> Part:
        """Posts of the period."""
        return Part(self.character_id, self.channel_id, clock.now() - timedelta(days=self.days))


def _wanted(days: str = "30", character: str = "", channel: str = "") -> Wanted:
    known = {str(n): n for n, _ in PERIODS}
    return Wanted(known.get(days, 30), character[:26], channel[:26])


Filters = Annotated[Wanted, Depends(_wanted)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A total beside the one of the period before. `change` is None where there is nothing to compare with."""

    label: str
    value: str
    change: str
    is_good: bool | None
    values: tuple[float, ...] = ()


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
            figures=_figures(now, before, days),
            days=_chart(days),
            finding=_finding(now, days),
            heat=_heat(hours),
            hour_finding=_hour_finding(hours),
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


def is_simulated(channel: Channel | None) -> bool:
    """Whether the channel lives inside the product, where the audience is simulated."""
    return channel is not None and registry.manifest(channel.platform).access == Access.BUILT_IN


def _figures(now: Totals, before: Totals, days: list[dict[str, Any]]) -> tuple[Figure, ...]:
    def line(*names: str) -> tuple[float, ...]:
        return tuple(float(sum(day[n] for n in names)) for day in days[-30:])

    found = [
        Figure("Posts", f"{now.posts:,}", *_change(now.posts, before.posts), line("posts")),
        Figure(
            "Reactions",
            f"{now.reactions:,}",
            *_change(now.reactions, before.reactions),
            line("likes", "replies", "reposts"),
        ),
        Figure("Views", f"{now.views:,}", *_change(now.views, before.views), line("views")),
    ]
    rate, was = now.engagement, before.engagement
    points = (rate - was) * 100 if rate is not None and was is not None else None
    moved = "" if points is None else f"{points:+.1f} points".replace("-", "−")
    found.append(
        Figure(
            "Reactions per view",
            "–" if rate is None else f"{rate:.1%}",
            moved,
            None if not points else points > 0,
        )
    )
    return tuple(found)


def _change(now: int, before: int) -> tuple[str, bool | None]:
    if not before:
        return "", None
    share = (now - before) / before
    return f"{share:+.0%}".replace("-", "−"), None if now == before else now > before


def _chart(days: list[dict[str, Any]]) -> dict[str, Any]:
    labels = [f"{datetime.fromisoformat(d['day']):%d %b}" for d in days]
    names = (("Likes", "likes"), ("Replies", "replies"), ("Reposts", "reposts"))
    return {"labels": labels, "series": [{"name": title, "values": [d[key] for d in days]} for title, key in names]}


def _finding(now: Totals, days: list[dict[str, Any]]) -> str:
    if not now.posts:
        return ""
    top = max(days, key=lambda d: d["likes"] + d["replies"] + d["reposts"])
    number = top["likes"] + top["replies"] + top["reposts"]
    if not number:
        return "No reactions in this period yet."
    posts = f"{top['posts']} post" + ("" if top["posts"] == 1 else "s")
    return (
        f"The best day was {datetime.fromisoformat(top['day']):%A, %d %B}: {number} reactions to {posts} of that day."
    )


def _heat(hours: dict[tuple[int, int], Hour]) -> dict[str, Any]:
    cells = [[hour, day, round(cell.reactions / cell.posts, 1)] for (day, hour), cell in hours.items() if cell.posts]
    return {"columns": [f"{h:02d}" for h in range(24)], "rows": list(WEEKDAYS), "values": cells}


def _hour_finding(hours: dict[tuple[int, int], Hour]) -> str:
    solid = {place: cell for place, cell in hours.items() if cell.posts >= FEW_POSTS}
    if not solid:
        return f"No hour has {FEW_POSTS} posts yet, so none is called the best. What is coloured is what was tried."
    (day, hour), cell = max(solid.items(), key=lambda item: item[1].reactions / item[1].posts)
    mean = cell.reactions / cell.posts
    return f"So far {LONG_DAYS[day]} at {hour:02d}:00 did best: {mean:.1f} reactions a post, over {cell.posts} posts."


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


@router.get("/export.csv")
async def export(session: Read, actor: Who, wanted: Filters) -> Response:
    """One line for each post on each channel, with its latest numbers."""
    actor.require(Right.READ)
    faces = await characters.faces(session, actor)
    known = {c.id: c for c in (await channels.list_channels(session, actor, limit=200)).items}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "post",
            "published_at",
            "character",
            "channel",
            "simulated",
            "likes",
            "replies",
            "reposts",
            "views",
            "read_at",
            "caption",
        ]
    )
    for sample, post in await queries.rows(session, actor, wanted.part()):
        face, channel = faces.get(sample.character_id), known.get(sample.channel_id)
        writer.writerow(
            [
                post.id,
                post.published_at.isoformat() if post.published_at else "",
                _cell(face.name if face else ""),
                _cell(channel.title if channel else ""),
                "yes" if is_simulated(channel) else "no",
                sample.likes,
                sample.replies,
                sample.reposts,
                sample.views,
                sample.at.isoformat(),
                _cell(post.caption),
            ]
        )
    name = f"insights-{clock.now():%Y-%m-%d}.csv"
    # The mark at the front tells spreadsheets that the file is UTF-8.
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


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
            chart=growth(samples, zone),
            finding=_growth_finding(samples, post.published_at),
            is_simulated=any(is_simulated(c) for c in card.channels),
            zone=zone,
        ),
    )


def growth(samples: tuple[Sample, ...], zone: str) -> dict[str, Any]:
    """The curve: at every reading the latest numbers of each delivery, added up."""
    here, latest = clock.zone(zone), {}
    labels, curve = [], []
    for sample in samples:
        latest[sample.delivery_id] = sample
        labels.append(f"{sample.at.astimezone(here):%d %b %H:%M}")
        curve.append([sum(getattr(s, n) for s in latest.values()) for n in ("likes", "replies", "reposts", "views")])
    names = ("Likes", "Replies", "Reposts", "Views")
    return {"labels": labels, "series": [{"name": n, "values": [row[i] for row in curve]} for i, n in enumerate(names)]}


def _growth_finding(samples: tuple[Sample, ...], published_at: datetime | None) -> str:
    if not samples or not published_at:
        return ""
    last = samples[-1]
    half = (last.likes + last.replies + last.reposts) / 2
    first = next((s for s in samples if s.likes + s.replies + s.reposts >= half > 0), None)
    if not first:
        return "No reactions have been counted yet."
    minutes = max(1, round((first.at - published_at).total_seconds() / 60))
    span = f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
    return f"Half of all reactions were there within {span} of publishing."
