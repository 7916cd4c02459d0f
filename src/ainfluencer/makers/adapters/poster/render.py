"""From a request to finished pictures: checks, layout, drawing, measuring. Pure: the same request gives the same bytes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations.values import MediaMade, PosterRequest
from ainfluencer.makers.adapters.poster import brand, fonts, layouts, pictures
from ainfluencer.makers.adapters.poster.layouts import VARIANTS
from ainfluencer.makers.adapters.poster.page import Sheet
from ainfluencer.makers.adapters.poster.palettes import MOODS
from ainfluencer.makers.adapters.poster.renderer import engine
from ainfluencer.makers.adapters.poster.scene import Leaf, Scene
from ainfluencer.makers.adapters.poster.typography import clean, undrawable

REVISION = 2  # raised whenever a design changes, so that a recipe says which drawing it meant
SHADES = (0.0, 0.3, 0.6, 1.0)
MOST_LETTERS = 900
MOST_LOST = 0.25  # above this part of missing letters a text is refused; below it they are reported

__all__ = ["VARIANTS", "pages", "render_poster"]


def render_poster(request: PosterRequest) -> tuple[MediaMade, ...]:
    """The finished pictures of a request: one, or one for each page of a carousel.

    Raises `InvalidInput` for sizes, formats, words or pictures that cannot be used.
    """
    return tuple(make() for make in pages(request))


def pages(request: PosterRequest) -> Iterator[Callable[[], MediaMade]]:
    """One call for each page, so that a caller can stop between them. Checks come before the first page."""
    words = _checked(request)
    layout = layouts.choose(words)
    for leaf in layouts.leaves(words):
        yield partial(_page, request, words, layout, leaf)


def _checked(request: PosterRequest) -> PosterRequest:
    wide, high = request.width, request.height
    if not (540 <= wide <= 2160 and 540 <= high <= 3840 and 1.0 <= high / wide <= 1.9):
        raise InvalidInput(
            f"A poster of {wide} × {high} pixels cannot be designed.",
            "Use 1080×1080, 1080×1350 or 1080×1920, or the same shapes between 540 and 2160 pixels wide.",
            field="width",
        )
    if request.mood not in MOODS:
        raise InvalidInput(f"There is no mood “{request.mood[:40]}”.", f"Use one of: {', '.join(MOODS)}.", field="mood")
    words = replace(
        request,
        title=clean(request.title),
        body=clean(request.body),
        items=tuple(text for text in (clean(item) for item in request.items) if text),
        kicker=clean(request.kicker).replace("\n", " "),
        attribution=clean(request.attribution).replace("\n", " "),
        handle=clean(request.handle).replace("\n", " "),
        style_words=tuple(clean(word)[:40] for word in request.style_words[:12]),
        colours=tuple(word[:60] for word in request.colours[:12]),
    )
    if words.format == "quote" and words.title and words.body and not words.kicker:
        words = replace(words, kicker=words.title)
    _limits(words)
    return words


def _limits(words: PosterRequest) -> None:
    """Enough words, not too many, and a font for them. Raises `InvalidInput`."""
    layouts.require_words(words)
    longest = max((len(text) for text in (*words.items, words.title, words.body)), default=0)
    total = longest if words.format == "carousel" else layouts.letters(words)
    if total > MOST_LETTERS:
        raise InvalidInput(
            f"There are {total} letters, which is too much to read in one picture.",
            f"Stay under {MOST_LETTERS} letters, or make a carousel with a part of the text on each page.",
            field="body",
        )
    if any(undrawable(text) > MOST_LOST for text in (words.title, words.body, *words.items)):
        raise InvalidInput(
            "No font on this machine can draw this writing.",
            "Install an open font for it, for example with: pip install fontpkg-noto-sans-arabic (or fontpkg-heebo for Hebrew).",
            code="no_font",
            field="body",
        )


def _page(request: PosterRequest, words: PosterRequest, layout: layouts.Layout, leaf: Leaf) -> MediaMade:
    """Draw with as little shade behind the text as its measured contrast allows."""
    own = brand.of(words)
    picture = pictures.load(words.picture) if words.picture else None
    for shade in SHADES:
        sheet = Sheet(words.width, words.height, engine(), shade)
        dice = random.Random(f"{words.seed} {layout.name} {leaf.number if leaf.kind == 'single' else 0}")  # noqa: S311 - design
        layout.draw(Scene(sheet, own, words, picture, dice, leaf))
        boxes = sheet.boxes()
        if not sheet.is_shaded or all(box["contrast"] >= box["needed"] for box in boxes):
            break
    return MediaMade(
        data=sheet.png(),
        mime="image/png",
        width=words.width,
        height=words.height,
        recipe=_recipe(request, layout.name, leaf, own, boxes),
        source_type="algorithmicMedia",
        text_boxes=boxes,
    )


def _recipe(
    request: PosterRequest, layout: str, leaf: Leaf, own: brand.Brand, boxes: tuple[dict[str, Any], ...]
) -> dict[str, Any]:
    values = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(request).items()}
    missing = "".join(dict.fromkeys(sign for box in boxes for sign in box["missing"]))
    return {
        "maker": "poster",
        "revision": REVISION,
        "renderer": engine().name,
        "request": {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()},
        "variant": layout,
        "page": leaf.number,
        "pages": leaf.count,
        "voices": own.voices.name,
        "motif": own.motif,
        "palette": {name: own.palette.colour(name).hex for name in ("main", "second", "accent", "ink", "paper")},
        "fonts": sorted({box["font"] for box in boxes if box["font"] in fonts.installed()}),
        "uses_picture": request.picture is not None,
        "notes": [
            *([f"No drawing or letter was found for: {missing}"] if missing else []),
            *_left_out(request, leaf, boxes),
        ],
    }


def _left_out(request: PosterRequest, leaf: Leaf, boxes: tuple[dict[str, Any], ...]) -> list[str]:
    """Which words of the request this layout has no place for."""
    if leaf.count > 1:
        return []
    shown = " ".join(str(box["text"]) for box in boxes)
    parts = {"title": request.title, "text": request.body, "kicker": request.kicker}
    return [f"Not shown: {name}" for name, text in parts.items() if clean(text) and clean(text)[:12] not in shown]
