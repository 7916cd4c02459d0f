"""A likeness is used only with a consent on record (design.md section 7)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.models import Character
from ainfluencer.core.actor import Actor
from ainfluencer.studio.schemas import ImageRecipe, PosterRecipe


async def require(
    session: AsyncSession, actor: Actor, character_id: str | None, recipe: PosterRecipe | ImageRecipe
) -> None:
    """`PolicyRefused` (consent_missing) when the recipe shows somebody for whom no consent holds.

    Shown are: the character's own picture, unless the recipe leaves it out, and whoever's profile picture the recipe
    names by its file. Words alone show nobody. `NotFound` for a character that is not there.
    """
    character = await characters.get(session, actor, character_id) if character_id else None
    if isinstance(recipe, ImageRecipe):
        return
    if recipe.picture_file_id:
        for shown in await _pictured(session, actor, recipe.picture_file_id):
            await character_service.need_consent(session, actor, shown)
        if character and recipe.picture_file_id in characters.look_of(character.look).face_file_ids:
            await character_service.need_consent(session, actor, character)
    elif character and recipe.use_picture and character.picture_file_id:
        await character_service.need_consent(session, actor, character)


async def _pictured(session: AsyncSession, actor: Actor, file_id: str) -> list[Character]:
    rows = await session.scalars(
        select(Character).where(Character.workspace_id == actor.workspace_id, Character.picture_file_id == file_id)
    )
    return list(rows)
