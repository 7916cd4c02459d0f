"""Verbs on the library's assets."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from tempfile import SpooledTemporaryFile

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.library.models import AssetTag, Collection, CollectionItem
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


async def remove_tags(session: AsyncSession, actor: Actor, asset_id: str, tags: Sequence[str]) -> list[str]:
    """Remove tags; returns what is left."""
    actor.require(Right.CREATE)
    await studio.get_asset(session, actor, asset_id)
    await session.execute(
        delete(AssetTag).where(AssetTag.asset_id == asset_id, AssetTag.tag.in_([t.strip().lower() for t in tags]))
    )
    return sorted(await session.scalars(select(AssetTag.tag).where(AssetTag.asset_id == asset_id)))


async def create_collection(session: AsyncSession, actor: Actor, name: str) -> Collection:
    """A new, empty collection."""
    actor.require(Right.CREATE)
    name = name.strip()
    if not name:
        raise InvalidInput("A collection needs a name.", field="name")
    taken = await session.scalar(
        select(Collection.id).where(Collection.workspace_id == actor.workspace_id, Collection.name == name)
    )
    if taken:
        raise Conflict(f"There is a collection called “{name}” already.", "Choose another name.")
    made = Collection(workspace_id=actor.workspace_id, name=name[:120])
    session.add(made)
    await session.flush()
    return made


async def collect(session: AsyncSession, actor: Actor, collection_id: str, asset_ids: Sequence[str]) -> int:
    """Put assets into a collection; returns how many were new there."""
    actor.require(Right.CREATE)
    owned = await session.scalar(
        select(Collection.id).where(Collection.id == collection_id, Collection.workspace_id == actor.workspace_id)
    )
    if not owned:
        raise InvalidInput("There is no such collection.", "Choose one from the list.")
    present = set(
        await session.scalars(select(CollectionItem.asset_id).where(CollectionItem.collection_id == collection_id))
    )
    new = [a for a in await _many(session, actor, asset_ids) if a.id not in present]
    session.add_all(
        CollectionItem(workspace_id=actor.workspace_id, collection_id=collection_id, asset_id=a.id) for a in new
    )
    return len(new)


def bundle(items: Sequence[AssetOut]) -> bytes:
    """A zip of the originals and a manifest.json that says what each is (LIB-011)."""
    with SpooledTemporaryFile(max_size=50_000_000) as spool:
        with zipfile.ZipFile(spool, "w", zipfile.ZIP_STORED) as archive:
            for item in items:
                path = storage.path_of(item.sha256, item.mime)
                archive.write(path, f"{item.id}{path.suffix}")
            archive.writestr("manifest.json", json.dumps([i.model_dump(mode="json") for i in items], indent=1))
        spool.seek(0, io.SEEK_SET)
        return spool.read()
