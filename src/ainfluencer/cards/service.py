"""Verbs on cards: read any file (pure), look into it, make a character of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import opening, queries
from ainfluencer.cards.library import companions, examining, files, keeping
from ainfluencer.cards.library.examining import examine, examine_for
from ainfluencer.cards.library.files import CardFile
from ainfluencer.cards.library.keeping import Added, OnSame, keep, keep_many
from ainfluencer.cards.library.keeping import Reason as VersionReason
from ainfluencer.cards.library.revising import OpenedCard, propose, read, record
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.schemas import CardSource
from ainfluencer.cards.sources import read_source
from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import ConsentDraft
from ainfluencer.core.actor import Actor, Right
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile

__all__ = [
    "Added", "CardFile", "OnSame", "OpenedCard", "VersionReason", "add", "edit", "examine", "examine_for", "find_imported",
    "import_source", "keep", "keep_many", "propose", "read", "read_source", "record", "version_file",
]  # fmt: skip


async def import_source(
    session: AsyncSession,
    actor: Actor,
    source: CardSource,
    picture_file: MediaFile | None,
    *,
    consent: ConsentDraft | None = None,
    card: CardRow | None = None,
) -> Character:
    """Make the character of a source and keep the file and its text as they came, in the caller's transaction.

    `card`: the card of the library that the source was read from; without it the file becomes one.
    """
    actor.require(Right.CREATE)
    character = await character_service.create(session, actor, source.draft, picture=picture_file, consent=consent)
    row = card or await _kept(session, actor, source, picture_file)
    row.character_id = character.id
    if row.kind == "card":
        await companions.bind(session, actor, row, character)
    row.evidence = [{"field": e.field, "value": e.value, "source": e.source, "words": e.words} for e in source.evidence]
    row.summary = row.summary | source.summary
    await session.flush()
    accounts.record(
        session, actor, "card.imported", subject=("character", character.id), card_id=row.id, container=row.container
    )
    return character


async def _kept(session: AsyncSession, actor: Actor, source: CardSource, picture_file: MediaFile | None) -> CardRow:
    """The source as a card of the library (the one that this very file still is, while nobody is made of it), or as a brief."""
    if source.kind == "card":
        for row in await queries.list_same_file(session, actor, storage.sha256(source.data)):
            # A card that was edited since says something else: they would not be in step.
            if row.character_id is None and row.kind == "card" and row.version == 1:
                return row
        examined = await asyncio.to_thread(examining.examine, source.data, source.filename)
        row = (await keeping.keep(session, actor, examined)).row
        if picture_file is None:  # whose face it is was not stated: the file keeps it, and nobody is shown it
            row.picture_file_id = None
        return row
    mime = picture_file.mime if picture_file and source.data == source.picture else "application/octet-stream"
    row = CardRow(
        workspace_id=actor.workspace_id,
        kind=source.kind,
        filename=PurePath(source.filename).name[:255],
        name=source.draft.name,
        container=source.container,
        source_sha256=storage.put(source.data, mime),
        source_mime=mime,
        source_bytes=len(source.data),
        summary=source.summary,
        warnings=opening.told(list(source.warnings)),
        rating=source.rating,
    )
    session.add(row)
    return row


async def find_imported(session: AsyncSession, actor: Actor, data: bytes) -> tuple[Character, CardRow] | None:
    """The living character that exactly this file became before, with its card row; None when there is none."""
    for row in await queries.list_same_file(session, actor, storage.sha256(data)):
        if row.character_id and (character := await characters.find(session, actor, row.character_id)):
            return character, row
    return None


async def add(
    session: AsyncSession,
    actor: Actor,
    data: bytes,
    filename: str,
    *,
    on_same: OnSame | str = OnSame.KEEP_BOTH,
    reason: VersionReason | str = VersionReason.IMPORTED,
) -> Added:
    """Put a card file into the library. `Added` has the row, and whether it was added, made a version of, or skipped.

    Who holds no transaction yet calls `examine_for` before it and `keep` in it: then nobody waits for the reading.
    """
    examined = await asyncio.to_thread(examine, data, filename)
    return await keep(session, actor, examined, on_same=OnSame(on_same), reason=VersionReason(reason))


async def edit(
    session: AsyncSession,
    actor: Actor,
    card_id: str,
    *,
    rev: int,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word that the API uses
    remove: Sequence[str] = (),
) -> CardRow:
    """Change fields of the newest version: `Conflict` (changed_meanwhile) when `rev` is not the card's any more.

    Who holds no transaction yet calls `propose` in a reading one and `record` in a writing one.
    """
    change = await propose(session, actor, card_id, rev=rev, set=set, remove=remove)
    return await record(session, actor, change)


async def version_file(session: AsyncSession, actor: Actor, card_id: str, number: int = 0) -> CardFile:
    """The file of a card's newest (or the given) version: unedited, the very bytes that came."""
    found = await read(session, actor, card_id, number)
    return files.file_of(found.row, found.version, found.opened)
