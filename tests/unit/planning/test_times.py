"""Where a post falls in a day: seeded, inside good hours, right across clock changes."""

from datetime import UTC, date, datetime, time

import pytest

from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput
from ainfluencer.planning import times

FORMATS = ["quote", "list", "carousel", "story", "look_board", "quote", "list"]


def test_one_time_a_day_and_the_same_for_the_same_seed() -> None:
    first = times.local_times(FORMATS, date(2026, 11, 23), 7)
    assert first == times.local_times(FORMATS, date(2026, 11, 23), 7)
    assert first != times.local_times(FORMATS, date(2026, 11, 23), 8)
    assert [d.day for d, _ in first] == [23, 24, 25, 26, 27, 28, 29]


@pytest.mark.parametrize("seed", range(40))
def test_nobody_posts_at_night(seed: int) -> None:
    for _day, at in times.local_times(FORMATS, date(2026, 11, 23), seed):
        assert time(7, 0) <= at <= time(21, 30)


def test_a_time_in_a_daylight_saving_gap_moves_forward_and_says_so() -> None:
    instant, note = clock.local_to_utc(date(2026, 3, 29), time(2, 30), "Europe/Berlin")
    assert instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert "does not exist" in note
    assert "03:30" in note


def test_a_time_that_happens_twice_means_the_first() -> None:
    instant, note = clock.local_to_utc(date(2026, 10, 25), time(2, 30), "Europe/Berlin")
    assert instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "twice" in note


def test_a_plain_time_has_no_note() -> None:
    assert clock.local_to_utc(date(2026, 7, 1), time(9, 0), "Asia/Kolkata") == (
        datetime(2026, 7, 1, 3, 30, tzinfo=UTC),
        "",
    )


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "Europe/Berlín"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clock.zone(name)
    assert refusal.value.field == "timezone"


def test_a_near_zone_is_offered() -> None:
    with pytest.raises(InvalidInput, match="Europe/Lisbon"):
        clock.zone("Lisbon")
