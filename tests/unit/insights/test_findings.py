"""Sentences and curves say no more than the numbers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ainfluencer.insights.models import Sample
from ainfluencer.insights.pages import findings
from ainfluencer.insights.queries import Hour, Totals

START = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)


def reading(minutes: int, likes: int, delivery: str = "d1") -> Sample:
    return Sample(
        delivery_id=delivery, at=START + timedelta(minutes=minutes), likes=likes, replies=0, reposts=0, views=9
    )


def test_growth_adds_the_latest_of_each_delivery() -> None:
    samples = (reading(1, 2), reading(2, 3, "d2"), reading(3, 6))
    curve = findings.growth(samples, "UTC")
    assert curve["series"][0] == {"name": "Likes", "values": [2, 5, 9]}
    assert curve["labels"][0] == "16 Nov 08:01"


def test_half_of_the_reactions_count_every_delivery() -> None:
    samples = (reading(1, 2), reading(2, 3, "d2"), reading(30, 6))
    assert findings.growth_finding(samples, START) == "Half of all reactions were there within 2 minutes of publishing."
    assert findings.growth_finding((reading(1, 0),), START) == "No reactions have been counted yet."
    assert findings.growth_finding((), START) == ""


def test_few_posts_make_no_best_hour() -> None:
    few = {(0, 9): Hour(findings.FEW_POSTS - 1, 90)}
    assert "none is called the best" in findings.hour_finding(few)
    solid = few | {(4, 18): Hour(3, 12), (5, 10): Hour(4, 8)}
    assert findings.hour_finding(solid).startswith("So far Friday at 18:00 did best: 4.0 reactions a post")


def test_the_heat_map_has_every_hour() -> None:
    heat = findings.heat({(2, 7): Hour(2, 5)})
    assert len(heat["values"]) == 7 * 24
    assert [7, 2, 2.5] in heat["values"]
    assert sum(v[2] for v in heat["values"]) == 2.5


@pytest.mark.parametrize(
    ("now", "before", "change", "good"),
    [(12, 10, "+20%", True), (5, 10, "\N{MINUS SIGN}50%", False), (10, 10, "+0%", None), (7, 0, "", None)],
)
def test_changes(now: int, before: int, change: str, good: bool | None) -> None:
    figure = findings.figures(Totals(now, 0, 0, 0, 0), Totals(before, 0, 0, 0, 0), [])[0]
    assert (figure.value, figure.change, figure.is_good) == (str(now), change, good)


def test_the_best_day_is_named() -> None:
    days = [
        {"day": "2026-11-16", "posts": 1, "likes": 1, "replies": 0, "reposts": 0, "views": 5},
        {"day": "2026-11-17", "posts": 2, "likes": 4, "replies": 1, "reposts": 0, "views": 9},
    ]
    said = findings.finding(Totals(3, 5, 1, 0, 14), days)
    assert said == "The best day was Tuesday, 17 November: 5 reactions to 2 posts of that day."
    assert findings.finding(Totals(0, 0, 0, 0, 0), days) == ""
