"""A character's palette from the colours of the look, bent by the mood; grounds with text that is sure to be read."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

from ainfluencer.core.colours import Colour, distance, mix, parse, ratio, readable

MOODS: dict[str, tuple[float, float]] = {  # lightness added, chroma multiplied
    "calm": (0.02, 0.82),
    "bright": (0.03, 1.12),
    "bold": (-0.01, 1.22),
    "tender": (0.05, 0.78),
    "playful": (0.02, 1.15),
    "night": (-0.05, 0.95),
    "serious": (-0.04, 0.62),
}
GROUNDS: dict[str, tuple[str, ...]] = {  # which grounds a mood likes, most typical first
    "calm": ("paper", "soft", "deep", "main"),
    "bright": ("accent", "main", "soft", "paper"),
    "bold": ("main", "accent", "deep", "ink"),
    "tender": ("soft", "paper", "tint", "main"),
    "playful": ("accent", "tint", "main", "soft"),
    "night": ("ink", "deep", "ink", "main"),
    "serious": ("paper", "deep", "ink", "main"),
}


@dataclass(frozen=True)
class Scheme:
    """One ground and the colours that work on it. `text` has 7:1 where possible, `muted` 4.5:1, `accent` 3:1."""

    name: str
    ground: Colour
    text: Colour
    muted: Colour
    accent: Colour
    second: Colour
    line: str

    @property
    def is_dark(self) -> bool:
        """Whether light text stands on it."""
        return self.text.luminance > self.ground.luminance


@dataclass(frozen=True)
class Palette:
    """Five roles of colour. `main`, `second` and `accent` carry the character; `ink` and `paper` carry the words."""

    main: Colour
    second: Colour
    accent: Colour
    ink: Colour
    paper: Colour
    prefers_dark: bool = False

    @cached_property
    def deep(self) -> Colour:
        """The main colour at dusk."""
        return self.main.at(light=0.31, chroma=min(0.11, self.main.chroma * 0.85))

    @cached_property
    def soft(self) -> Colour:
        """The main colour as a breath."""
        return self.main.at(light=0.905, chroma=min(0.055, 0.02 + self.main.chroma * 0.25))

    @cached_property
    def tint(self) -> Colour:
        """The accent as a breath."""
        return self.accent.at(light=0.9, chroma=min(0.07, 0.025 + self.accent.chroma * 0.3))

    def colour(self, name: str) -> Colour:
        """A role by its name."""
        found: Colour = getattr(self, name)
        return found

    def scheme(self, name: str) -> Scheme:
        """The ground of that role with its text colours; a ground between light and dark moves to where white reads well."""
        ground = self.colour(name)
        if 0.42 < ground.light < 0.7 and ratio(self.paper, ground) > 2.7:
            ground = ground.at(light=ground.light - 0.004)
            while ratio(self.paper, ground) < 5.2:
                ground = ground.at(light=ground.light - 0.01)
        return self.on(ground, name)

    def on(self, ground: Colour, name: str = "") -> Scheme:
        """Colours for text and shapes on any ground."""
        best = max((self.ink, self.paper), key=lambda colour: ratio(colour, ground))
        text = readable(best, ground, 7.0) if ratio(best, ground) < 7 else best
        if ratio(text, ground) < 4.5:
            text = max((Colour(0, 0, 0), Colour(1, 0, 0)), key=lambda colour: ratio(colour, ground))
        muted = readable(mix(text, ground, 0.26), ground, 5.4)
        options = [c for c in (self.accent, self.second, self.main, self.tint, self.soft) if distance(c, ground) > 0.16]
        ranked = sorted(options, key=lambda colour: (ratio(colour, ground) < 3.0, -distance(colour, ground)))
        accent = readable(ranked[0] if ranked else text, ground, 3.2)
        others = [colour for colour in ranked[1:] if distance(colour, accent) > 0.12]
        second = others[0] if others else mix(text, ground, 0.5)
        return Scheme(name or ground.hex, ground, text, muted, accent, second, text.css(0.28))

    @property
    def chips(self) -> tuple[Colour, ...]:
        """The colours to show on a look board, from dark to light."""
        return tuple(sorted((self.ink, self.main, self.second, self.accent, self.soft), key=lambda c: c.light))


def _fitted(colour: Colour, low: float, high: float) -> Colour:
    return colour.at(light=min(high, max(low, colour.light)))


def build(words: tuple[str, ...], mood: str, rng: random.Random) -> Palette:
    """A palette from colour words; `rng` (the character's own) fills what the words leave open."""
    named = [colour for colour in (parse(word) for word in words[:12]) if colour is not None]
    vivid = [colour for colour in named if colour.chroma > 0.045]
    neutral = [colour for colour in named if colour.chroma <= 0.045]
    pastel = bool(named) and min(colour.light for colour in named) > 0.76
    lift, strength = MOODS.get(mood, (0.0, 1.0))
    main = vivid[0] if vivid else Colour(0.56, 0.13, rng.choice((18, 42, 95, 150, 185, 235, 262, 305, 345)))
    rest = vivid[1:]
    accent = max(rest, key=lambda colour: distance(colour, main), default=None)
    if accent is None or distance(accent, main) < 0.2:
        turn = rng.choice((150, 180, 205, -55))
        accent = Colour(0.76 if main.light < 0.66 else 0.55, max(0.12, main.chroma), (main.hue + turn) % 360)
    second = next((colour for colour in rest if colour != accent and distance(colour, main) > 0.12), None)
    if second is None:
        second = main.at(hue=main.hue + rng.choice((-38, 34)), light=0.8 if main.light < 0.62 else 0.6)
    limits = (0.62, 0.86) if pastel else (0.36, 0.72)
    main = _fitted(main.at(light=main.light + lift, chroma=main.chroma * strength), *limits)
    accent = accent.at(light=min(0.9, accent.light + lift / 2), chroma=min(0.27, accent.chroma * strength))
    second = second.at(light=min(0.9, second.light + lift / 2), chroma=min(0.22, second.chroma * strength))
    dark = min(neutral, key=lambda colour: colour.light, default=None)
    light = max(neutral, key=lambda colour: colour.light, default=None)
    black = dark is not None and dark.light < 0.35
    ink = main.at(light=0.17 if black else 0.21, chroma=min(0.03 if black else 0.045, main.chroma * 0.35))
    warmth = light if light is not None and light.light > 0.85 else None
    paper = warmth.at(light=0.967) if warmth else main.at(light=0.97, chroma=0.012)
    return Palette(main, second, accent, ink, paper, prefers_dark=black or mood == "night")


def choose_ground(palette: Palette, mood: str, allowed: tuple[str, ...], rng: random.Random) -> Scheme:
    """A ground that the layout allows, weighted by what the mood likes; deterministic for one `rng`."""
    liked = list(GROUNDS.get(mood, GROUNDS["calm"]))
    if palette.prefers_dark and mood not in {"bright", "tender"}:
        liked = ["ink", "deep", *liked]
    ranked = [name for name in liked if name in allowed] or list(allowed)
    weights = [4, 3, 2, 1, 1, 1, 1][: len(ranked)]
    return palette.scheme(rng.choices(ranked, weights)[0])
