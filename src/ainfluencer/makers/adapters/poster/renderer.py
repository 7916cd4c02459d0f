"""The engine that turns HTML and CSS into pixels, behind a small protocol so that another can take its place."""

from __future__ import annotations

import html
import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from ainfluencer.makers.adapters.poster import fonts

REFERENCE = 100  # font size in pixels at which widths are measured


class Renderer(Protocol):
    """What the designs need of an engine: pictures and widths. Implementations are safe to call from threads."""

    name: str

    def png(self, markup: str, size: tuple[int, int], scale: float, images: Mapping[str, bytes]) -> bytes:
        """The page as a PNG of `size` pixels; `scale` is pixels per CSS pixel."""
        ...

    def pixels(self, markup: str, size: tuple[int, int], scale: float, images: Mapping[str, bytes]) -> bytes:
        """The page as rows of RGBA bytes."""
        ...

    def widths(self, texts: Sequence[str], css: str) -> list[float]:
        """The advance width of each text in em, set on one line with this CSS."""
        ...


class Takumi:
    """Takumi through pytakumi 0.1.5. It ignores http: and file: sources, and fonts are given to it as bytes once."""

    name = "pytakumi 0.1.5"

    def __init__(self) -> None:
        import pytakumi

        self._engine: Any = pytakumi.Renderer()
        self._from_html: Any = pytakumi.from_html
        self._lock = threading.Lock()
        self._known: set[str] = set()
        for family in fonts.FAMILIES:
            self._register(family)

    def _register(self, family: str) -> None:
        if family in self._known:
            return
        for file in fonts.installed().get(family, ()):
            self._engine.register_font(file.read_bytes(), name=family)
        self._known.add(family)

    def need(self, families: Sequence[str]) -> None:
        """Make families of other scripts known before text in them is measured."""
        with self._lock:
            for family in families:
                self._register(family)

    def png(self, markup: str, size: tuple[int, int], scale: float, images: Mapping[str, bytes]) -> bytes:
        """See `Renderer`."""
        return self._draw(markup, size, scale, images, "png")

    def pixels(self, markup: str, size: tuple[int, int], scale: float, images: Mapping[str, bytes]) -> bytes:
        """See `Renderer`."""
        return self._draw(markup, size, scale, images, "raw")

    def _draw(self, markup: str, size: tuple[int, int], scale: float, images: Mapping[str, bytes], kind: str) -> bytes:
        with self._lock:
            made: bytes = self._engine.render_html(
                markup, width=size[0], height=size[1], format=kind, images=dict(images), device_pixel_ratio=scale
            )
        return made

    def widths(self, texts: Sequence[str], css: str) -> list[float]:
        """See `Renderer`."""
        rows = "".join(f'<div style="white-space:pre">{html.escape(text)}</div>' for text in texts)
        style = f"display:flex;flex-direction:column;align-items:flex-start;font-size:{REFERENCE}px;{css}"
        with self._lock:
            tree = self._from_html(f'<div style="{style}">{rows}</div>')
            measured = self._engine.measure(tree, width=100_000, height=100_000)
        children = _rows(measured, len(texts))
        return [max((run["x"] + run["width"] for run in row["runs"]), default=0.0) / REFERENCE for row in children]


def _rows(measured: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The measured rows; the engine may or may not wrap what it was given in a root of its own."""
    node = measured
    while len(node["children"]) == 1 and count != 1:
        node = node["children"][0]
    if count == 1:
        while node["children"]:
            node = node["children"][0]
        return [node]
    rows: list[dict[str, Any]] = node["children"]
    return rows


@lru_cache(maxsize=1)
def engine() -> Takumi:
    """The one engine of this process, with the fonts in it."""
    return Takumi()
