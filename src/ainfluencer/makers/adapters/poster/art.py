"""Drawn scenes: the built forms (grid and sun, tiles, arches, rays, scallops) and the choice of one for a character."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from ainfluencer.core.colours import mix
from ainfluencer.makers.adapters.poster.art_nature import (
    Paints,
    contours,
    cutouts,
    disc,
    hills,
    leaves,
    moon,
    rect,
    waves,
)


def horizon(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """A slatted sun over a floor of lines that run to the horizon."""
    level = height * rng.uniform(0.58, 0.64)
    radius = min(width * 0.36, level * 0.52)
    cx, cy = width / 2, level - radius * 0.62
    sky = f'<linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{paints.ground.hex}"/><stop offset="1" stop-color="{mix(paints.ground, paints.main, 0.55).hex}"/></linearGradient>'
    sun = f'<linearGradient id="u" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{paints.second.hex}"/><stop offset="1" stop-color="{paints.accent.hex}"/></linearGradient>'
    slats = "".join(
        f'<rect x="0" y="{cy + radius * (-0.1 + 0.17 * n):.1f}" width="{width:.1f}" height="{radius * (0.02 + 0.0135 * n):.1f}" fill="#000"/>'
        for n in range(7)
    )
    mask = f'<mask id="k"><rect width="{width:.1f}" height="{level:.1f}" fill="#fff"/>{slats}</mask>'
    parts = [f"<defs>{sky}{sun}{mask}</defs>", rect(width, height, "url(#s)")]
    parts += [
        disc(
            rng.uniform(0, width),
            rng.uniform(0, level * 0.8),
            rng.choice((1.2, 1.8, 2.6)),
            paints.light.hex,
            'fill-opacity=".8"',
        )
        for _ in range(48)
    ]
    parts.append(disc(cx, cy, radius, "url(#u)", 'mask="url(#k)"'))
    parts.append(
        f'<rect y="{level:.1f}" width="{width:.1f}" height="{height - level + 2:.1f}" fill="{mix(paints.ground, paints.dark, 0.6).hex}"/>'
    )
    depth = height - level
    rows = "".join(f"M0 {level + depth * (n / 11) ** 2.1:.1f}H{width:.1f}" for n in range(12))
    columns = "".join(
        f"M{cx + n * width * 0.045:.1f} {level:.1f}L{cx + n * width * 0.3:.1f} {height:.1f}" for n in range(-14, 15)
    )
    parts.append(f'<path d="{rows}{columns}" stroke="{paints.main.hex}" stroke-width="2.6" fill="none"/>')
    parts.append(f'<path d="M0 {level:.1f}H{width:.1f}" stroke="{paints.light.hex}" stroke-width="4"/>')
    return "".join(parts)


def tiles(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Square tiles of quarter circles, discs and diagonals."""
    columns = 4 if width > 420 else 3
    side = width / columns
    rows = math.ceil(height / side)
    colours = [
        paints.ground.hex,
        paints.main.hex,
        paints.second.hex,
        paints.accent.hex,
        paints.light.hex,
        paints.dark.hex,
    ]
    parts = [rect(width, height, paints.ground.hex)]
    for row in range(rows):
        for column in range(columns):
            base, top = rng.sample(colours, 2)
            turn = rng.randrange(4) * 90
            kind = rng.choice(("quarter", "quarter", "half", "disc", "leaf", "steps"))
            shape = {
                "quarter": f'<path d="M0 0H{side}A{side} {side} 0 0 1 0 {side}Z" fill="{top}"/>',
                "half": f'<path d="M0 0A{side / 2} {side / 2} 0 0 0 {side} 0Z" fill="{top}"/><path d="M0 {side / 2}A{side / 2} {side / 2} 0 0 0 {side} {side / 2}Z" fill="{top}"/>',
                "disc": disc(side / 2, side / 2, side * 0.36, top),
                "leaf": f'<path d="M0 0A{side} {side} 0 0 1 {side} {side}A{side} {side} 0 0 1 0 0Z" fill="{top}"/>',
                "steps": "".join(
                    f'<rect y="{side * n / 4:.1f}" width="{side:.1f}" height="{side / 8:.1f}" fill="{top}"/>'
                    for n in range(4)
                ),
            }[kind]
            centre = f"rotate({turn} {side / 2:.1f} {side / 2:.1f})"
            parts.append(
                f'<g transform="translate({column * side:.1f} {row * side:.1f})"><rect width="{side + 0.6:.1f}" height="{side + 0.6:.1f}" fill="{base}"/><g transform="{centre}">{shape}</g></g>'
            )
    return "".join(parts)


def arches(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Nested arches side by side and a disc above them."""
    parts = [rect(width, height, paints.sky.hex)]
    fills = [
        mix(paints.main, paints.dark, 0.25).hex,
        paints.main.hex,
        paints.second.hex,
        paints.accent.hex,
        paints.light.hex,
    ]
    parts.append(disc(width * rng.uniform(0.2, 0.8), height * 0.2, min(width, height) * 0.11, paints.accent.hex))
    places = [(0.28, 0.36, 0.3), (0.76, 0.3, 0.52), (0.5, 0.26, 0.66)]
    for n, (place, wide, top) in enumerate(places):
        outer = width * wide
        for ring, fill in enumerate(fills[n % 2 :]):
            radius = outer * (1 - ring * 0.2)
            x, y = width * place - radius, height * top + outer - radius
            parts.append(
                f'<path d="M{x:.1f} {height + 2:.1f}V{y + radius:.1f}A{radius:.1f} {radius:.1f} 0 0 1 {x + 2 * radius:.1f} {y + radius:.1f}V{height + 2:.1f}Z" fill="{fill}"/>'
            )
    return "".join(parts)


def rays(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Rays from one point, and the disc they come from."""
    cx, cy = width * rng.uniform(0.35, 0.65), height * rng.uniform(0.55, 0.72)
    reach, count = math.hypot(width, height), 18
    start = rng.uniform(0, 20)
    parts = [rect(width, height, paints.main.hex)]
    for n in range(count):
        first, last = (math.radians(start + (n + part) * 360 / count) for part in (0, 0.5))
        parts.append(
            f'<path d="M{cx:.1f} {cy:.1f}L{cx + reach * math.cos(first):.1f} {cy + reach * math.sin(first):.1f}L{cx + reach * math.cos(last):.1f} {cy + reach * math.sin(last):.1f}Z" fill="{mix(paints.main, paints.light, 0.22).hex}"/>'
        )
    radius = min(width, height) * 0.27
    parts += [
        disc(cx, cy, radius * 1.16, paints.dark.hex),
        disc(cx, cy, radius, paints.accent.hex),
        disc(cx, cy, radius * 0.62, paints.second.hex),
    ]
    return "".join(parts)


def scallops(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Rows of scallops, as on a shop's awning or a cake, each with a smaller one inside."""
    count = 4 if width > 420 else 3
    side = width / count
    fills = [paints.main.hex, paints.light.hex, paints.second.hex, paints.accent.hex]
    inner = [paints.light.hex, paints.accent.hex, paints.light.hex, paints.light.hex]
    shift = rng.randrange(4)
    rows = math.ceil(height / (side * 0.5)) + 2
    parts = [rect(width, height, paints.ground.hex)]
    for row in range(rows, -2, -1):
        y = row * side * 0.5 - side * 0.25
        for column in range(-1, count + 1):
            x = column * side + (side / 2 if row % 2 else 0) + side / 2
            kind = (row + shift) % 4
            parts += [
                disc(x, y, side / 2, fills[kind]),
                disc(x, y, side * 0.3, inner[kind]),
                disc(x, y, side * 0.12, fills[(kind + 3) % 4]),
            ]
    return "".join(parts)


MOTIFS: dict[str, tuple[Callable[[float, float, Paints, random.Random], str], tuple[str, ...]]] = {
    "waves": (waves, ("surf", "sea", "ocean", "beach", "swim", "sail", "coast", "water", "diver", "wave", "salt")),
    "moon": (
        moon,
        ("goth", "night", "dark", "witch", "mystic", "moon", "star", "astro", "librar", "book", "occult", "dream"),
    ),
    "leaves": (
        leaves,
        ("garden", "plant", "flower", "botan", "herb", "organic", "forest", "farm", "green", "tea", "nature"),
    ),
    "horizon": (
        horizon,
        ("cyber", "neon", "tech", "robot", "mechanic", "synth", "retro", "futur", "code", "gam", "hacker", "chrome"),
    ),
    "scallops": (
        scallops,
        ("bak", "cake", "sweet", "kitchen", "cook", "cute", "pastry", "candy", "tender", "cosy", "cozy"),
    ),
    "hills": (hills, ("hik", "mountain", "travel", "outdoor", "desert", "road", "advent", "wander", "trail")),
    "tiles": (tiles, ("design", "architect", "minimal", "modern", "city", "urban", "geometr", "street", "tailored")),
    "cutouts": (cutouts, ("art", "craft", "paint", "colour", "playful", "ceramic", "knit", "teacher", "whimsical")),
    "arches": (arches, ("boho", "yoga", "calm", "spirit", "warm", "vintage", "home", "interior", "linen", "earthy")),
    "rays": (rays, ("sport", "fitness", "energy", "bold", "music", "comic", "boxing", "dance", "power", "rock")),
    "contours": (contours, ("map", "run", "science", "data", "explor", "climb", "geolog", "quiet", "ski")),
}
COMPANIONS = {
    "waves": "hills",
    "moon": "hills",
    "leaves": "cutouts",
    "horizon": "tiles",
    "scallops": "arches",
    "hills": "contours",
    "tiles": "rays",
    "cutouts": "leaves",
    "arches": "hills",
    "rays": "tiles",
    "contours": "hills",
}  # fmt: skip - pairs


def choose(words: str, rng: random.Random) -> tuple[str, str]:
    """The character's motif and a second one that goes with it; style words decide, else the character's own dice."""
    scores = {name: sum(words.count(key) for key in keys) for name, (_, keys) in MOTIFS.items()}
    best = max(scores.values())
    first = next(name for name, score in scores.items() if score == best) if best else rng.choice(sorted(MOTIFS))
    return first, COMPANIONS[first]


def draw(name: str, width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """The SVG of a motif for a box."""
    return MOTIFS[name][0](width, height, paints, rng)
