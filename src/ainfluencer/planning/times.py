"""Where in a day a post belongs. Pure: no clock, no database."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from ainfluencer.core import clock

# Good hours by form, as hours and minutes of the audience's own day; seeded jitter keeps a feed from looking stamped.
_HOURS: dict[str, tuple[tuple[int, int], ...]] = {
    "quote": ((8, 0), (12, 15), (20, 0)),
    "list": ((12, 30), (17, 30)),
    "carousel": ((18, 0), (12, 0)),
    "story": ((7, 30), (21, 0)),
    "look_board": ((19, 0), (11, 0)),
}
JITTER_MINUTES = 18


def local_times(formats: list[str], starts_on: date, seed: int) -> list[tuple[date, time]]:
    """One wall-clock time a day for these forms, in order; the same seed gives the same times."""
    chosen = random.Random(seed)  # noqa: S311 - variety, not secrecy
    out = []
    for offset, form in enumerate(formats):
        hour, minute = chosen.choice(_HOURS.get(form, ((12, 0),)))
        moved = datetime.combine(starts_on, time(hour, minute)) + timedelta(
            minutes=chosen.randint(-JITTER_MINUTES, JITTER_MINUTES)
        )
        out.append((starts_on + timedelta(days=offset), moved.time().replace(second=0, microsecond=0)))
    return out


def first_day(zone_name: str) -> date:
    """Tomorrow, in that zone."""
    return (clock.now().astimezone(clock.zone(zone_name)) + timedelta(days=1)).date()
