"""JSON routes over the library as a whole: lists, tags, creators, duplicates, one file added."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import File, Form, Query, UploadFile

from ainfluencer.cards import intake, service
from ainfluencer.cards.library import kinship, listing
from ainfluencer.cards.library.keeping import OnSame
from ainfluencer.cards.library.schemas import AddedOut, CardPage, DuplicateGroup, Filter, NamedCount
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])


@router.get("")
async def index(
    session: Read,
    actor: Who,
    wanted: Annotated[Filter, Query()],
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 60,
) -> CardPage:
    """Cards that match every filter given; `q` finds words of the card, its tags and its note."""
    return await listing.list_cards(session, actor, wanted, cursor=cursor, limit=limit)


@router.post("", status_code=201)
async def add(
    actor: Who,
    file: Annotated[UploadFile, File(description="A card: PNG, JSON, CharX, BYAF, WebP, JPEG or YAML")],
    on_same: Annotated[OnSame, Form(description="When the file, its text or its name is there already")] = (
        OnSame.KEEP_BOTH
    ),
) -> AddedOut:
    """Add one card. A card of the same name is never overwritten."""
    actor.require(Right.CREATE)
    data, filename = await intake.uploaded(file, "")
    examined = await service.examine_for(actor, data, filename)
    async with database().writing() as session:
        added = await service.keep(session, actor, examined, on_same=on_same)
        card = (await listing.described(session, actor, [added.row]))[0]
    return AddedOut(outcome=added.outcome, card=card, warnings=examined.measured.warnings)


@router.get("/tags")
async def tags(
    session: Read, actor: Who, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, list[NamedCount]]:
    """Every tag with the number of its cards, the most used first."""
    return {"items": await listing.tags(session, actor, limit)}


@router.get("/creators")
async def creators(
    session: Read, actor: Who, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, list[NamedCount]]:
    """Who made the cards, with the number of their cards."""
    return {"items": await listing.creators(session, actor, limit)}


@router.get("/duplicates")
async def duplicates(
    session: Read,
    actor: Who,
    how: Literal["", "file", "text", "near_text", "near_picture"] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, list[DuplicateGroup]]:
    """Groups of cards that are the same file or text, or nearly the same text or picture."""
    return {"items": await kinship.groups(session, actor, how, limit=limit)}
