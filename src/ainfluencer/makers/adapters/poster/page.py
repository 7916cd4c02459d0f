"""The sheet that a layout draws on: layers of CSS, placed text, and what was measured of both once it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ainfluencer.core.colours import Colour
from ainfluencer.makers.adapters.poster import fonts
from ainfluencer.makers.adapters.poster.renderer import Renderer
from ainfluencer.makers.adapters.poster.typography import LINE_HEIGHT, Block

WIDTH = 1080.0  # every layout thinks in a sheet of this width; the picture is scaled from it
LARGE = 48.0  # units from which 3:1 is enough: WCAG says 18.66 px bold, and a phone shows 1080 units on about 400 px


@dataclass(frozen=True, slots=True)
class Placed:
    """Text as it was placed, in design units."""

    block: Block
    x: float
    y: float
    box: float
    align: str
    colour: Colour
    rotate: float
    role: str

    def left(self, number: int) -> float:
        """Where a line begins."""
        free = self.box - self.block.widths[number]
        return self.x + {"left": 0.0, "center": free / 2, "right": free}[self.align]

    def top(self, number: int) -> float:
        """Where the capitals of a line begin."""
        return self.y + number * self.block.leading


@dataclass
class Sheet:
    """A page in the making. Coordinates: x to the right, y down, 1080 units wide; text is placed by its capitals."""

    width_px: int
    height_px: int
    renderer: Renderer
    shade: float = 0.0  # extra darkness behind text on pictures, raised when measured contrast is too low
    images: dict[str, bytes] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)
    is_shaded: bool = False  # whether a layout asked for shade at all
    _layers: list[tuple[bool, str]] = field(default_factory=list)

    @property
    def scale(self) -> float:
        """Pixels per unit."""
        return self.width_px / WIDTH

    @property
    def width(self) -> float:
        """Always 1080."""
        return WIDTH

    @property
    def height(self) -> float:
        """Units from top to bottom."""
        return self.height_px / self.scale

    def box(self, x: float, y: float, width: float, height: float, css: str, inner: str = "") -> None:
        """A rectangle with any CSS."""
        if "rotate(" in css and "border-radius" not in css:
            css += ";border-radius:1px"  # the engine smooths turned edges only of rounded boxes
        place = f"position:absolute;left:{x:.2f}px;top:{y:.2f}px;width:{width:.2f}px;height:{height:.2f}px"
        self._layers.append((False, f'<div style="{place};{css}">{inner}</div>'))

    def fill(self, css: str) -> None:
        """The whole sheet."""
        self.box(0, 0, self.width, self.height, f"background:{css}")

    def line(self, x: float, y: float, length: float, colour: str, *, weight: float = 2, upright: bool = False) -> None:
        """A hairline."""
        wide, high = (weight, length) if upright else (length, weight)
        self.box(x, y, wide, high, f"background:{colour}")

    def disc(self, x: float, y: float, radius: float, css: str) -> None:
        """A circle around a point."""
        self.box(x - radius, y - radius, 2 * radius, 2 * radius, f"border-radius:50%;{css}")

    def svg(
        self, x: float, y: float, width: float, height: float, inner: str, *, css: str = "", view: str = ""
    ) -> None:
        """A drawing; `inner` is SVG of ours in units of the box (or of `view`)."""
        view = view or f"0 0 {width:.2f} {height:.2f}"
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.2f}" height="{height:.2f}" viewBox="{view}">{inner}</svg>'
        name = f"svg{len(self.images)}"
        self.images[name] = drawing.encode()
        self.picture(x, y, width, height, name, css)

    def picture(self, x: float, y: float, width: float, height: float, name: str, css: str = "") -> None:
        """A picture that was given by `add`, stretched over a rectangle."""
        self.box(x, y, width, height, f"background-image:url({name});background-size:100% 100%;{css}")

    def add(self, name: str, data: bytes) -> str:
        """Bytes of a picture under a name for `picture`."""
        self.images[name] = data
        return name

    def texture(self, name: str, tile: bytes, size: float, css: str) -> None:
        """A tile repeated over the whole sheet."""
        self.add(name, tile)
        repeat = f"background-image:url({name});background-repeat:repeat;background-size:{size:g}px {size:g}px"
        self.box(0, 0, self.width, self.height, f"{repeat};{css}")

    def write(
        self,
        block: Block,
        x: float,
        y: float,
        colour: Colour,
        *,
        box: float = 0.0,
        align: str = "",
        rotate: float = 0.0,
        role: str = "body",
    ) -> float:
        """Place text with its capitals at `y`; gives its last baseline. `box` is the width that it is aligned in.

        Text from right to left is aligned right where the layout says left. `rotate` turns it about (x, y), in degrees.
        """
        if not block.lines:
            return y
        align = align or "left"
        if block.is_rtl and align != "center":
            align = {"left": "right", "right": "left"}[align]
        spot = Placed(block, x, y, box or block.room or block.width, align, colour, rotate, role)
        self.placed.append(spot)
        for number in range(len(block.lines)):
            self._layers.append((True, _line(spot, number, "")))
        return y + block.height

    def ornament(self, block: Block, x: float, y: float, colour: str) -> None:
        """A sign that is drawing, not text: a quotation mark, a numeral as a shape."""
        for number in range(len(block.lines)):
            spot = Placed(block, x, y, block.width, "left", Colour(0, 0, 0), 0, "ornament")
            self._layers.append((False, _line(spot, number, f"color:{colour}")))

    def markup(self, *, text: bool = True) -> str:
        """The page as HTML, text above all shapes, or without its text."""
        shapes = "".join(layer for is_text, layer in self._layers if not is_text)
        inner = shapes + ("".join(layer for is_text, layer in self._layers if is_text) if text else "")
        style = f"position:relative;overflow:hidden;width:{self.width:g}px;height:{self.height:.3f}px;background:#fff"
        return f'<div style="{style}">{inner}</div>'

    def png(self) -> bytes:
        """The finished picture."""
        return self.renderer.png(self.markup(), (self.width_px, self.height_px), self.scale, self.images)

    def boxes(self) -> tuple[dict[str, Any], ...]:
        """Each text as drawn, in pixels, with its contrast against what lies behind it in the rendered picture."""
        raw = self.renderer.pixels(self.markup(text=False), (self.width_px, self.height_px), self.scale, self.images)
        pixels = np.frombuffer(raw, np.uint8).reshape(self.height_px, self.width_px, 4)
        return tuple(self._box(spot, pixels) for spot in self.placed)

    def _box(self, spot: Placed, pixels: NDArray[np.uint8]) -> dict[str, Any]:
        block = spot.block
        drop = block.size * min(0.26, fonts.metrics(block.type.family).descent)
        left = min(spot.left(n) for n in range(len(block.lines)))
        frame = _turned(spot, left, spot.y, block.width, block.height + drop)
        x, y, width, height = (round(part * self.scale) for part in frame)
        outside = x < -1 or y < -1 or x + width > self.width_px + 1 or y + height > self.height_px + 1
        return {
            "text": block.text,
            "role": spot.role,
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "font": block.type.family,
            "font_size": round(block.size * self.scale, 1),
            "lines": len(block.lines),
            "colour": spot.colour.hex,
            "contrast": self._contrast(spot, pixels),
            "needed": 3.0 if block.size >= LARGE else 4.5,
            "overflow": block.overflow or outside,
            "missing": block.missing,
        }

    def _contrast(self, spot: Placed, pixels: NDArray[np.uint8]) -> float:
        """The ratio that 95 of 100 points behind the letters reach or pass."""
        block, own = spot.block, spot.colour.luminance
        found: list[float] = []
        for number in range(len(block.lines)):
            frame = _turned(spot, spot.left(number), spot.top(number), block.widths[number], block.cap)
            x, y, width, height = (int(part * self.scale) for part in frame)
            patch = pixels[max(0, y) : max(0, y + height + 1) : 3, max(0, x) : max(0, x + width + 1) : 3, :3].reshape(
                -1, 3
            )
            if len(patch):
                found += list(contrast_of(own, patch))
        return round(float(np.percentile(found, 5)), 2) if found else 0.0


def contrast_of(own: float, patch: NDArray[np.uint8]) -> NDArray[np.float64]:
    """WCAG ratios of one luminance against many pixels."""
    parts = patch.astype(np.float64) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    lights = linear @ np.array([0.2126, 0.7152, 0.0722])
    ratios: NDArray[np.float64] = (np.maximum(lights, own) + 0.05) / (np.minimum(lights, own) + 0.05)
    return ratios


def _line(spot: Placed, number: int, css: str) -> str:
    block = spot.block
    x = spot.left(number) - spot.x
    y = number * block.leading + block.cap - block.baseline
    parts = [
        "position:absolute",
        f"left:{spot.x:.2f}px",
        f"top:{spot.y:.2f}px",
        "white-space:pre",
        f"line-height:{LINE_HEIGHT}",
        f"font-size:{block.size:.2f}px",
        block.type.css(block.families),
        f"color:{spot.colour.css()}",
        f"transform-origin:0 0;transform:rotate({spot.rotate:g}deg) translate({x:.2f}px,{y:.2f}px)",
        css,
    ]
    way = ' dir="rtl"' if block.is_rtl else ""
    return f'<div{way} style="{";".join(part for part in parts if part)}">{block.markup(number)}</div>'


def _turned(spot: Placed, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
    """The upright frame around a rectangle that was turned with its text."""
    if not spot.rotate:
        return x, y, width, height
    angle = math.radians(spot.rotate)
    corners = [(x - spot.x, y - spot.y), (x - spot.x + width, y - spot.y)]
    corners += [(px, py + height) for px, py in corners]
    xs = [spot.x + px * math.cos(angle) - py * math.sin(angle) for px, py in corners]
    ys = [spot.y + px * math.sin(angle) + py * math.cos(angle) for px, py in corners]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
