"""The words that are drawn into a post's picture, and the job that draws them anew when they change."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.engine import queries as engine
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.models import Post
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset
from ainfluencer.studio.schemas import NewRun, PosterRecipe, PosterText


@dataclass(frozen=True, slots=True)
class Overlay:
    """The designed picture of a post: what it was asked for with, and the post's assets that show it, page by page."""

    recipe: PosterRecipe
    assets: tuple[Asset, ...]

    @property
    def text(self) -> PosterText:
        """The words on it."""
        return self.recipe.text

    @property
    def has_lines(self) -> bool:
        """Whether its design shows several short lines or pages."""
        return bool(self.text.items) or self.recipe.format in {"list", "carousel", "look_board"}

    def request(self, text: PosterText, alt_text: str, attempt: int = 0, avoid: tuple[str, ...] = ()) -> NewRun:
        """The same picture with other words: first in its own layout, after that in any other."""
        first = self.assets[0]
        layout = str(first.recipe.get("variant", "")) if attempt == 0 else ""
        recipe = self.recipe.model_copy(
            update={
                **text.model_dump(),
                "variant": layout,
                "seed": (self.recipe.seed + attempt * 15485863) % 2**31,
                "avoid_variants": tuple(dict.fromkeys(name for name in avoid if name))[:6],
            }
        )
        return NewRun.model_validate(
            {
                "character_id": first.character_id,
                "title": (text.title or text.body or first.title)[:120],
                "category": first.category,
                "alt_text": alt_text[:2000],
                "recipe": recipe,
            }
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """The job that draws a post's picture anew; None where its record was deleted."""

    job: Job | None

    @property
    def is_alive(self) -> bool:
        """Whether the picture is still on its way."""
        return self.job is not None and self.job.state in LIVE


async def find(session: AsyncSession, actor: Actor, whole: Content) -> Overlay | None:
    """The first picture of the post that was designed with words, with the other pages of its set."""
    for picture in whole.pictures:
        run = await studio.find_run(session, actor, picture.asset.run_id) if picture.asset.run_id else None
        recipe = studio.poster_of(picture.asset, run)
        if recipe is not None:
            set_of = [p.asset for p in whole.pictures if run and p.asset.run_id == run.id] or [picture.asset]
            return Overlay(recipe, tuple(set_of))
    return None


async def drawing_of(session: AsyncSession, actor: Actor, post: Post) -> Drawing | None:
    """What is being drawn for this post, or None when its picture has its present words."""
    if not post.drawing_job_id:
        return None
    try:
        return Drawing(await engine.get(session, actor, post.drawing_job_id))
    except NotFound:
        return Drawing(None)
