"""From a recipe and a character to what a maker is asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.actor import Actor
from ainfluencer.integrations.values import ImageRequest, PosterRequest
from ainfluencer.media import queries as media
from ainfluencer.media import storage
from ainfluencer.studio.schemas import ImageRecipe, PosterRecipe


def request_of(
    recipe: PosterRecipe | ImageRecipe, sheet: CharacterSheet | None, picture: Path | None
) -> PosterRequest | ImageRequest:
    """The request of a recipe in the look of a character."""
    if isinstance(recipe, ImageRecipe):
        look = sheet.look if sheet else None
        return ImageRequest(
            prompt=", ".join(p for p in (look.prompt_prefix if look else "", recipe.prompt) if p),
            negative_prompt=", ".join(p for p in (recipe.negative_prompt, look.negative_prompt if look else "") if p),
            width=recipe.width,
            height=recipe.height,
            seed=recipe.seed,
            count=recipe.count,
            model=recipe.model or (look.base_model if look else ""),
            settings=recipe.settings,
        )
    return PosterRequest(
        format=recipe.format,
        width=recipe.width,
        height=recipe.height,
        title=recipe.title,
        body=recipe.body,
        items=recipe.items,
        kicker=recipe.kicker,
        attribution=recipe.attribution,
        handle=sheet.handle if sheet else "",
        mood=recipe.mood,
        colours=sheet.look.colours if sheet else (),
        style_words=_style(sheet) if sheet else (),
        picture=picture,
        seed=recipe.seed,
        variant=recipe.variant,
        avoid_variants=recipe.avoid_variants,
    )


async def picture_of(
    session: AsyncSession, actor: Actor, recipe: PosterRecipe | ImageRecipe, sheet: CharacterSheet | None
) -> Path | None:
    """The local file that a poster is designed around: the recipe's, else the character's own, else none."""
    if not isinstance(recipe, PosterRecipe):
        return None
    if recipe.picture_file_id:
        file = await media.get(session, actor, recipe.picture_file_id)
        return storage.path_of(file.sha256, file.mime)
    if recipe.use_picture and sheet and sheet.picture_path and await asyncio.to_thread(Path(sheet.picture_path).exists):
        return Path(sheet.picture_path)
    return None


def _style(sheet: CharacterSheet) -> tuple[str, ...]:
    """Words that choose the motif: how they look, then what they care about."""
    return tuple(dict.fromkeys((*sheet.look.style_words[:6], *sheet.persona.topics, *sheet.interests)))[:12]
