"""The designs that the poster maker offers, each with a small sample drawn once and kept."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotFound, ProductError
from ainfluencer.core.ids import new_id
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import PosterRequest
from ainfluencer.makers import queries as maker_queries
from ainfluencer.makers import service as makers

FORMATS = (
    ("quote", "Quote", "One thought, large"),
    ("list", "List", "Three to six lines"),
    ("carousel", "Carousel", "Several pages to swipe"),
    ("story", "Story", "Full height, 9:16"),
    ("look_board", "Look board", "Colours and words"),
)
WIDTH = 200  # pixels of a sample
_SAMPLE = {
    "title": "Slow mornings, strong tea",
    "body": "Some days the best plan is a window and nothing else.",
    "items": ("Open the window", "Put the kettle on", "Write one line", "Leave the phone"),
    "kicker": "Notes",
    "attribution": "Mira",
    "handle": "mira",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A design: its name for the recipe, its title, and the format that it belongs to."""

    name: str
    title: str
    format: str


async def offered(session: AsyncSession, actor: Actor) -> str:
    """The slug of the maker that would draw a poster; empty when none is switched on."""
    choices = await maker_queries.choices(session, actor, Capability.POSTER)
    return choices[0].slug if choices else ""


async def all_layouts(actor: Actor, slug: str) -> list[Layout]:
    """Every design of that maker; none when it has no list."""
    if not slug:
        return []
    try:
        found = await makers.models(actor, slug)
    except ProductError:
        return []
    return [Layout(m.name, m.title, m.notes) for m in found]


async def sample(actor: Actor, slug: str, layout: Layout) -> Path:
    """A small picture of the design, drawn when first asked for. `NotFound` when it cannot be drawn."""
    if not layout.name.isidentifier():
        raise NotFound("There is no such layout.")
    target = settings().data / "media" / "variants" / "layouts" / f"{slug}-{layout.name}.webp"
    if await asyncio.to_thread(target.exists):
        return target
    request = PosterRequest(
        format=layout.format,
        width=540,
        height=960 if layout.format == "story" else 675,
        variant=layout.name,
        seed=7,
        mood="tender",
        **_SAMPLE,  # type: ignore[arg-type] # plain words by field
    )
    made = await makers.make(actor, request, slug=slug)
    await asyncio.to_thread(_keep, made.media[0].data, target)
    return target


def _keep(data: bytes, target: Path) -> None:
    from PIL import Image

    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.thumbnail((WIDTH, WIDTH * 2), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{new_id()}.part")
    picture.save(part, "WEBP", quality=84)
    part.replace(target)
