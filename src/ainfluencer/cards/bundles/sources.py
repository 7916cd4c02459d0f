"""Where a workspace's offers come from: folders and addresses that are kept, looked at on demand, never while a page is drawn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards.bundles import folders, trust
from ainfluencer.cards.bundles.models import CardBundleSource
from ainfluencer.cards.bundles.schemas import OfferOut, SourceOut
from ainfluencer.cards.bundles.shapes import Offer
from ainfluencer.cards.storing import storable
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, LimitReached, NotFound, ProductError
from ainfluencer.db.session import database

MOST_SOURCES = 50


@dataclass(frozen=True, slots=True)
class Looked:
    """What a source offers now; with a `problem`, the offers are unknown."""

    offers: tuple[Offer, ...] = ()
    problem: str = ""


def required(actor: Actor, address: str) -> None:
    """`NotAllowed` unless this person may have that source looked at: folders are the owner's, addresses the manager's."""
    actor.require(Right.MANAGE)
    if not folders.is_far(address):
        folders.checked(actor, address)


async def look(actor: Actor, address: str) -> tuple[Offer, ...]:
    """What a folder or an address offers now. Asks outside: call it with no transaction open."""
    from ainfluencer.cards.bundles import catalogue

    if folders.is_far(address):
        return tuple(await catalogue.at_address(address))
    folder = folders.checked(actor, address)
    return tuple(await asyncio.to_thread(catalogue.in_folder, folder, stays=True))


async def add(actor: Actor, address: str) -> SourceOut:
    """Keep a source once it could be read; the refusal of the folder or address otherwise."""
    address = storable(address.strip())
    if not address or len(address) > 600 or (folders.is_far(address) and not folders.host_of(address)):
        raise InvalidInput("That is no address.", "Write a folder, or the address of a bundles.json.", field="address")
    required(actor, address)
    offers = await look(actor, address)
    async with database().writing() as session:
        rows = await _rows(session, actor)
        if any(row.address == address for row in rows):
            raise Conflict("This source is there already.", "Refresh it instead.")
        if len(rows) >= MOST_SOURCES:
            raise LimitReached(f"A workspace has up to {MOST_SOURCES} sources.", "Remove one first.")
        row = CardBundleSource(workspace_id=actor.workspace_id, address=address, added_by=actor.name[:200], problem="")
        row.offers, row.checked_at = _kept(offers), clock.now()
        session.add(row)
        await session.flush()
        accounts.record(session, actor, "bundle.source_added", subject=("bundle_source", row.id), address=address)
        return out(row)


async def refresh(actor: Actor, source_id: str) -> SourceOut:
    """Look at a source again. What it offered stays listed when it cannot be read, with the reason beside it."""
    async with database().reading() as session:
        address = (await get(session, actor, source_id)).address
    required(actor, address)
    looked = await _looked(actor, address)
    async with database().writing() as session:
        row = await get(session, actor, source_id)
        row.problem, row.checked_at = storable(looked.problem), clock.now()
        if not looked.problem:
            row.offers = _kept(looked.offers)
        return out(row)


async def _looked(actor: Actor, address: str) -> Looked:
    try:
        return Looked(await look(actor, address))
    except ProductError as refusal:
        return Looked(problem=f"{refusal.detail} {refusal.next_step}".strip())


def _kept(offers: tuple[Offer, ...]) -> list[dict[str, object]]:
    return [storable(one.model_dump()) for one in offers]


async def remove(session: AsyncSession, actor: Actor, source_id: str) -> None:
    """Let go of a source. Bundles that were opened, and cards that came from them, stay."""
    actor.require(Right.MANAGE)
    row = await get(session, actor, source_id)
    accounts.record(session, actor, "bundle.source_removed", subject=("bundle_source", row.id), address=row.address)
    await session.delete(row)


async def get(session: AsyncSession, actor: Actor, source_id: str) -> CardBundleSource:
    """One source; `NotFound` otherwise."""
    row = await session.scalar(
        select(CardBundleSource).where(
            CardBundleSource.workspace_id == actor.workspace_id, CardBundleSource.id == source_id
        )
    )
    if row is None:
        raise NotFound("There is no such source.", "Look at the list of sources.")
    return row


async def _rows(session: AsyncSession, actor: Actor) -> list[CardBundleSource]:
    question = select(CardBundleSource).where(CardBundleSource.workspace_id == actor.workspace_id)
    return list(await session.scalars(question.order_by(CardBundleSource.id)))


def out(row: CardBundleSource) -> SourceOut:
    """The public shape of a source."""
    return SourceOut(
        id=row.id,
        address=row.address,
        kind="address" if folders.is_far(row.address) else "folder",
        offers=len(row.offers),
        checked_at=row.checked_at,
        problem=row.problem,
        added_by=row.added_by,
    )


async def list_sources(session: AsyncSession, actor: Actor) -> list[SourceOut]:
    """Every source of the workspace."""
    return [out(row) for row in await _rows(session, actor)]


async def list_offers(
    session: AsyncSession, actor: Actor, known: trust.Known, *, q: str = "", source_id: str = ""
) -> list[OfferOut]:
    """What all sources (or one) offered when they were last looked at; `q`: every word stands in what is told of it."""
    words = q.casefold().split()
    found = []
    for row in await _rows(session, actor):
        if source_id and row.id != source_id:
            continue
        for offer in row.offers:
            one = OfferOut(**offer, source_id=row.id, trust=known.trust(offer.get("fingerprint", "")))
            said = f"{one.name} {one.description} {one.author} {one.licence} {one.url}".casefold()
            if all(word in said for word in words):
                found.append(one)
    return sorted(found, key=lambda one: (bool(one.problem), one.name.casefold()))
