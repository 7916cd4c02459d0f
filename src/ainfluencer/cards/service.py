"""Verbs on cards: read any file (pure), look into it, make a character of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import briefs, opening, queries
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.library import examining, files, keeping
from ainfluencer.cards.library.examining import examine, examine_for
from ainfluencer.cards.library.files import CardFile
from ainfluencer.cards.library.keeping import Added, OnSame, keep
from ainfluencer.cards.library.keeping import Reason as VersionReason
from ainfluencer.cards.library.revising import OpenedCard, propose, read, record
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.reading import limits, reader
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Notes, Payload
from ainfluencer.cards.schemas import CardSource
from ainfluencer.characters import queries as characters
from ainfluencer.characters import service as character_service
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import ConsentDraft
from ainfluencer.core.actor import Actor, Right
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile

__all__ = [
    "Added", "CardFile", "OnSame", "OpenedCard", "VersionReason", "add", "edit", "examine", "examine_for", "find_imported",
    "import_source", "keep", "propose", "read", "read_source", "record", "version_file",
]  # fmt: skip

MAX_BRIEF = 1_000_000
_BASE64_FILE = re.compile(rb"\s*[A-Za-z0-9+/_-]{120,}[A-Za-z0-9+/_=\s-]*\Z")
# A file of these kinds is a card or nothing: taken for a brief, it would be refused for the wrong reason.
_NEVER_A_BRIEF = frozenset(
    {".json", ".png", ".apng", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".charx", ".byaf", ".zip", ".htm", ".html"}
)


def read_source(data: bytes, filename: str = "") -> CardSource:
    """Any card or brief as a character draft, with everything kept that came. Pure and safe for hostile files.

    Raises `CardRefused` with a stable reason, `InvalidInput` for a brief that cannot be meant, and `PolicyRefused` for
    a sexual card of somebody who reads as a minor.
    """
    if _is_card_file(data, filename):
        return _from_card(data, filename)
    return _from_brief(data, filename)


def _is_card_file(data: bytes, filename: str) -> bool:
    """Whether the bytes must be a card (or nothing); otherwise they are a typed brief."""
    if reader.is_picture(data) or len(data) > limits.MAX_FILE:
        return True
    if PurePath(filename).suffix.lower() in _NEVER_A_BRIEF and data.strip():
        return True
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:1] in {b"{", b"[", b'"'} or head.startswith((b"\x00{", b"\x00[")):
        return not head.startswith(b"[") or b'"' in head or b"{" in head
    if _BASE64_FILE.match(data):
        return True
    is_text = not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return (is_text and (b"\0" in data or data.startswith(b"%PDF"))) or opening.is_yaml_card(data)


def _from_card(data: bytes, filename: str) -> CardSource:
    from ainfluencer.cards.understanding import drafting

    opened = opening.open_card(data, filename)
    payload, card = opened.payload, opened.card
    understood = drafting.understand(card, payload.notes, _origin(payload, card))
    draft = understood.draft
    if not draft.name.strip():
        stem = re.sub(r"[_-]+|\.card$", " ", PurePath(filename).stem).strip()[:100]
        draft = draft.model_copy(update={"name": stem or "Unnamed character"})
    return CardSource(
        draft=draft,
        picture=payload.picture,
        kind="card",
        container=payload.container.value,
        spec=card.spec,
        spec_version=card.spec_version,
        payload=payload.text,
        encoding=payload.encoding,
        wrapping=payload.wrapping,
        warnings=tuple(payload.notes),
        evidence=understood.evidence,
        rating=understood.verdict.rating.value,
        data=data,
        filename=filename,
        card=card,
    )


def _origin(payload: Payload, card: Card) -> str:
    return f"card {card.spec.upper()} ({payload.container.value.upper()})"


def _from_brief(data: bytes, filename: str) -> CardSource:
    from ainfluencer.cards.understanding import drafting, from_brief

    if len(data) > MAX_BRIEF:
        raise CardRefused(
            Reason.TOO_LARGE, f"A brief may have {MAX_BRIEF // 1_000_000} MB of text.", "Send a short brief, or a card."
        )
    notes = Notes()
    text = reader.decode_text(data, notes)
    fields = briefs.parse(text)
    layout = "yaml" if PurePath(filename).suffix.lower() in {".yaml", ".yml"} else "markdown"
    draft, evidence = from_brief.draft_of(fields, f"brief ({'YAML' if layout == 'yaml' else 'text'})")
    verdict = drafting.judged([text], draft.tags, draft.age, "brief")
    return CardSource(
        draft=draft,
        picture=None,
        kind="brief",
        container=layout,
        spec="",
        spec_version="",
        payload=data,
        encoding="utf-8",
        wrapping=(),
        warnings=tuple(notes),
        evidence=evidence,
        rating=verdict.rating.value,
        data=data,
        filename=filename,
    )


async def import_source(
    session: AsyncSession,
    actor: Actor,
    source: CardSource,
    picture_file: MediaFile | None,
    *,
    consent: ConsentDraft | None = None,
) -> Character:
    """Make the character of a source and keep the file and its text as they came, in the caller's transaction."""
    actor.require(Right.CREATE)
    character = await character_service.create(session, actor, source.draft, picture=picture_file, consent=consent)
    row = await _kept(session, actor, source, picture_file)
    row.character_id = character.id
    row.evidence = [{"field": e.field, "value": e.value, "source": e.source, "words": e.words} for e in source.evidence]
    row.summary = row.summary | source.summary
    await session.flush()
    accounts.record(
        session, actor, "card.imported", subject=("character", character.id), card_id=row.id, container=row.container
    )
    return character


async def _kept(session: AsyncSession, actor: Actor, source: CardSource, picture_file: MediaFile | None) -> CardRow:
    """The source as a card of the library (the one that this very file is already, while nobody is made of it), or as a brief."""
    if source.kind == "card":
        for row in await queries.list_same_file(session, actor, storage.sha256(source.data)):
            if row.character_id is None and row.kind == "card":
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
