"""What stays the same in every picture of one character: palette, voices of type, motif. Made from the request alone."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from ainfluencer.integrations.values import PosterRequest
from ainfluencer.makers.adapters.poster import art
from ainfluencer.makers.adapters.poster.palettes import Palette, build
from ainfluencer.makers.adapters.poster.typography import Type

_FRAUNCES = "'opsz' 144,'SOFT' 100,'WONK' 1"
_TEXT = Type("Inter", 450, leading=1.42, tracking=-0.008, axes="'opsz' 18")
_STRONG = Type("Inter", 650, leading=1.3, tracking=-0.012, axes="'opsz' 22")
_HAND = Type("Caveat", 600, leading=1.0)
_LABEL = Type("Inter", 650, tracking=0.13, upper=True, leading=1.3, axes="'opsz' 14")


@dataclass(frozen=True, slots=True)
class Voices:
    """Kinds of type: `display` shouts, `quiet` speaks (quotes), `text` explains, `strong` marks, `label` names."""

    name: str
    display: Type
    quiet: Type
    text: Type = _TEXT
    strong: Type = _STRONG
    label: Type = _LABEL
    hand: Type = _HAND


VOICES: dict[str, tuple[Voices, tuple[str, ...]]] = {
    "fraunces": (
        Voices(
            "fraunces",
            Type("Fraunces", 650, tracking=-0.012, leading=1.07, axes=_FRAUNCES),
            Type("Fraunces", 380, italic=True, tracking=-0.006, leading=1.2, axes=_FRAUNCES),
        ),
        ("garden", "bak", "warm", "cosy", "cozy", "rustic", "vintage", "home", "farm", "linen", "herb", "boho", "tea"),
    ),
    "playfair": (
        Voices(
            "playfair",
            Type("Playfair Display", 800, tracking=-0.012, leading=1.08),
            Type("Playfair Display", 500, italic=True, tracking=-0.006, leading=1.24),
        ),
        ("goth", "elegan", "librar", "book", "romantic", "victorian", "classic", "opera", "luxur", "literar", "velvet"),
    ),
    "dmserif": (
        Voices(
            "dmserif",
            Type("DM Serif Display", 400, tracking=-0.012, leading=1.06),
            Type("DM Serif Display", 400, italic=True, tracking=-0.004, leading=1.2),
        ),
        ("editorial", "fashion", "chic", "wine", "travel", "food", "chef", "parisian", "tailored"),
    ),
    "grotesk": (
        Voices(
            "grotesk",
            Type("Space Grotesk", 700, tracking=-0.035, leading=1.02),
            Type("Space Grotesk", 450, tracking=-0.022, leading=1.2),
            strong=Type("Space Grotesk", 650, leading=1.3, tracking=-0.015),
            label=Type("Space Grotesk", 600, tracking=0.12, upper=True, leading=1.3),
        ),
        ("cyber", "tech", "robot", "mechanic", "code", "futur", "scien", "neon", "data", "hacker", "chrome"),
    ),
    "anton": (
        Voices(
            "anton",
            Type("Anton", 400, upper=True, tracking=0.004, leading=1.14),
            Type("Inter", 600, tracking=-0.028, leading=1.18, axes="'opsz' 32"),
        ),
        ("sport", "fitness", "boxing", "energy", "football", "rock", "power", "gym", "street", "skate", "run"),
    ),
    "syne": (
        Voices(
            "syne",
            Type("Syne", 800, tracking=-0.03, leading=1.06),
            Type("Syne", 500, tracking=-0.018, leading=1.24),
        ),
        ("art", "avant", "club", "dj", "electronic", "dance", "experimental", "gallery", "sculpt", "music"),
    ),
    "bricolage": (
        Voices(
            "bricolage",
            Type("Bricolage Grotesque", 800, tracking=-0.006, leading=1.02, axes="'opsz' 96,'wdth' 88"),
            Type("Bricolage Grotesque", 420, tracking=-0.02, leading=1.18, axes="'opsz' 60,'wdth' 100"),
            strong=Type("Bricolage Grotesque", 680, leading=1.28, tracking=-0.012, axes="'opsz' 24,'wdth' 100"),
        ),
        ("surf", "beach", "playful", "kids", "friend", "hik", "outdoor", "craft", "cheer", "sun", "relaxed", "salt"),
    ),
}


@dataclass(frozen=True, slots=True)
class Brand:
    """One character's hand."""

    palette: Palette
    voices: Voices
    motif: str
    companion: str
    identity: int


def of(request: PosterRequest) -> Brand:
    """The brand of a request: the same for the same handle (or name), colours and style words."""
    name = request.handle or request.attribution
    words = " ".join((*request.style_words, name, *request.colours)).lower()[:600]
    digest = hashlib.sha256("\x1f".join((name, *request.colours, *request.style_words)).encode()).digest()
    identity = int.from_bytes(digest[:6])
    rng = random.Random(identity)  # noqa: S311 - dice of design, not of security
    scores = {name: sum(words.count(key) for key in keys) for name, (_, keys) in VOICES.items()}
    best = max(scores.values())
    chosen = next(n for n, score in scores.items() if score == best) if best else rng.choice(sorted(VOICES))
    motif, companion = art.choose(words, rng)
    palette = build(request.colours, request.mood, random.Random(identity + 1))  # noqa: S311 - as above
    return Brand(palette, VOICES[chosen][0], motif, companion, identity)
