"""Every layout by format and name, and the choice of one for a request."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations.values import PosterRequest
from ainfluencer.makers.adapters.poster import boards, carousels, lists, quotes, quotes_more, stories
from ainfluencer.makers.adapters.poster.scene import Leaf, Scene

MANY = 100_000
MOST_PAGES = 10  # what the large platforms take in one post
CLOSED = 5  # up to here a closing page is added


@dataclass(frozen=True, slots=True)
class Layout:
    """One design. `most` letters read well in it; `likes_picture` raises its chance when there is a picture."""

    name: str
    draw: Callable[[Scene], None]
    most: int = 260
    likes_picture: bool = False


LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "quote": (
        Layout("quote_monument", quotes.monument, 240),
        Layout("quote_portrait", quotes.portrait, 320, likes_picture=True),
        Layout("quote_split", quotes.split, 420, likes_picture=True),
        Layout("quote_frame", quotes.frame, 420),
        Layout("quote_strips", quotes_more.strips, 170, likes_picture=True),
        Layout("quote_sun", quotes_more.sun, 200),
        Layout("quote_grid", quotes_more.grid, 260),
        Layout("quote_polaroid", quotes_more.polaroid, 240, likes_picture=True),
    ),
    "list": (
        Layout("list_index", lists.index, 420),
        Layout("list_cards", lists.cards, 320),
        Layout("list_receipt", lists.receipt, 420),
        Layout("list_photo", lists.photo, 420, likes_picture=True),
        Layout("list_bands", lists.bands, 300),
    ),
    "story": (
        Layout("story_cover", stories.cover, 320, likes_picture=True),
        Layout("story_stack", stories.stack, 220),
        Layout("story_arch", stories.arch, 320, likes_picture=True),
        Layout("story_note", stories.note, 420),
        Layout("story_pillar", stories.pillar, 260, likes_picture=True),
    ),
    "look_board": (
        Layout("board_tiles", boards.tiles, 300),
        Layout("board_swatches", boards.swatches, 300),
        Layout("board_magazine", boards.magazine, 300, likes_picture=True),
        Layout("board_pinned", boards.pinned, 300),
    ),
    "carousel": (
        Layout("carousel_thread", carousels.thread, MANY),
        Layout("carousel_blocks", carousels.blocks, MANY),
        Layout("carousel_panorama", carousels.panorama, MANY),
        Layout("carousel_notebook", carousels.notebook, MANY),
    ),
}
VARIANTS: dict[str, tuple[str, ...]] = {kind: tuple(layout.name for layout in found) for kind, found in LAYOUTS.items()}


def letters(request: PosterRequest) -> int:
    """How much there is to read."""
    return len(request.title) + len(request.body) + sum(len(item) for item in request.items)


def choose(request: PosterRequest) -> Layout:
    """The layout that is named, else one by seed that the length suits and that was not used lately.

    Raises `InvalidInput` for an unknown format or layout.
    """
    known = LAYOUTS.get(request.format)
    if known is None:
        raise InvalidInput(
            f"There is no format “{request.format[:40]}”.", f"Use one of: {', '.join(LAYOUTS)}.", field="format"
        )
    if request.variant:
        named = next((layout for layout in known if layout.name == request.variant), None)
        if named is None:
            choices = ", ".join(layout.name for layout in known)
            raise InvalidInput(
                f"There is no layout “{request.variant[:40]}”.", f"Use one of: {choices}.", field="variant"
            )
        return named
    length = letters(request)
    fitting = [layout for layout in known if length <= layout.most] or [max(known, key=lambda layout: layout.most)]
    fresh = [layout for layout in fitting if layout.name not in request.avoid_variants] or fitting
    weights = [2 if layout.likes_picture and request.picture else 1 for layout in fresh]
    name = request.handle or request.attribution
    dice = random.Random(f"layout {request.seed} {request.format} {name}")  # noqa: S311 - dice of design
    return dice.choices(fresh, weights)[0]


def leaves(request: PosterRequest) -> tuple[Leaf, ...]:
    """The pages of a request: one, or cover, pages and closing of a carousel."""
    if request.format != "carousel":
        return (Leaf(title=request.title, body=request.body),)
    inner = list(request.items) or _paragraphs(request.body)
    if not inner:
        inner = [request.title]
    drafts: list[tuple[str, str]] = [("cover", "")] if request.title else []
    drafts += [("page", text) for text in inner]
    last_words = request.body if request.items else ""
    room = CLOSED if not last_words else MOST_PAGES
    if len(drafts) < room and (request.handle or request.attribution):
        drafts.append(("closing", last_words))
    if len(drafts) > MOST_PAGES:
        raise InvalidInput(
            f"{len(drafts)} pages are too many for one carousel.", "Use at most nine list lines.", field="items"
        )
    if len(drafts) < 2:
        drafts.append(("page", inner[-1]))
    count = len(drafts)
    closes = drafts[-1][0] == "closing"
    return tuple(Leaf(n + 1, count, kind, request.title, text, closes) for n, (kind, text) in enumerate(drafts))


def _paragraphs(body: str) -> list[str]:
    """A text in up to three parts of about equal length, cut between sentences."""
    sentences = [part for part in re.split(r"(?<=[.!?。！？])\s+|\n", body) if part]
    if not sentences:
        return []
    count = min(3, len(sentences))
    goal = len(body) / count
    parts: list[str] = [""]
    for sentence in sentences:
        if parts[-1] and len(parts) < count and len(parts[-1]) + len(sentence) / 2 > goal:
            parts.append("")
        parts[-1] = f"{parts[-1]} {sentence}".strip()
    return parts


def require_words(request: PosterRequest) -> None:
    """Every format needs something to say. Raises `InvalidInput`."""
    if not (request.title or request.body or request.items):
        raise InvalidInput("There are no words for this poster.", "Write a title, a text or list lines.", field="body")
