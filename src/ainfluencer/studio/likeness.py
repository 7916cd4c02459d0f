"""A likeness is used only with a consent that holds at that moment (design.md section 7)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.models import Character
from ainfluencer.core.actor import Actor
from ainfluencer.studio.schemas import ImageRecipe, PosterRecipe


async def require(
    session: AsyncSession, actor: Actor, character_id: str | None, recipe: PosterRecipe | ImageRecipe
) -> None:
    """`PolicyRefused` (consent_missing) when the recipe shows somebody for whom no consent holds now.

    It is asked when a run is started and again when it is made, since a consent may end or be withdrawn meanwhile.
    Shown are: the character in a generated picture, the character's own picture on a poster, unless the recipe leaves
    it out, and whoever's profile picture or reference face the recipe names by its file. Words alone show nobody.
    `NotFound` for a character that is not there.
    """
    character = await characters.get(session, actor, character_id) if character_id else None
    for shown in await _shown(session, actor, character, recipe):
        await character_service.need_consent(session, actor, shown)


async def _shown(
    session: AsyncSession, actor: Actor, character: Character | None, recipe: PosterRecipe | ImageRecipe
) -> list[Character]:
    if isinstance(recipe, ImageRecipe):
        return [character] if character and await _has_likeness(session, actor, character) else []
    if recipe.picture_file_id:
        return await _pictured(session, actor, recipe.picture_file_id)
    return [character] if character and recipe.use_picture and character.picture_file_id else []


async def _has_likeness(session: AsyncSession, actor: Actor, character: Character) -> bool:
    """Whether the character has a face of its own: pictured, given as a reference, or ever stated in a consent."""
    if character.picture_file_id or characters.look_of(character.look).face_file_ids:
        return True
    return bool(await characters.list_consents(session, actor, character.id))


async def _pictured(session: AsyncSession, actor: Actor, file_id: str) -> list[Character]:
    """Whom that file shows: characters that have it as their picture, or among their reference faces."""
    everybody = select(Character).where(Character.workspace_id == actor.workspace_id)
    rows = await session.scalars(everybody.options(selectinload(Character.look)))
    return [
        one for one in rows if file_id == one.picture_file_id or file_id in characters.look_of(one.look).face_file_ids
    ]
