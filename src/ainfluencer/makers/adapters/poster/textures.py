"""Paper, grain and printed patterns: small tiles and drawings, made once per process."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from ainfluencer.core.colours import Colour
from ainfluencer.makers.adapters.poster.page import Sheet

TILE = 180  # divides 1080, and a repeat at this distance is still seen by PNG compression


def _png(alpha: np.ndarray, light: np.ndarray) -> bytes:
    held = io.BytesIO()
    Image.merge("LA", (Image.fromarray(light), Image.fromarray(alpha))).save(held, "PNG")
    return held.getvalue()


@cache
def grain_tile(strength: int) -> bytes:
    """Film grain as light and dark specks of up to `strength` of 255 opacity."""
    noise = np.random.default_rng(7).normal(0, 1, (TILE, TILE))
    alpha = np.clip(np.abs(noise) * strength / 2.2, 0, strength).astype(np.uint8) // 3 * 3
    return _png(alpha, np.where(noise > 0, 255, 0).astype(np.uint8))


@cache
def paper_tile(strength: int) -> bytes:
    """Paper: soft clouds with a few fibres."""
    rng = np.random.default_rng(11)
    noise = rng.normal(128, 60, (TILE, TILE)).clip(0, 255).astype(np.uint8)
    wide = np.tile(noise, (3, 3))
    soft = np.asarray(Image.fromarray(wide).filter(ImageFilter.GaussianBlur(2.2)), np.float64)[
        TILE : 2 * TILE, TILE : 2 * TILE
    ]
    level = (soft - soft.mean()) / (soft.std() + 1e-6) + rng.normal(0, 0.55, (TILE, TILE))
    alpha = np.clip(np.abs(level) * strength / 2.4, 0, strength).astype(np.uint8) // 3 * 3
    return _png(alpha, np.where(level > 0, 255, 0).astype(np.uint8))


def grain(sheet: Sheet, strength: int = 10) -> None:
    """A breath of film grain over everything drawn so far."""
    sheet.texture(f"grain{strength}", grain_tile(strength), TILE, "")


def paper(sheet: Sheet, strength: int = 8) -> None:
    """Paper under everything that follows."""
    sheet.texture(f"paper{strength}", paper_tile(strength), TILE, "")


def glow(sheet: Sheet, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
    """A soft light that fades into nothing of its own colour, so that it never looks grey."""
    css = f"background:radial-gradient(circle,{colour.css(strength)} 0%,{colour.css(0)} 70%)"
    sheet.box(x - radius, y - radius, 2 * radius, 2 * radius, css)


def dots(sheet: Sheet, frame: tuple[float, float, float, float], step: float, radius: float, colour: str) -> None:
    """A field of dots."""
    x, y, width, height = frame
    inner = "".join(
        f'<circle cx="{column * step + step / 2:.1f}" cy="{row * step + step / 2:.1f}" r="{radius:g}"/>'
        for row in range(int(height // step))
        for column in range(int(width // step))
    )
    sheet.svg(x, y, width, height, f'<g fill="{colour}">{inner}</g>')


def ruled(
    sheet: Sheet, frame: tuple[float, float, float, float], step: float, colour: str, *, squares: bool = False
) -> None:
    """Lines of a notebook, or squares."""
    x, y, width, height = frame
    rows = "".join(f'<path d="M0 {n * step:.1f}H{width:.1f}"/>' for n in range(1, int(height // step) + 1))
    columns = (
        "".join(f'<path d="M{n * step:.1f} 0V{height:.1f}"/>' for n in range(1, int(width // step) + 1))
        if squares
        else ""
    )
    sheet.svg(x, y, width, height, f'<g stroke="{colour}" stroke-width="1.5" fill="none">{rows}{columns}</g>')
