"""Colour arithmetic in OKLCH (B. Ottosson, 2020), WCAG contrast, and colours from plain words."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour as lightness 0..1, chroma 0..0.37 and hue in degrees."""

    light: float
    chroma: float
    hue: float

    @property
    def hex(self) -> str:
        """#rrggbb; chroma is lowered until the colour exists on a screen."""
        return "#" + "".join(f"{round(part * 255):02x}" for part in _rgb(self))

    def css(self, alpha: float = 1.0) -> str:
        """rgba(...) with this opacity."""
        red, green, blue = (round(part * 255) for part in _rgb(self))
        return f"rgba({red},{green},{blue},{alpha:g})"

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, 0..255."""
        red, green, blue = (round(part * 255) for part in _rgb(self))
        return red, green, blue

    @property
    def luminance(self) -> float:
        """Relative luminance as WCAG 2 defines it, 0..1."""
        return luminance(self.rgb)

    def at(self, *, light: float | None = None, chroma: float | None = None, hue: float | None = None) -> Colour:
        """The same colour with one or more parts set."""
        return replace(
            self,
            light=self.light if light is None else min(1.0, max(0.0, light)),
            chroma=self.chroma if chroma is None else max(0.0, chroma),
            hue=self.hue if hue is None else hue % 360,
        )


def _linear(colour: Colour) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    lms_l = (colour.light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    lms_m = (colour.light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    lms_s = (colour.light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * lms_l - 3.3077115913 * lms_m + 0.2309699292 * lms_s,
        -1.2684380046 * lms_l + 2.6097574011 * lms_m - 0.3413193965 * lms_s,
        -0.0041960863 * lms_l - 0.7034186147 * lms_m + 1.7076147010 * lms_s,
    )


def _gamma(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _rgb(colour: Colour) -> tuple[float, float, float]:
    low, high, parts = 0.0, colour.chroma, _linear(colour)
    if any(not -1e-4 <= part <= 1.0001 for part in parts):
        for _ in range(14):
            middle = (low + high) / 2
            parts = _linear(colour.at(chroma=middle))
            low, high = (middle, high) if all(-1e-4 <= part <= 1.0001 for part in parts) else (low, middle)
        parts = _linear(colour.at(chroma=low))
    red, green, blue = (_gamma(min(1.0, max(0.0, part))) for part in parts)
    return red, green, blue


def from_rgb(rgb: tuple[int, int, int]) -> Colour:
    """The colour of three bytes."""
    red, green, blue = (_ungamma(part / 255) for part in rgb)
    lms_l = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    lms_m = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    lms_s = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * lms_l - 2.4285922050 * lms_m + 0.4505937099 * lms_s
    b = 0.0259040371 * lms_l + 0.7827717662 * lms_m - 0.8086757660 * lms_s
    light = 0.2104542553 * lms_l + 0.7936177850 * lms_m - 0.0040720468 * lms_s
    return Colour(light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def _ungamma(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def luminance(rgb: tuple[float, float, float]) -> float:
    """Relative luminance of bytes 0..255 (WCAG 2.2)."""
    red, green, blue = (_ungamma(part / 255) for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """WCAG contrast ratio of two luminances, 1..21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def ratio(one: Colour, other: Colour) -> float:
    """WCAG contrast ratio of two colours."""
    return contrast(one.luminance, other.luminance)


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """`one` with `part` (0..1) of `other` blended in, in plain RGB so that it equals an overlay."""
    first, second = one.rgb, other.rgb
    blended = [round(a + (b - a) * part) for a, b in zip(first, second, strict=True)]
    return from_rgb((blended[0], blended[1], blended[2]))


def readable(colour: Colour, ground: Colour, least: float) -> Colour:
    """The colour, moved lighter or darker only as far as `least` contrast on the ground asks."""
    if ratio(colour, ground) >= least:
        return colour
    step = 0.015 if ground.luminance < 0.18 else -0.015
    moved = colour
    for _ in range(70):
        moved = moved.at(light=moved.light + step)
        if ratio(moved, ground) >= least:
            return moved
    return Colour(1.0, 0, 0) if step > 0 else Colour(0.0, 0, 0)


def distance(one: Colour, other: Colour) -> float:
    """How different two colours look: distance in OKLAB, hue counted by chroma."""
    turn = abs((one.hue - other.hue + 180) % 360 - 180) / 180
    return (
        abs(one.light - other.light)
        + 1.6 * abs(one.chroma - other.chroma)
        + 1.8 * turn * min(one.chroma, other.chroma) * 3
    )


WORDS: dict[str, str] = {
    "red": "#d63a32",
    "scarlet": "#e03a24",
    "crimson": "#b8243d",
    "ruby": "#a81e44",
    "cherry": "#b3223f",
    "burgundy": "#6d1f36",
    "wine": "#6b2136",
    "maroon": "#6e2230",
    "brick": "#a84a3a",
    "rust": "#b4532a",
    "coral": "#f27a63",
    "salmon": "#f0937d",
    "peach": "#f9c3a2",
    "apricot": "#f6b27a",
    "blush": "#f1c9c4",
    "rose": "#d9798b",
    "pink": "#ee8fae",
    "fuchsia": "#d62c9c",
    "magenta": "#d4219a",
    "raspberry": "#b4295f",
    "orange": "#f08a2c",
    "tangerine": "#f28a30",
    "amber": "#f0a92e",
    "terracotta": "#c4694a",
    "copper": "#b1683f",
    "bronze": "#96703f",
    "brown": "#7a5238",
    "chocolate": "#5a3a2a",
    "coffee": "#6b4c38",
    "caramel": "#bf8345",
    "tan": "#cba87e",
    "beige": "#e6d8c0",
    "sand": "#e4cfa8",
    "cream": "#f8efdc",
    "ivory": "#f7f2e4",
    "butter": "#f8e3a0",
    "lemon": "#f6dd55",
    "yellow": "#f4cb38",
    "mustard": "#d1a02c",
    "honey": "#e3a83b",
    "gold": "#c99a3c",
    "golden": "#d5a440",
    "straw": "#e2cf8e",
    "wheat": "#e5cf9f",
    "lime": "#a7cf3b",
    "chartreuse": "#b5d334",
    "green": "#3f9a57",
    "olive": "#7c7f3a",
    "moss": "#6e7d45",
    "sage": "#a3b596",
    "mint": "#abdcc4",
    "pistachio": "#bfd59a",
    "forest": "#27533c",
    "emerald": "#16855c",
    "jade": "#2e9678",
    "fern": "#5a8f4e",
    "leaf": "#5f9c4a",
    "seafoam": "#9fd9c8",
    "teal": "#14807f",
    "turquoise": "#27b5ae",
    "aqua": "#59c8cc",
    "cyan": "#1fc3df",
    "sky": "#8cc7ee",
    "azure": "#3d93e0",
    "sea": "#1d7c93",
    "ocean": "#135f80",
    "blue": "#2d63d0",
    "cobalt": "#1f4bb5",
    "royal": "#2c4cc4",
    "denim": "#46658f",
    "navy": "#1c2c54",
    "indigo": "#3a3794",
    "periwinkle": "#9aa3ea",
    "violet": "#7446c2",
    "purple": "#7a3aa8",
    "plum": "#5e2750",
    "aubergine": "#3f1d3b",
    "eggplant": "#3f1d3b",
    "lavender": "#c5b7ea",
    "lilac": "#c9acdf",
    "mauve": "#b48ea6",
    "orchid": "#c46fcb",
    "black": "#16141a",
    "ebony": "#1d1a1c",
    "charcoal": "#33353a",
    "graphite": "#3e4147",
    "grey": "#8b8d93",
    "gray": "#8b8d93",
    "silver": "#b9bcc2",
    "slate": "#5b6673",
    "steel": "#6d7d8f",
    "ash": "#b7b5b0",
    "stone": "#a79f93",
    "white": "#faf9f6",
    "snow": "#f8fafb",
    "pearl": "#efebe4",
    "linen": "#f1e8da",
    "sunset": "#f0764a",
    "sunrise": "#f6a06a",
    "earth": "#84603f",
    "clay": "#b9765a",
    "lagoon": "#1d9aa3",
    "wave": "#2c8fb0",
    "sun": "#f5c542",
    "night": "#1b1e3c",
    "midnight": "#1a1d3f",
    "ink": "#1c1c2b",
    "blood": "#8c1220",
    "strawberry": "#e0566a",
    "vanilla": "#f6ead0",
    "cinnamon": "#a8623c",
    "khaki": "#b3a36f",
    "acid": "#c6ef2b",
    "electric": "#2f5bff",
    "neon": "#2bf0d0",
}  # fmt: skip - a table of words, ten to the eye

_TWEAKS: dict[str, tuple[float, float]] = {  # lightness added, chroma multiplied
    "light": (0.12, 0.8),
    "pale": (0.2, 0.5),
    "pastel": (0.2, 0.55),
    "soft": (0.1, 0.7),
    "dusty": (0.02, 0.55),
    "muted": (0.0, 0.5),
    "dark": (-0.17, 0.9),
    "deep": (-0.14, 1.0),
    "bright": (0.05, 1.3),
    "vivid": (0.02, 1.4),
    "hot": (0.0, 1.45),
    "neon": (0.08, 1.9),
    "electric": (0.03, 1.7),
    "warm": (0.02, 1.05),
    "acid": (0.1, 1.8),
}  # fmt: skip - a table of words


def parse(text: str) -> Colour | None:
    """The colour that a word, a phrase (“dusty rose”, “sea green”) or #rrggbb names; None when it names none."""
    found = re.fullmatch(r"\s*#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\s*", text)
    if found and (text.strip().startswith("#") or len(found[1]) == 6):
        digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
        return from_rgb((int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)))
    words = re.findall(r"[a-z]+", text.lower()[:200])
    named = [word for word in words if word in WORDS]
    if not named:
        return None
    bases = [word for word in named if word not in _TWEAKS][-2:] or named[-1:]
    shades = [from_rgb((int(WORDS[w][1:3], 16), int(WORDS[w][3:5], 16), int(WORDS[w][5:7], 16))) for w in bases]
    colour = shades[0] if len(shades) == 1 else mix(shades[1], shades[0], 0.6)  # “sea green” is more sea than green
    for word in words:
        if word in _TWEAKS and word not in bases:
            light, chroma = _TWEAKS[word]
            colour = colour.at(light=min(0.97, max(0.1, colour.light + light)), chroma=min(0.3, colour.chroma * chroma))
    return colour
