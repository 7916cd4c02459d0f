"""From numbers to figures, charts and sentences. No database here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ainfluencer.core import clock
from ainfluencer.insights.models import Sample
from ainfluencer.insights.queries import Hour, Totals

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEW_POSTS = 3  # fewer in an hour than this say nothing about the hour


@dataclass(frozen=True, slots=True)
class Figure:
    """A total beside the one of the period before. `change` is None where there is nothing to compare with."""

    label: str
    value: str
    change: str
    is_good: bool | None
    values: tuple[float, ...] = ()


def figures(now: Totals, before: Totals, days: list[dict[str, Any]]) -> tuple[Figure, ...]:
    """Four totals beside those of the period before."""

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


def chart(days: list[dict[str, Any]]) -> dict[str, Any]:
    """Reactions by day, for the chart."""
    labels = [f"{datetime.fromisoformat(d['day']):%d %b}" for d in days]
    names = (("Likes", "likes"), ("Replies", "replies"), ("Reposts", "reposts"))
    return {"labels": labels, "series": [{"name": title, "values": [d[key] for d in days]} for title, key in names]}


def finding(now: Totals, days: list[dict[str, Any]]) -> str:
    """What the days say, in a sentence."""
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


def heat(hours: dict[tuple[int, int], Hour]) -> dict[str, Any]:
    """Reactions per post for every hour of the week, for the chart."""
    cells = [
        [hour, day, round(cell.reactions / cell.posts, 1) if (cell := hours.get((day, hour))) and cell.posts else 0]
        for day in range(7)
        for hour in range(24)
    ]
    return {"columns": [f"{h:02d}" for h in range(24)], "rows": list(WEEKDAYS), "values": cells}


def hour_finding(hours: dict[tuple[int, int], Hour]) -> str:
    """What the hours say, in a sentence; nothing is called the best on few posts."""
    solid = {place: cell for place, cell in hours.items() if cell.posts >= FEW_POSTS}
    if not solid:
        return f"No hour has {FEW_POSTS} posts yet, so none is called the best. What is coloured is what was tried."
    (day, hour), cell = max(solid.items(), key=lambda item: item[1].reactions / item[1].posts)
    mean = cell.reactions / cell.posts
    return f"So far {LONG_DAYS[day]} at {hour:02d}:00 did best: {mean:.1f} reactions a post, over {cell.posts} posts."


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


def growth_finding(samples: tuple[Sample, ...], published_at: datetime | None) -> str:
    """How fast the reactions came, in a sentence."""
    if not samples or not published_at:
        return ""
    latest: dict[str, int] = {}
    curve = []
    for sample in samples:
        latest[sample.delivery_id] = sample.likes + sample.replies + sample.reposts
        curve.append((sample, sum(latest.values())))
    half = curve[-1][1] / 2
    first = next((sample for sample, number in curve if number >= half > 0), None)
    if not first:
        return "No reactions have been counted yet."
    minutes = max(1, round((first.at - published_at).total_seconds() / 60))
    span = "a minute" if minutes == 1 else f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
    return f"Half of all reactions were there within {span} of publishing."
