"""Collections: named sets of assets; an asset may stand in several (LIB-016)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.library.models import Collection, CollectionItem
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset

MAX_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection and how many assets it holds."""

    id: str
    name: str
    count: int


async def all_shelves(session: AsyncSession, actor: Actor) -> list[Shelf]:
    """Every collection by name, with the number of assets that are still there, in one query."""
    present = (
        select(CollectionItem.collection_id, func.count().label("held"))
        .join(Asset, Asset.id == CollectionItem.asset_id)
        .where(CollectionItem.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None))
        .group_by(CollectionItem.collection_id)
        .subquery()
    )
    rows = await session.execute(
        select(Collection.id, Collection.name, func.coalesce(present.c.held, 0))
        .outerjoin(present, present.c.collection_id == Collection.id)
        .where(Collection.workspace_id == actor.workspace_id)
        .order_by(func.lower(Collection.name))
    )
    return [Shelf(id_, name, count) for id_, name, count in rows]


async def covers(session: AsyncSession, actor: Actor, each: int = 4) -> dict[str, list[str]]:
    """Thumbnails of the newest pictures of every collection, in one query."""
    place = func.row_number().over(
        partition_by=CollectionItem.collection_id, order_by=(Asset.created_at.desc(), Asset.id.desc())
    )
    ranked = (
        select(CollectionItem.collection_id, Asset.file_id, place.label("place"))
        .join(Asset, Asset.id == CollectionItem.asset_id)
        .where(CollectionItem.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None), Asset.kind == "image")
        .subquery()
    )
    rows = await session.execute(
        select(ranked.c.collection_id, ranked.c.file_id).where(ranked.c.place <= each).order_by(ranked.c.place)
    )
    found: dict[str, list[str]] = {}
    for collection_id, file_id in rows:
        found.setdefault(collection_id, []).append(f"/media/{file_id}/320.webp")
    return found


async def get(session: AsyncSession, actor: Actor, collection_id: str) -> Collection:
    """One collection of the actor's workspace."""
    found: Collection | None = await session.scalar(
        select(Collection).where(Collection.id == collection_id, Collection.workspace_id == actor.workspace_id)
    )
    if found is None:
        raise NotFound("There is no such collection.", "Choose one from the list.")
    return found


async def names_of(session: AsyncSession, actor: Actor, asset_id: str) -> list[Collection]:
    """The collections that hold an asset."""
    rows = await session.scalars(
        select(Collection)
        .join(CollectionItem, CollectionItem.collection_id == Collection.id)
        .where(CollectionItem.asset_id == asset_id, Collection.workspace_id == actor.workspace_id)
        .order_by(Collection.name)
    )
    return list(rows)


async def _free_name(session: AsyncSession, actor: Actor, name: str, besides: str = "") -> str:
    name = " ".join(name.split())[:120]
    if not name:
        raise InvalidInput("A collection needs a name.", "Write one or two words.", field="name")
    taken = await session.scalar(
        select(Collection.id).where(
            Collection.workspace_id == actor.workspace_id, Collection.name == name, Collection.id != besides
        )
    )
    if taken:
        raise Conflict(f"There is a collection called “{name}” already.", "Choose another name.", field="name")
    return name


async def create(session: AsyncSession, actor: Actor, name: str) -> Collection:
    """A new, empty collection."""
    actor.require(Right.CREATE)
    made = Collection(workspace_id=actor.workspace_id, name=await _free_name(session, actor, name))
    session.add(made)
    await session.flush()
    return made


async def rename(session: AsyncSession, actor: Actor, collection_id: str, name: str) -> Collection:
    """Give it another name."""
    actor.require(Right.CREATE)
    found = await get(session, actor, collection_id)
    found.name = await _free_name(session, actor, name, found.id)
    return found


async def remove(session: AsyncSession, actor: Actor, collection_id: str) -> None:
    """Take the collection away; its assets stay in the library."""
    actor.require(Right.CREATE)
    await session.delete(await get(session, actor, collection_id))
    await session.flush()


async def collect(session: AsyncSession, actor: Actor, collection_id: str, asset_ids: Sequence[str]) -> int:
    """Put assets into a collection; returns how many were new there."""
    actor.require(Right.CREATE)
    if not asset_ids or len(asset_ids) > MAX_ITEMS:
        raise InvalidInput(f"Select between 1 and {MAX_ITEMS} items.", "Change the selection.")
    home = await get(session, actor, collection_id)
    present = set(await session.scalars(select(CollectionItem.asset_id).where(CollectionItem.collection_id == home.id)))
    pairs = await studio.assets_with_files(session, actor, asset_ids)
    new = [asset for asset, _ in pairs if asset.id not in present]
    session.add_all(
        CollectionItem(workspace_id=actor.workspace_id, collection_id=home.id, asset_id=asset.id) for asset in new
    )
    await session.flush()
    return len(new)


async def take_out(session: AsyncSession, actor: Actor, collection_id: str, asset_ids: Sequence[str]) -> int:
    """Take assets out of a collection; they stay in the library."""
    actor.require(Right.CREATE)
    home = await get(session, actor, collection_id)
    gone = await session.execute(
        delete(CollectionItem).where(
            CollectionItem.collection_id == home.id, CollectionItem.asset_id.in_(list(asset_ids)[:MAX_ITEMS])
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined] # a DELETE answers with a cursor result
