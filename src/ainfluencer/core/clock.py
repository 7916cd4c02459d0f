"""The only place that reads the clock. Instants are aware UTC; places are IANA zone names."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from ainfluencer.core.errors import InvalidInput


def now() -> datetime:
    """The present instant, aware UTC."""
    return datetime.now(UTC)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads folders for some 10 ms: once is enough


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name, or `InvalidInput` with the nearest known names."""
    known = _zones()
    if name in known:
        return ZoneInfo(name)
    stem = name.rsplit("/", maxsplit=1)[-1].lower()[:4]
    near = sorted(z for z in known if stem and any(mark + stem in f"/{z.lower()}" for mark in "/_-"))[:3]
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InvalidInput(
        f"There is no time zone called “{name[:60]}”.{hint}",
        "Use an IANA name such as Europe/Berlin or America/Sao_Paulo.",
        field="timezone",
    )


def local_to_utc(day: date, at: time, zone_name: str) -> tuple[datetime, str]:
    """The instant of a wall-clock time, and a note when that clock skips or repeats it.

    In a daylight-saving gap the clock shows no such time: the instant is moved forward by the gap, as clocks do.
    In an overlap the first of the two is taken.
    """
    tz = zone(zone_name)
    local = datetime.combine(day, at, tzinfo=tz)
    instant = local.astimezone(UTC)
    back = instant.astimezone(tz)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        return instant, f"{at:%H:%M} does not exist on {day} in {zone_name}: moved to {back:%H:%M}."
    if local.replace(fold=1).utcoffset() != local.utcoffset():
        return instant, f"{at:%H:%M} happens twice on {day} in {zone_name}: the first is meant."
    return instant, ""


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant with an offset, as aware UTC; `InvalidInput` otherwise."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"“{text[:40]}” is not a date and time.", "Write it like 2026-11-21T18:30:00+01:00."
        ) from None
    if value.tzinfo is None:
        raise InvalidInput(f"“{text[:40]}” has no time zone.", "Add an offset such as +01:00 or Z.")
    return value.astimezone(UTC)


def from_now(**spans: float) -> datetime:
    """`from_now(minutes=5)`: the instant that far ahead (or, negative, behind)."""
    return now() + timedelta(**spans)
