"""Verbs on the library's assets."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy import update as sql_update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.library.models import AssetTag
from ainfluencer.library.schemas import AssetOut
from ainfluencer.media import storage
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset, AssetState

MAX_BULK = 500


async def _many(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> list[Asset]:
    if not asset_ids:
        raise InvalidInput("Nothing is selected.", "Select at least one item.")
    if len(asset_ids) > MAX_BULK:
        raise InvalidInput(f"At most {MAX_BULK} items at once.", "Select fewer.")
    return [asset for asset, _ in await studio.assets_with_files(session, actor, asset_ids)]


async def approve(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> list[Asset]:
    """These may be used."""
    actor.require(Right.REVIEW)
    assets = await _many(session, actor, asset_ids)
    for asset in assets:
        asset.state, asset.rejection_reason = AssetState.APPROVED, ""
    return assets


async def reject(session: AsyncSession, actor: Actor, asset_ids: Sequence[str], reason: str) -> list[Asset]:
    """These may not be used, and why."""
    actor.require(Right.REVIEW)
    if not reason.strip():
        raise InvalidInput("A rejection needs a reason.", "Say in a few words what is wrong.", field="reason")
    assets = await _many(session, actor, asset_ids)
    for asset in assets:
        asset.state, asset.rejection_reason = AssetState.REJECTED, reason.strip()[:500]
    return assets


async def remove(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> int:
    """Take out of the library; posts that used them keep their pictures."""
    actor.require(Right.CREATE)
    assets = await _many(session, actor, asset_ids)
    for asset in assets:
        asset.deleted_at = clock.now()
    return len(assets)


async def restore(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> list[Asset]:
    """Bring back what was removed; ids that were not removed are left alone."""
    actor.require(Right.CREATE)
    if not asset_ids or len(asset_ids) > MAX_BULK:
        raise InvalidInput(f"Name between 1 and {MAX_BULK} items.", "Try again with fewer.")
    rows = await session.scalars(
        select(Asset).where(
            Asset.id.in_(list(asset_ids)), Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_not(None)
        )
    )
    assets = list(rows)
    for asset in assets:
        asset.deleted_at = None
    return assets


async def favour(session: AsyncSession, actor: Actor, asset_ids: Sequence[str], *, on: bool) -> list[Asset]:
    """Mark several as favourites, or no longer."""
    actor.require(Right.CREATE)
    assets = await _many(session, actor, asset_ids)
    for asset in assets:
        asset.is_favourite = on
    return assets


async def update(
    session: AsyncSession,
    actor: Actor,
    asset_id: str,
    *,
    title: str | None,
    alt_text: str | None,
    favourite: bool | None,
) -> Asset:
    """Change what a person may change."""
    actor.require(Right.CREATE)
    asset = await studio.get_asset(session, actor, asset_id)
    if title is not None:
        asset.title = title.strip()[:200]
    if alt_text is not None:
        asset.alt_text = alt_text.strip()[:2000]
    if favourite is not None:
        asset.is_favourite = favourite
    return asset


async def add_tags(session: AsyncSession, actor: Actor, asset_id: str, tags: Sequence[str]) -> list[str]:
    """Add tags; returns all of the asset's tags."""
    actor.require(Right.CREATE)
    await studio.get_asset(session, actor, asset_id)
    present = set(await session.scalars(select(AssetTag.tag).where(AssetTag.asset_id == asset_id)))
    wanted = {t.strip().lower()[:60] for t in tags if t.strip()}
    if len(present | wanted) > 50:
        raise InvalidInput("An asset holds at most 50 tags.", "Remove some first.", field="tags")
    session.add_all(
        AssetTag(workspace_id=actor.workspace_id, asset_id=asset_id, tag=tag) for tag in sorted(wanted - present)
    )
    return sorted(present | wanted)


async def tag_many(session: AsyncSession, actor: Actor, asset_ids: Sequence[str], tags: Sequence[str]) -> list[Asset]:
    """Add the same tags to several."""
    if not any(t.strip() for t in tags):
        raise InvalidInput("There is no tag to add.", "Write at least one word.", field="tags")
    assets = await _many(session, actor, asset_ids)
    for asset in assets:
        await add_tags(session, actor, asset.id, tags)
    return assets


async def set_tags(session: AsyncSession, actor: Actor, asset_id: str, tags: Sequence[str]) -> list[str]:
    """Exactly these tags."""
    wanted = {t.strip().lower()[:60] for t in tags if t.strip()}
    present = set(await add_tags(session, actor, asset_id, sorted(wanted)))
    await session.flush()
    return await remove_tags(session, actor, asset_id, sorted(present - wanted)) if present - wanted else sorted(wanted)


async def remove_tags(session: AsyncSession, actor: Actor, asset_id: str, tags: Sequence[str]) -> list[str]:
    """Remove tags; returns what is left."""
    actor.require(Right.CREATE)
    await studio.get_asset(session, actor, asset_id)
    await session.execute(
        delete(AssetTag).where(AssetTag.asset_id == asset_id, AssetTag.tag.in_([t.strip().lower() for t in tags]))
    )
    return sorted(await session.scalars(select(AssetTag.tag).where(AssetTag.asset_id == asset_id)))


def bundle(items: Sequence[AssetOut], target: Path) -> None:
    """Write a zip of the originals and a manifest.json that says what each is (LIB-011) to `target`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for item in items:
            path = storage.path_of(item.sha256, item.mime)
            archive.write(path, f"{item.id}{path.suffix}")
        archive.writestr("manifest.json", json.dumps([i.model_dump(mode="json") for i in items], indent=1))


async def tidy(session: AsyncSession, actor: Actor, *, older_than_days: int = 30) -> int:
    """Remove what was rejected that long ago and never used (IMG-017); it can be restored like anything removed."""
    actor.require(Right.MANAGE)
    if older_than_days < 0:
        raise InvalidInput("The number of days cannot be negative.", "Use 0 or more.", field="older_than_days")
    gone = await session.execute(
        sql_update(Asset)
        .where(
            Asset.workspace_id == actor.workspace_id,
            Asset.deleted_at.is_(None),
            Asset.state == AssetState.REJECTED,
            Asset.times_used == 0,
            Asset.is_favourite.is_(False),
            Asset.updated_at < clock.now() - timedelta(days=older_than_days),
        )
        .values(deleted_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined] # an UPDATE answers with a cursor result
