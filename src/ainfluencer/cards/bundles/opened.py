"""Bundles that lie open for a week: checked and looked into once, their cards picked, their pictures shown."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import opening
from ainfluencer.cards.bundles import folders, sources, trust
from ainfluencer.cards.bundles.models import CardBundle
from ainfluencer.cards.bundles.schemas import Bringing, BundleCard, BundleOut, KeyIn
from ainfluencer.cards.bundles.shapes import Offer
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.library import examining, importing
from ainfluencer.cards.library.importing import Waiting
from ainfluencer.cards.reading import limits
from ainfluencer.cards.storing import storable
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused
from ainfluencer.db.session import database
from ainfluencer.engine.models import Job
from ainfluencer.media import probe, storage

if TYPE_CHECKING:
    from ainfluencer.cards.bundles.bundle import Bundle, Item

LOOKED_AT = 100
"""Cards of a bundle that are read and judged when it is opened; of the others the list's own words are shown."""

KEPT = timedelta(seconds=importing.KEPT_SECONDS)
_LISTED = 30
_WIDTH = 320


@dataclass(frozen=True, slots=True)
class _Refused:
    """A card that the rules forbid, for the audit trail."""

    refusal: PolicyRefused
    data: bytes
    filename: str


async def open_bundle(actor: Actor, data: bytes, filename: str, *, origin: str = "", offer: Offer | None = None) -> str:
    """Check a bundle to its last byte, look into it and keep it for a week; answers its id.

    Raises `BundleRefused` for a file that is none or was changed, and `PolicyRefused` for a blocked key. Call it with no
    transaction open: the reading takes a while.
    """
    from ainfluencer.cards.bundles import bundle

    actor.require(Right.CREATE)
    made = await asyncio.to_thread(bundle.read, data)
    if offer is not None and offer.fingerprint not in {"", made.fingerprint}:
        raise bundle.BundleRefused("Another key signed the bundle than the list says.", code="bundle_forged")
    async with database().reading() as session:
        (await trust.known(session, actor)).check(made.fingerprint)
    cards, refused = await asyncio.to_thread(_look_into, made)
    for one in refused:
        await examining.record_refusal(actor, one.refusal, one.data, one.filename)
    row = CardBundle(
        workspace_id=actor.workspace_id,
        name=storable(made.about.name) or "No name",
        filename=storable(PurePath(filename).name)[:255],
        origin=storable(origin)[:2000],
        fingerprint=made.fingerprint,
        waiting=await asyncio.to_thread(storage.put_waiting, data, ".cardbundle"),
        size_bytes=len(data),
        about=storable(made.about.model_dump() | {"made_at": made.created_at}),
        contents=storable([card.model_dump() for card in cards]),
    )
    async with database().writing() as session:
        await _sweep(session, actor)
        session.add(row)
        await session.flush()
        accounts.record(session, actor, "bundle.opened", subject=("bundle", row.id), fingerprint=row.fingerprint)
        return row.id


async def open_offer(actor: Actor, source_id: str, url: str) -> str:
    """Fetch and open what a source offered; only what stands in its list is ever followed. `NotFound` otherwise."""
    from ainfluencer.cards.bundles import catalogue

    actor.require(Right.CREATE)
    async with database().reading() as session:
        row = await sources.get(session, actor, source_id)
        offers = [Offer.model_validate(one) for one in row.offers]
    offer = next((one for one in offers if one.url == url), None)
    if offer is None:
        raise NotFound("This source does not offer that bundle.", "Refresh the source, and choose again.")
    if offer.problem:
        raise InvalidInput(
            f"The bundle cannot be opened: {offer.problem}", "Choose another one, or refresh the source."
        )
    if folders.is_far(url):
        data = await catalogue.fetch(offer)
    else:
        data = await asyncio.to_thread(catalogue.local, folders.inside(actor, url))
    return await open_bundle(actor, data, PurePath(url.partition("?")[0]).name, origin=url, offer=offer)


def _look_into(made: Bundle) -> tuple[list[BundleCard], list[_Refused]]:
    """Every card checked against the list, and the first ones read and judged."""
    cards: list[BundleCard] = []
    refused: list[_Refused] = []
    for number, item in enumerate(made.cards, 1):
        data = made.card(item)
        listed = _listed(number, item)
        if number <= LOOKED_AT:
            try:
                listed = _judged(listed, data)
            except (CardRefused, PolicyRefused) as refusal:
                listed = listed.model_copy(update={"problem": refusal.detail[:500]})
                if isinstance(refusal, PolicyRefused):
                    refused.append(_Refused(refusal, data, item.file))
        cards.append(listed)
    return cards, refused


def _listed(number: int, item: Item) -> BundleCard:
    told = item.model_dump(
        include={"file", "name", "creator", "spec", "container", "rating", "lorebook_entries", "bytes"}
    )
    return BundleCard(number=number, tags=[tag[:60] for tag in item.tags[:20]], **told)


def _judged(listed: BundleCard, data: bytes) -> BundleCard:
    """What the card itself says: the list is its maker's word."""
    found = examining.examine(data, PurePath(listed.file).name)
    measured = found.measured
    return listed.model_copy(
        update={
            "name": measured.name,
            "creator": measured.creator,
            "spec": measured.spec,
            "container": measured.container,
            "tags": measured.tags[:20],
            "rating": measured.rating,
            "lorebook_entries": measured.lorebook_entries,
            "score": measured.score,
            "has_picture": found.picture is not None,
        }
    )


async def _sweep(session: AsyncSession, actor: Actor) -> None:
    """Forget what was opened longer ago than its file is kept."""
    await session.execute(
        delete(CardBundle).where(
            CardBundle.workspace_id == actor.workspace_id, CardBundle.created_at < clock.now() - KEPT
        )
    )


async def get(session: AsyncSession, actor: Actor, bundle_id: str) -> CardBundle:
    """One bundle that lies open; `NotFound` otherwise."""
    row = await session.scalar(
        select(CardBundle).where(
            CardBundle.workspace_id == actor.workspace_id,
            CardBundle.id == bundle_id,
            CardBundle.created_at >= clock.now() - KEPT,
        )
    )
    if row is None:
        raise NotFound("There is no such bundle, or its week is over.", "Open it again.")
    return row


async def list_opened(session: AsyncSession, actor: Actor, known: trust.Known) -> list[BundleOut]:
    """What lies open, the newest first."""
    question = select(CardBundle).where(
        CardBundle.workspace_id == actor.workspace_id, CardBundle.created_at >= clock.now() - KEPT
    )
    rows = await session.scalars(question.order_by(CardBundle.id.desc()).limit(_LISTED))
    return [out(row, known) for row in rows]


def out(row: CardBundle, known: trust.Known) -> BundleOut:
    """The public shape of an opened bundle."""
    return BundleOut(
        id=row.id,
        fingerprint=row.fingerprint,
        trust=known.trust(row.fingerprint),
        warning=known.warning(row.fingerprint, str(row.about.get("author", ""))),
        filename=row.filename,
        origin=row.origin,
        size_bytes=row.size_bytes,
        opened_at=row.created_at,
        until=row.created_at + KEPT,
        cards=[BundleCard.model_validate(one) for one in row.contents],
        **row.about,
    )


async def bring(session: AsyncSession, actor: Actor, bundle_id: str, wanted: Bringing) -> Job:
    """Begin to import some or all cards of an opened bundle. `PolicyRefused` when its key was blocked since."""
    actor.require(Right.CREATE)
    row = await get(session, actor, bundle_id)
    known = await trust.known(session, actor)
    known.check(row.fingerprint)
    cards = [BundleCard.model_validate(one) for one in row.contents]
    if unknown := set(wanted.numbers) - {card.number for card in cards}:
        raise InvalidInput(f"The bundle has no card {min(unknown)}.", "Choose from its list.", field="numbers")
    chosen = [card for card in cards if card.number in wanted.numbers or (not wanted.numbers and not card.problem)]
    if wanted.trust and known.trust(row.fingerprint) == "unknown":
        label = str(row.about.get("author", ""))
        await trust.decide(session, actor, KeyIn(fingerprint=row.fingerprint, label=label, state="trusted"))
    files = [Waiting(PurePath(card.file).name, row.waiting, member=card.file) for card in chosen]
    return await importing.start(
        session, actor, files, wanted.on_same, title=f"Import {row.name}", likeness=wanted.likeness
    )


async def remove(session: AsyncSession, actor: Actor, bundle_id: str) -> None:
    """Put a bundle away before its week is over; an import of it that still runs keeps its file."""
    actor.require(Right.CREATE)
    await session.delete(await get(session, actor, bundle_id))


async def picture(session: AsyncSession, actor: Actor, bundle_id: str, number: int) -> bytes:
    """The picture of a card, decoded and drawn anew as a small WebP: nothing else of a stranger's file reaches a browser."""
    row = await get(session, actor, bundle_id)
    file = next((one["file"] for one in row.contents if one["number"] == number and one["has_picture"]), "")
    if not file:
        raise NotFound("This card brings no picture.")
    return await asyncio.to_thread(_drawn, row.waiting, file)


def _drawn(waiting: str, file: str) -> bytes:
    from PIL import ImageOps

    with zipfile.ZipFile(storage.waiting_path(waiting)) as archive, archive.open(file) as member:
        data = member.read(limits.MAX_FILE)
    shown = opening.open_card(data, PurePath(file).name).payload.picture or b""
    image = ImageOps.exif_transpose(probe.open_image(shown)).convert("RGB")
    image.thumbnail((_WIDTH, _WIDTH * 2))
    out_file = io.BytesIO()
    image.save(out_file, "WEBP", quality=80)
    return out_file.getvalue()
