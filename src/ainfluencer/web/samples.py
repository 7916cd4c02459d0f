"""Made-up content for the pattern page, drawn on the spot: it never appears anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from ainfluencer.core import clock

_HUES = (196, 36, 302, 76, 248, 150, 2, 222)
_TITLES = (
    "Kiln, first light",
    "Tram 28",
    "Glaze tests",
    "Sunday market",
    "Blue hour",
    "Studio floor",
    "Two cups",
    "Rain on Alfama",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture that exists only here."""

    id: str
    title: str
    image: str
    who: str
    state: str
    seconds: int
    kind: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SamplePost:
    """A post that exists only here."""

    id: str
    who: str
    text: str
    state: str
    label: str
    channels: tuple[str, ...]
    score: float
    image: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A line of a log."""

    level: str
    at: datetime
    where: str
    text: str


def picture(seed: int) -> str:
    """A small landscape as a data address: a sun over hills, its colours by the seed."""
    hue = _HUES[seed % len(_HUES)]
    far = (hue + 40) % 360
    sun_x, sun_y = 90 + seed * 53 % 220, 110 + seed * 37 % 120
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 500'><defs>"
        f"<linearGradient id='a' x2='0' y2='1'><stop stop-color='oklch(90% .06 {far})'/><stop offset='1' stop-color='oklch(70% .12 {hue})'/></linearGradient>"
        f"</defs><rect width='400' height='500' fill='url(#a)'/><circle cx='{sun_x}' cy='{sun_y}' r='52' fill='oklch(96% .05 80)' opacity='.92'/>"
        f"<path d='M0 330c80-60 150-50 220-10s130 10 180-30v210H0z' fill='oklch(58% .1 {hue})'/>"
        f"<path d='M0 400c90-40 160-20 240 0s120 0 160-20v120H0z' fill='oklch(42% .085 {hue})'/>"
        f"<path d='M0 455c70-20 200-10 400-30v75H0z' fill='oklch(29% .05 {hue})'/></svg>"
    )
    return f"data:image/svg+xml,{quote(drawing)}"


def samples() -> tuple[Sample, ...]:
    """Eight pictures, one of them a film and one a sound."""
    now = clock.now()
    states = ("approved", "draft", "approved", "rejected", "approved", "draft", "approved", "draft")
    return tuple(
        Sample(
            str(i),
            title,
            picture(i),
            "Mira Vale" if i % 2 else "Noor Ashby",
            states[i],
            (0, 0, 9, 0, 0, 0, 0, 0)[i],
            "image",
            now - timedelta(minutes=7 + i * i * 41),
        )
        for i, title in enumerate(_TITLES)
    )


def posts() -> tuple[SamplePost, ...]:
    """Four posts on their way."""
    words = (
        ("in_review", "Opened the kiln too early again. The blue one forgave me.\n\n#ceramics #lisbon", 0.86),
        ("scheduled", "Three cups, one crack, no regrets. Which one would you keep?", 0.74),
        ("published", "Rain all day, so the wheel and I made peace with each other.", 0.91),
        ("needs_person", "New glaze, older than me: a recipe from a 1962 notebook I found at the market.", 0.43),
    )
    now = clock.now()
    return tuple(
        SamplePost(
            f"p{i}",
            "Mira Vale" if i % 2 == 0 else "Noor Ashby",
            text,
            state,
            ("Morning note", "Evening story")[i % 2],
            ("Stage", "Mastodon")[: 1 + i % 2],
            score,
            picture(i + 1),
            now + timedelta(hours=5 * i - 4),
        )
        for i, (state, text, score) in enumerate(words)
    )


def lines() -> tuple[SampleLine, ...]:
    """A few log lines of each level."""
    now = clock.now()
    said = (
        ("info", "web", "Started in 1.9 s"),
        ("debug", "jobs", "Took planning.week, attempt 1"),
        ("info", "studio", "Poster drawn in 0.4 s, 1080×1350"),
        ("warning", "publishing", "Stage answered slowly: 2.1 s"),
        ("error", "channels", "Mastodon: login expired. Sign in to it again on its page."),
    )
    return tuple(
        SampleLine(level, now - timedelta(seconds=90 - i * 17), where, text)
        for i, (level, where, text) in enumerate(said)
    )
