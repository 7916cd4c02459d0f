"""Drawn scenes from nature as SVG: waves, hills, moon, leaves, cut-outs, contours. Deterministic for one `rng`."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from ainfluencer.core.colours import Colour, mix


@dataclass(frozen=True, slots=True)
class Paints:
    """The colours of a drawing: its ground, and a range from quiet to loud."""

    ground: Colour
    main: Colour
    second: Colour
    accent: Colour
    light: Colour
    dark: Colour

    @property
    def sky(self) -> Colour:
        """The ground, brighter: towards the light by day, towards the main colour by night."""
        return mix(self.ground, self.light, 0.4) if self.ground.luminance > 0.2 else mix(self.ground, self.main, 0.3)

    def ramp(self, count: int, start: Colour | None = None, end: Colour | None = None) -> list[str]:
        """`count` colours from one to the other, as #rrggbb."""
        first, last = start or self.light, end or self.dark
        return [mix(first, last, n / max(1, count - 1)).hex for n in range(count)]


def rect(width: float, height: float, fill: str) -> str:
    """A filled rectangle."""
    return f'<rect width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def disc(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """A filled circle."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" {extra}/>'


def _swell(width: float, height: float, y: float, parts: tuple[float, float, float]) -> str:
    """A closed path under a smooth swell. `parts`: height, length and shift of the swell."""
    lift, length, shift = parts
    half = length / 2
    x = -length + shift
    path = f"M{x:.1f} {y:.1f}"
    up = True
    while x < width + length:
        path += f"C{x + half * 0.37:.1f} {y + (-lift if up else lift):.1f} {x + half * 0.63:.1f} {y + (-lift if up else lift):.1f} {x + half:.1f} {y:.1f}"
        x += half
        up = not up
    return f"{path}V{height + 5:.1f}H{-length:.1f}Z"


def waves(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """A low sun over swells, each rank deeper, with lines of foam."""
    sun_x, radius = width * rng.uniform(0.56, 0.76), min(width, height) * rng.uniform(0.19, 0.25)
    horizon = height * rng.uniform(0.42, 0.5)
    parts = [rect(width, height, paints.sky.hex), disc(sun_x, horizon - radius * 0.35, radius, paints.accent.hex)]
    ranks = 6
    far = mix(paints.main, paints.sky, 0.55) if paints.ground.luminance < 0.2 else mix(paints.main, paints.light, 0.5)
    fills = paints.ramp(ranks, far, mix(paints.main, paints.dark, 0.55))
    for rank, fill in enumerate(fills):
        y = horizon + (height - horizon) * (rank / ranks) ** 1.12 + height * 0.015
        near = 0.45 + 0.55 * rank / ranks
        lift, length = height * 0.062 * near, width * (0.38 + 0.5 * near)
        swell = (lift, length, rng.uniform(0, length))
        path = _swell(width, height, y, swell)
        parts.append(f'<path d="{path}" fill="{fill}"/>')
        if rank % 2:
            foam = _swell(width, height, y + lift * 0.62, swell)
            parts.append(
                f'<path d="{foam}" fill="none" stroke="{paints.light.hex}" stroke-width="{2 + 2.5 * near:.1f}" stroke-opacity=".7"/>'
            )
    return "".join(parts)


def hills(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """A big sun behind ranges of hills."""
    radius = min(width, height) * rng.uniform(0.24, 0.31)
    parts = [rect(width, height, paints.sky.hex)]
    parts.append(disc(width * rng.uniform(0.3, 0.7), height * rng.uniform(0.34, 0.4), radius, paints.accent.hex))
    fills = paints.ramp(5, mix(paints.second, paints.light, 0.3), mix(paints.main, paints.dark, 0.6))
    for rank, fill in enumerate(fills):
        y = height * (0.46 + 0.12 * rank)
        lift = height * rng.uniform(0.06, 0.13)
        length = width * rng.uniform(0.8, 1.5)
        parts.append(f'<path d="{_swell(width, height, y, (lift, length, rng.uniform(0, length)))}" fill="{fill}"/>')
    return "".join(parts)


def _star(x: float, y: float, size: float) -> str:
    near = size * 0.16
    points = [(0, -size), (near, -near), (size, 0), (near, near), (0, size), (-near, near), (-size, 0), (-near, -near)]
    return "M" + "L".join(f"{x + px:.1f} {y + py:.1f}" for px, py in points) + "Z"


def moon(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """A moon inside fine rings, its phases on an arc, stars around it."""
    cx, cy = width / 2, height * (0.5 if width == height else 0.46)
    radius = min(width, height) * 0.2
    line = paints.light.hex
    parts = [rect(width, height, paints.ground.hex)]
    for n, part in enumerate((1.28, 1.75, 2.3)):
        dash = f'stroke-dasharray="1 {9 + 3 * n}" stroke-linecap="round"' if n == 1 else ""
        parts.append(
            f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{radius * part:.1f}" fill="none" stroke="{line}" stroke-opacity=".55" stroke-width="{2 + n % 2}" {dash}/>'
        )
    parts.append(disc(cx, cy, radius, paints.accent.hex))
    bite = radius * rng.uniform(0.35, 0.55)
    parts.append(f'<clipPath id="m"><circle cx="{cx:.1f}" cy="{cy:.1f}" r="{radius + 1:.1f}"/></clipPath>')
    parts.append(disc(cx + bite, cy - bite * 0.35, radius * 0.93, paints.ground.hex, 'clip-path="url(#m)"'))
    start = rng.uniform(0, 360)
    for n in range(8):
        angle = math.radians(start + n * 45)
        x, y = cx + radius * 1.75 * math.cos(angle), cy + radius * 1.75 * math.sin(angle)
        parts.append(disc(x, y, radius * 0.1, paints.second.hex))
        parts.append(disc(x + radius * 0.05 * (n - 4) / 2, y, radius * 0.1, paints.ground.hex))
    stars = []
    for _ in range(46):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        if math.hypot(x - cx, y - cy) > radius * 2.45:
            stars.append(_star(x, y, rng.choice((5, 7, 7, 10, 20)) * min(width, height) / 1000))
    return "".join(parts) + f'<path d="{"".join(stars)}" fill="{line}"/>'


def _leaf(x: float, y: float, length: float, angle: float, fill: str, breadth: float = 0.36) -> str:
    wide = length * breadth
    body = f"M0 0C{length * 0.22:.1f} {-wide:.1f} {length * 0.72:.1f} {-wide * 0.9:.1f} {length:.1f} 0C{length * 0.72:.1f} {wide * 0.9:.1f} {length * 0.22:.1f} {wide:.1f} 0 0Z"
    return f'<path transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f})" d="{body}" fill="{fill}"/>'


def _stem(foot: tuple[float, float], length: float, angle: float, colours: tuple[str, str], breadth: float) -> str:
    """A stem from its foot, bent a little, with leaves in pairs that shrink towards the tip."""
    parts: list[str] = []
    x, y, turn = foot[0], foot[1], angle
    step = length / 9
    path = f"M{x:.1f} {y:.1f}"
    for n in range(9):
        turn += 3.2 if angle > -90 else -3.2
        x += step * math.cos(math.radians(turn))
        y += step * math.sin(math.radians(turn))
        path += f"L{x:.1f} {y:.1f}"
        size = length * 0.3 * (1 - 0.075 * n)
        if n > 1:
            parts += [_leaf(x, y, size, turn + side * 52, colours[0], breadth) for side in (-1, 1)]
    parts.append(_leaf(x, y, length * 0.17, turn, colours[0], breadth))
    return (
        f'<path d="{path}" fill="none" stroke="{colours[1]}" stroke-width="{length * 0.012:.1f}" stroke-linecap="round"/>'
        + "".join(parts)
    )


def leaves(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Stems that grow from the lower edge before a round of colour."""
    parts = [rect(width, height, paints.sky.hex)]
    radius = min(width, height) * rng.uniform(0.27, 0.33)
    parts.append(disc(width * rng.uniform(0.4, 0.62), height * 0.37, radius, paints.accent.hex))
    fills = [
        mix(paints.main, paints.light, 0.35).hex,
        paints.main.hex,
        mix(paints.main, paints.dark, 0.45).hex,
        paints.second.hex,
    ]
    places = [0.5, 0.1, 0.9, 0.32, 0.7]
    if width > height * 2:  # a panorama: a hedge instead of a bunch
        places = [(n + 0.5) / (width / height * 3) for n in range(int(width / height * 3))]
    for n, place in enumerate(places):
        length = height * (0.82, 0.62, 0.66, 0.5, 0.46)[n % 5] * rng.uniform(0.92, 1.06)
        angle = -90 + (place - 0.5) * (34 if width <= height * 2 else 0) + rng.uniform(-7, 7)
        fill = fills[(n + 1) % len(fills)]
        parts.append(_stem((width * place, height * 1.03), length, angle, (fill, fill), rng.choice((0.2, 0.28, 0.36))))
    return "".join(parts)


def _blob(x: float, y: float, radius: float, arms: int, rng: random.Random) -> str:
    """A closed, cut-paper shape with rounded arms."""
    points = []
    start = rng.uniform(0, math.tau)
    for n in range(arms * 2):
        reach = radius * (rng.uniform(0.86, 1.08) if n % 2 == 0 else rng.uniform(0.38, 0.5))
        angle = start + n * math.tau / (arms * 2)
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, points[1:] + points[:1], strict=True)]
    path = f"M{middles[-1][0]:.1f} {middles[-1][1]:.1f}"
    for point, middle in zip(points, middles, strict=True):
        path += f"Q{point[0]:.1f} {point[1]:.1f} {middle[0]:.1f} {middle[1]:.1f}"
    return path + "Z"


def cutouts(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """Organic paper shapes on blocks of colour."""
    columns, rows = 2, max(2, round(2 * height / width))
    grounds = [paints.light.hex, paints.main.hex, paints.accent.hex, paints.second.hex]
    shift = rng.randrange(4)
    parts: list[str] = []
    wide, high = width / columns, height / rows
    for row in range(rows):
        for column in range(columns):
            number = row * columns + column + row + shift
            ground, fill = grounds[number % 4], grounds[(number + 1 + rng.randrange(2)) % 4]
            x, y = column * wide, row * high
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide + 1:.1f}" height="{high + 1:.1f}" fill="{ground}"/>'
            )
            arms = rng.choice((5, 6, 7, 9))
            parts.append(
                f'<path d="{_blob(x + wide / 2, y + high / 2, min(wide, high) * 0.4, arms, rng)}" fill="{fill}"/>'
            )
    return "".join(parts)


def contours(width: float, height: float, paints: Paints, rng: random.Random) -> str:
    """The height lines of a map around two summits."""
    parts = [rect(width, height, paints.ground.hex)]
    reach = math.hypot(width, height)
    cx, cy = width * rng.uniform(0.3, 0.7), height * rng.uniform(0.35, 0.6)
    waves_of = [(k, rng.uniform(0.02, 0.075), rng.uniform(0, math.tau)) for k in (2, 3, 5)]
    count = 22
    for ring in range(count, 0, -1):
        radius = reach * 0.64 * ring / count
        points = []
        for n in range(72):
            angle = n * math.tau / 72
            bend = 1 + sum(size * math.sin(k * angle + shift + ring * 0.12) for k, size, shift in waves_of)
            points.append(
                f"{cx + radius * bend * math.cos(angle):.1f} {cy + radius * bend * math.sin(angle) * 0.86:.1f}"
            )
        fill = mix(paints.main, paints.ground, min(1.0, ring / 13)).hex
        stroke = paints.accent.hex if ring % 5 == 0 else mix(paints.light, paints.ground, 0.35).hex
        parts.append(
            f'<path d="M{"L".join(points)}Z" fill="{fill}" stroke="{stroke}" stroke-width="{3 if ring % 5 == 0 else 1.6}"/>'
        )
    return "".join(parts)
