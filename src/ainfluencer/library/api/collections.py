"""Collections over the API (LIB-016)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.library import shelves
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/collections", tags=["library"])


class CollectionOut(BaseModel):
    """A collection and how many assets it holds."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    count: int = 0


class CollectionPage(BaseModel):
    """Every collection; there is one page."""

    items: list[CollectionOut]
    next_cursor: str | None = None


class Name(BaseModel):
    """What a collection is called."""

    name: str = Field(min_length=1, max_length=120)


class Items(BaseModel):
    """Assets to put in or take out."""

    asset_ids: list[str] = Field(min_length=1, max_length=shelves.MAX_ITEMS)


class Moved(BaseModel):
    """How many were moved."""

    count: int


@router.get("")
async def index(session: Read, actor: Who) -> CollectionPage:
    """Every collection, by name."""
    return CollectionPage(
        items=[CollectionOut.model_validate(shelf) for shelf in await shelves.all_shelves(session, actor)]
    )


@router.post("", status_code=201)
async def create(body: Name, session: Write, actor: Who) -> CollectionOut:
    """A new, empty collection."""
    return CollectionOut.model_validate(await shelves.create(session, actor, body.name))


@router.get("/{collection_id}")
async def show(collection_id: str, session: Read, actor: Who) -> CollectionOut:
    """One collection; list its assets with GET /api/v2/assets?collection_id=."""
    found = await shelves.get(session, actor, collection_id)
    held = {shelf.id: shelf.count for shelf in await shelves.all_shelves(session, actor)}
    return CollectionOut(id=found.id, name=found.name, count=held.get(found.id, 0))


@router.patch("/{collection_id}")
async def rename(collection_id: str, body: Name, session: Write, actor: Who) -> CollectionOut:
    """Another name."""
    return CollectionOut.model_validate(await shelves.rename(session, actor, collection_id, body.name))


@router.delete("/{collection_id}", status_code=204)
async def remove(collection_id: str, session: Write, actor: Who) -> None:
    """Take the collection away; its assets stay."""
    await shelves.remove(session, actor, collection_id)


@router.post("/{collection_id}/items")
async def add(collection_id: str, body: Items, session: Write, actor: Who) -> Moved:
    """Put assets in; those that are there already count as nothing."""
    return Moved(count=await shelves.collect(session, actor, collection_id, body.asset_ids))


@router.delete("/{collection_id}/items")
async def take_out(collection_id: str, body: Items, session: Write, actor: Who) -> Moved:
    """Take assets out; they stay in the library."""
    return Moved(count=await shelves.take_out(session, actor, collection_id, body.asset_ids))
