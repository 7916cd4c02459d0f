"""Template filters: how numbers, sizes, spans and instants are written for people."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zlib import crc32

from ainfluencer.core import clock

_CLOCK_FORMS: Final = {
    "time": "%H:%M",
    "date": "%-d %b %Y",
    "day": "%a %-d %b",
    "both": "%a %-d %b, %H:%M",
    "full": "%-d %b %Y, %H:%M",
}
TINTS: Final = 8
_DAY: Final = 86400
_SPANS: Final = (
    (3600, 60, "min"),
    (_DAY, 3600, "h"),
    (_DAY * 30, _DAY, "d"),
    (_DAY * 365, _DAY * 30, "mo"),
    (float("inf"), _DAY * 365, "y"),
)


def ago(instant: datetime) -> str:
    """“5 min ago”, “in 3 h”, “just now”."""
    seconds = (clock.now() - instant).total_seconds()
    size = abs(seconds)
    if size < 45:
        return "just now"
    unit, name = next((unit, name) for limit, unit, name in _SPANS if size < limit)
    count = max(1, round(size / unit))
    return f"{count} {name} ago" if seconds > 0 else f"in {count} {name}"


def clock_time(instant: datetime, zone: str = "UTC", form: str = "both") -> str:
    """The instant on the wall clock of a zone; `form` is time, date, day, both or full."""
    local = instant.astimezone(clock.zone(zone))
    # %-d is not known on every system.
    return local.strftime(_CLOCK_FORMS[form].replace("%-d", str(local.day)))


def iso(instant: datetime) -> str:
    """ISO 8601 with offset, for datetime attributes."""
    return instant.isoformat()


def local_input(instant: datetime | None, zone: str = "UTC") -> str:
    """The value of an `<input type=datetime-local>` in a zone; empty for None."""
    return "" if instant is None else instant.astimezone(clock.zone(zone)).strftime("%Y-%m-%dT%H:%M")


def number(value: float, places: int | None = None) -> str:
    """1,234 as it is, 12.4K and 3.1M above ten thousand; `places` forces plain decimals."""
    if places is not None:
        return f"{value:,.{places}f}"
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (10_000, "K")):
        if abs(value) >= size:
            short = value / (1000 if letter == "K" else size)
            return f"{short:.1f}".removesuffix(".0") + letter
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def size(value: float) -> str:
    """Bytes as kB, MB, GB (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def duration(seconds: float) -> str:
    """A span as people say it: 0.8 s, 42 s, 1:05, 2 h 5 min, 3 d 4 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d}"
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def plural(count: int, one: str, many: str = "") -> str:
    """“1 post”, “3 posts”."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def percent(value: float, places: int = 0) -> str:
    """0..1 as a percentage."""
    return f"{value * 100:.{places}f} %"


def initials(name: str) -> str:
    """One or two letters for an avatar."""
    words = [w for w in name.split() if w[:1].isalnum()]
    return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper() or "?"


def tint(key: str) -> int:
    """A stable number 1..8 for a name: the class `tint-N` gives it its colour."""
    return crc32(key.encode()) % TINTS + 1


FILTERS: Final = {
    "ago": ago,
    "clock": clock_time,
    "iso": iso,
    "local_input": local_input,
    "number": number,
    "bytes": size,
    "duration": duration,
    "plural": plural,
    "percent": percent,
    "initials": initials,
    "tint": tint,
}
