"""Zones and wall clocks: odd names are answered with near ones, skipped and repeated hours with a note."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Mars/Olympus", ""), ("Europe/Berln", "Europe/Berlin"), ("Sao Paulo", ""), ("New_Yrk", "America/New_York")],
)
def test_near_zones_are_named_and_far_ones_are_not(name: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clock.zone(name)
    assert hint in refused.value.detail
    assert ("Did you mean" in refused.value.detail) == bool(hint)


def test_a_skipped_hour_moves_on_and_a_repeated_one_is_the_first() -> None:
    instant, note = clock.local_to_utc(date(2031, 3, 30), time(2, 30), "Europe/Berlin")
    assert (instant, "03:30" in note) == (datetime(2031, 3, 30, 1, 30, tzinfo=UTC), True)
    instant, note = clock.local_to_utc(date(2031, 10, 26), time(2, 30), "Europe/Berlin")
    assert (instant, "first" in note) == (datetime(2031, 10, 26, 0, 30, tzinfo=UTC), True)
