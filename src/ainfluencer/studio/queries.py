"""Questions about runs and assets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.media.models import MediaFile
from ainfluencer.studio.models import Asset, Run
from ainfluencer.studio.schemas import PosterRecipe, recipe_of


async def get_run(session: AsyncSession, actor: Actor, run_id: str) -> Run:
    """One run of the actor's workspace."""
    run = await session.scalar(select(Run).where(Run.id == run_id, Run.workspace_id == actor.workspace_id))
    if not run:
        raise NotFound("There is no such run.")
    return run


async def find_run(session: AsyncSession, actor: Actor, run_id: str) -> Run | None:
    """One run, or None when it was deleted."""
    found: Run | None = await session.scalar(
        select(Run).where(Run.id == run_id, Run.workspace_id == actor.workspace_id)
    )
    return found


async def get_asset(session: AsyncSession, actor: Actor, asset_id: str) -> Asset:
    """One asset that has not been deleted."""
    asset = await session.scalar(
        select(Asset).where(Asset.id == asset_id, Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
    )
    if not asset:
        raise NotFound("There is no such asset.", "It may have been deleted; go back to the library.")
    return asset


async def assets_with_files(
    session: AsyncSession, actor: Actor, asset_ids: Iterable[str]
) -> list[tuple[Asset, MediaFile]]:
    """Assets and their files in the order of the ids; unknown and deleted ones are left out."""
    wanted = list(asset_ids)
    rows = await session.execute(
        select(Asset, MediaFile)
        .join(MediaFile, MediaFile.id == Asset.file_id)
        .where(Asset.id.in_(wanted), Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
    )
    found = {asset.id: (asset, file) for asset, file in rows}
    return [found[i] for i in wanted if i in found]


async def assets_of_run(session: AsyncSession, actor: Actor, run_id: str) -> Sequence[Asset]:
    """What a run made, in page order."""
    rows = await session.scalars(
        select(Asset)
        .where(Asset.run_id == run_id, Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
        .order_by(Asset.position)
    )
    return rows.all()


async def assets_of_runs(session: AsyncSession, actor: Actor, run_ids: Iterable[str]) -> dict[str, list[Asset]]:
    """What several runs made, in page order, in one query."""
    asked = list(run_ids)
    if not asked:
        return {}
    rows = await session.scalars(
        select(Asset)
        .where(Asset.run_id.in_(asked), Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
        .order_by(Asset.position)
    )
    found: dict[str, list[Asset]] = {}
    for asset in rows:
        found.setdefault(asset.run_id or "", []).append(asset)
    return found


def poster_of(asset: Asset, run: Run | None) -> PosterRecipe | None:
    """What a designed picture was asked for with, None for any other picture.

    Where the record of its run was deleted, the maker's own note of the request is read.
    """
    if run is not None:
        recipe = recipe_of(run.recipe)
        return recipe if isinstance(recipe, PosterRecipe) else None
    noted = asset.recipe.get("request")
    if not isinstance(noted, dict) or "format" not in noted:
        return None
    known = {name: noted[name] for name in PosterRecipe.model_fields if name in noted}
    return PosterRecipe.model_validate({**known, "use_picture": bool(asset.recipe.get("uses_picture"))})


async def forebears(session: AsyncSession, actor: Actor, asset_ids: Iterable[str]) -> set[str]:
    """The assets that these were drawn in place of, and those before them."""
    found: set[str] = set()
    asked = set(asset_ids)
    while asked:
        rows = await session.scalars(
            select(Asset.redrawn_from_id).where(
                Asset.id.in_(asked), Asset.workspace_id == actor.workspace_id, Asset.redrawn_from_id.is_not(None)
            )
        )
        asked = {one for one in rows if one} - found
        found |= asked
    return found


async def redrawn_as(session: AsyncSession, actor: Actor, asset_id: str) -> Sequence[Asset]:
    """The assets that were drawn in place of this one, newest first."""
    rows = await session.scalars(
        select(Asset)
        .where(Asset.redrawn_from_id == asset_id, Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
        .order_by(Asset.id.desc())
    )
    return rows.all()


async def list_runs(
    session: AsyncSession,
    actor: Actor,
    *,
    character_id: str = "",
    state: str = "",
    before: str = "",
    limit: int = 50,
) -> Sequence[Run]:
    """Newest first; `before` is the id of the last run of the page before."""
    query = select(Run).where(Run.workspace_id == actor.workspace_id)
    if character_id:
        query = query.where(Run.character_id == character_id)
    if state:
        query = query.where(Run.state == state)
    if before:
        query = query.where(Run.id < before)
    return (await session.scalars(query.order_by(Run.id.desc()).limit(limit))).all()


async def recent_fingerprints(
    session: AsyncSession, actor: Actor, character_id: str, *, besides: Iterable[str] = (), limit: int = 60
) -> dict[str, str]:
    """Perceptual hashes of a character's latest pictures, by asset id (for near-duplicates)."""
    rows = await session.execute(
        select(Asset.id, MediaFile.phash)
        .join(MediaFile, MediaFile.id == Asset.file_id)
        .where(
            Asset.workspace_id == actor.workspace_id,
            Asset.character_id == character_id,
            Asset.deleted_at.is_(None),
            Asset.id.not_in(list(besides)),
            MediaFile.phash != "",
        )
        .order_by(Asset.created_at.desc())
        .limit(limit)
    )
    return dict(rows.all())


async def recent_variants(session: AsyncSession, actor: Actor, character_id: str, limit: int = 12) -> list[str]:
    """Names of the layouts that this character's latest posters used, newest first."""
    rows = await session.scalars(
        select(Asset.recipe)
        .where(Asset.workspace_id == actor.workspace_id, Asset.character_id == character_id, Asset.position == 0)
        .order_by(Asset.created_at.desc())
        .limit(limit)
    )
    return [str(recipe.get("variant")) for recipe in rows if recipe.get("variant")]
