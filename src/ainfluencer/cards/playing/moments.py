"""The macros of time and date, in the English form that chat programs give them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ainfluencer.core import clock

_OFFSET = re.compile(r"time_utc([+-]\d{1,2})\Z")
_TOKENS = re.compile(r"\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|M|dddd|ddd|DD|D|HH|H|hh|h|mm|m|ss|s|A|a")
_PARTS: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda t: f"{t.year:04}",
    "YY": lambda t: f"{t.year % 100:02}",
    "MMMM": lambda t: t.strftime("%B"),
    "MMM": lambda t: t.strftime("%b"),
    "MM": lambda t: f"{t.month:02}",
    "M": lambda t: str(t.month),
    "dddd": lambda t: t.strftime("%A"),
    "ddd": lambda t: t.strftime("%a"),
    "DD": lambda t: f"{t.day:02}",
    "D": lambda t: str(t.day),
    "HH": lambda t: f"{t.hour:02}",
    "H": lambda t: str(t.hour),
    "hh": lambda t: f"{(t.hour + 11) % 12 + 1:02}",
    "h": lambda t: str((t.hour + 11) % 12 + 1),
    "mm": lambda t: f"{t.minute:02}",
    "m": lambda t: str(t.minute),
    "ss": lambda t: f"{t.second:02}",
    "s": lambda t: str(t.second),
    "A": lambda t: "AM" if t.hour < 12 else "PM",
    "a": lambda t: "am" if t.hour < 12 else "pm",
}
_FORMS = {"time": "h:mm A", "date": "MMMM D, YYYY", "weekday": "dddd", "isotime": "HH:mm", "isodate": "YYYY-MM-DD"}


def told(name: str, argument: str, now: datetime | None) -> str | None:
    """What a macro of time says at `now`; None when it is none of them. Names are in small letters."""
    moment = now or clock.now()
    if name in _FORMS and not argument:
        return shaped(moment, _FORMS[name])
    if found := _OFFSET.match(name):
        return shaped(moment.astimezone(UTC) + timedelta(hours=int(found[1])), _FORMS["time"])
    if name == "datetimeformat" and argument:
        return shaped(moment, argument)
    return "just now" if name in {"idle_duration", "idleduration"} and not argument else None


def shaped(moment: datetime, form: str) -> str:
    """A moment in a form such as `DD.MM.YYYY HH:mm`; what stands in [brackets] is taken as it is."""
    return _TOKENS.sub(lambda found: found[0][1:-1] if found[0][0] == "[" else _PARTS[found[0]](moment), form)
