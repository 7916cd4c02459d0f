"""Bundles over the API: sources and their offers, what lies open, known keys, and new ones. Words come before ids."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import File, Query, UploadFile

from ainfluencer.cards import intake
from ainfluencer.cards.bundles import opened, packing, sources, trust
from ainfluencer.cards.bundles.schemas import (
    Bringing,
    BundleOut,
    KeyIn,
    KeyOut,
    OfferIn,
    OfferOut,
    Packing,
    SourceIn,
    SourceOut,
)
from ainfluencer.cards.library.api.many import started
from ainfluencer.cards.library.schemas import JobStarted
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards/bundles", tags=["bundles"])


def _listed(items: list[Any]) -> dict[str, Any]:
    return {"items": items, "next_cursor": None}


async def shown(actor: Actor, bundle_id: str) -> BundleOut:
    """An opened bundle, read in a transaction of its own."""
    async with database().reading() as session:
        row = await opened.get(session, actor, bundle_id)
        return opened.out(row, await trust.known(session, actor))


@router.get("")
async def index(session: Read, actor: Who) -> dict[str, list[BundleOut] | None]:
    """Bundles that lie open, the newest first; each is kept for a week."""
    return _listed(await opened.list_opened(session, actor, await trust.known(session, actor)))


@router.post("", status_code=201)
async def open_file(
    actor: Who, file: Annotated[UploadFile, File(description="A .cardbundle that lies on your machine")]
) -> BundleOut:
    """Check a bundle to its last byte and say what is in it. Nothing comes into the library yet."""
    data, filename = await intake.uploaded(file, "")
    return await shown(actor, await opened.open_bundle(actor, data, filename))


@router.get("/sources")
async def list_sources(session: Read, actor: Who) -> dict[str, list[SourceOut] | None]:
    """Where offers come from."""
    return _listed(await sources.list_sources(session, actor))


@router.post("/sources", status_code=201)
async def add_source(body: SourceIn, actor: Who) -> SourceOut:
    """Keep a folder (owners only, inside bundle_folders) or the address of a bundles.json, once it can be read."""
    return await sources.add(actor, body.address)


@router.post("/sources/{source_id}/refreshment")
async def refresh_source(source_id: str, actor: Who) -> SourceOut:
    """Look at a source again; `problem` says why that failed."""
    return await sources.refresh(actor, source_id)


@router.delete("/sources/{source_id}", status_code=204)
async def remove_source(source_id: str, session: Write, actor: Who) -> None:
    """Let go of a source."""
    await sources.remove(session, actor, source_id)


@router.post("/sources/{source_id}/openings", status_code=201)
async def open_offer(source_id: str, body: OfferIn, actor: Who) -> BundleOut:
    """Fetch and check a bundle that a source offers."""
    return await shown(actor, await opened.open_offer(actor, source_id, body.url))


@router.get("/offers")
async def list_offers(
    session: Read, actor: Who, q: Annotated[str, Query(max_length=200)] = "", source: str = ""
) -> dict[str, list[OfferOut] | None]:
    """What the sources offered when they were last looked at; `trust` is about the key that the list names."""
    known = await trust.known(session, actor)
    return _listed(await sources.list_offers(session, actor, known, q=q, source_id=source))


@router.get("/keys")
async def list_keys(session: Read, actor: Who) -> dict[str, list[KeyOut] | None]:
    """Keys that somebody trusted or blocked."""
    return _listed(await trust.list_keys(session, actor))


@router.post("/keys", status_code=201)
async def decide_key(body: KeyIn, session: Write, actor: Who) -> KeyOut:
    """Trust or block a key; a later decision replaces an earlier one."""
    return await trust.decide(session, actor, body)


@router.delete("/keys/{key_id}", status_code=204)
async def forget_key(key_id: str, session: Write, actor: Who) -> None:
    """Let go of a decision: the key is unknown again."""
    await trust.forget(session, actor, key_id)


@router.post("/packings", status_code=202)
async def pack(body: Packing, session: Write, actor: Who) -> JobStarted:
    """Make a signed bundle of cards and characters as a job; its download in the format cardbundle is the file."""
    return started(await packing.start(session, actor, body))


@router.get("/{bundle_id}")
async def show(bundle_id: str, session: Read, actor: Who) -> BundleOut:
    """What is in an opened bundle, whose it is, and what is known of the key."""
    row = await opened.get(session, actor, bundle_id)
    return opened.out(row, await trust.known(session, actor))


@router.delete("/{bundle_id}", status_code=204)
async def remove(bundle_id: str, session: Write, actor: Who) -> None:
    """Put an opened bundle away; cards that came from it stay."""
    await opened.remove(session, actor, bundle_id)


@router.post("/{bundle_id}/imports", status_code=202)
async def bring(bundle_id: str, body: Bringing, session: Write, actor: Who) -> JobStarted:
    """Bring some or all cards into the library, as an import whose results are told card by card."""
    return started(await opened.bring(session, actor, bundle_id, body))
