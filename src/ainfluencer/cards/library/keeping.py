"""Puts cards into the library: as a new card, as a new version of one that is there, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ainfluencer.accounts import service as accounts
from ainfluencer.cards.library import fingerprints
from ainfluencer.cards.library.examining import Examined, Measured
from ainfluencer.cards.models import CardRow, CardTag, CardText, CardVersion
from ainfluencer.cards.queries import locked
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.ids import new_id
from ainfluencer.db.base import Base
from ainfluencer.media import queries as media_queries
from ainfluencer.media import service as media
from ainfluencer.media import storage
from ainfluencer.media.service import Incoming


class OnSame(StrEnum):
    """What happens to a file whose card is there already: the same file, the same text, or the same name and creator."""

    KEEP_BOTH = "keep_both"
    NEW_VERSION = "new_version"
    SKIP = "skip"


class Reason(StrEnum):
    """Why there is a version."""

    IMPORTED = "imported"
    EDITED = "edited"
    FIXED = "fixed"
    MERGED = "merged"
    RESTORED = "restored"
    CONVERTED = "converted"
    FORGED = "forged"
    CHARACTER = "character"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file: `outcome` is added, new_version or skipped (then `row` is the card that was there)."""

    row: CardRow
    outcome: str


async def keep(
    session: AsyncSession,
    actor: Actor,
    examined: Examined,
    *,
    on_same: OnSame = OnSame.KEEP_BOTH,
    reason: Reason = Reason.IMPORTED,
) -> Added:
    """Put an examined file into the library. The same name never overwrites: what was there stays a version or a card."""
    return (await keep_many(session, actor, [examined], on_same=on_same, reason=reason))[0]


async def keep_many(
    session: AsyncSession,
    actor: Actor,
    examined: Sequence[Examined],
    *,
    on_same: OnSame = OnSame.KEEP_BOTH,
    reason: Reason = Reason.IMPORTED,
) -> list[Added]:
    """The same for several, one after the other, with a statement for all where one for each would take most of the time."""
    actor.require(Right.CREATE)
    there = _There() if on_same is OnSame.KEEP_BOTH else await _there(session, actor, examined, on_same)
    added, new = [], list[tuple[CardRow, Examined]]()
    for one in examined:
        row = there.find(one)
        if row is None:
            row = _row(actor, one)
            new.append((row, one))
            added.append(Added(row, "added"))
            if on_same is not OnSame.KEEP_BOTH:
                there.add(row)
        elif on_same is OnSame.SKIP or row.text_sha256 == one.measured.text_sha256:
            added.append(Added(row, "skipped"))
        else:
            await _bring_in(session, actor, new, reason)  # the row may be one of these
            new = []
            await put_version(session, actor, row, one, reason=reason, touched=[])
            added.append(Added(row, "new_version"))
            there.add(row)
    await _bring_in(session, actor, new, reason)
    return added


class _There:
    """Cards of the library that files are compared with: by file, by text, by name and creator. The newest counts."""

    def __init__(self, rows: Iterable[CardRow] = ()) -> None:
        self._files: dict[str, CardRow] = {}
        self._texts: dict[str, CardRow] = {}
        self._names: dict[tuple[str, str], CardRow] = {}
        for row in rows:
            self.add(row)

    def add(self, row: CardRow) -> None:
        self._files[row.source_sha256] = row
        self._texts[row.text_sha256] = row
        self._names[row.name_key, row.creator_key] = row

    def find(self, examined: Examined) -> CardRow | None:
        measured = examined.measured
        return (
            self._files.get(examined.sha256)
            or self._texts.get(measured.text_sha256)
            or self._names.get((measured.name_key, measured.creator_key))
        )


async def _there(session: AsyncSession, actor: Actor, examined: Sequence[Examined], on_same: OnSame) -> _There:
    names = {(one.measured.name_key, one.measured.creator_key) for one in examined}
    ways: tuple[tuple[ColumnElement[bool], tuple[InstrumentedAttribute[str], ...]], ...] = (
        (CardRow.source_sha256.in_({one.sha256 for one in examined}), (CardRow.source_sha256,)),
        (CardRow.text_sha256.in_({one.measured.text_sha256 for one in examined}), (CardRow.text_sha256,)),
        (tuple_(CardRow.name_key, CardRow.creator_key).in_(names), (CardRow.name_key, CardRow.creator_key)),
    )
    ids = union(
        *(
            select(func.max(CardRow.id))
            .where(
                CardRow.workspace_id == actor.workspace_id, CardRow.kind == "card", CardRow.deleted_at.is_(None), way
            )
            .group_by(*alike)
            for way, alike in ways
        )
    )
    found = select(CardRow).where(CardRow.workspace_id == actor.workspace_id, CardRow.id.in_(ids)).order_by(CardRow.id)
    return _There(await session.scalars(locked(found) if on_same is OnSame.NEW_VERSION else found))


def _row(actor: Actor, examined: Examined) -> CardRow:
    return CardRow(
        id=new_id(),
        workspace_id=actor.workspace_id,
        kind="card",
        filename=examined.filename,
        source_sha256=examined.sha256,
        source_mime=examined.mime,
        source_bytes=len(examined.opened.data),
        version=0,
        rev=1,
        changed_at=clock.now(),
        **_columns(examined.measured),
    )


async def _bring_in(
    session: AsyncSession, actor: Actor, new: Sequence[tuple[CardRow, Examined]], reason: Reason
) -> None:
    """Store cards that were not there, each with its first version, picture, words and tags."""
    pictured = [(row, one) for row, one in new if one.picture is not None and one.opened.payload.picture is not None]
    files = await media.store_many(
        session,
        actor,
        [
            Incoming(one.opened.payload.picture or b"", one.filename, row.name[:200], one.picture)
            for row, one in pictured
        ],
    )
    for (row, _), file in zip(pictured, files, strict=True):
        row.picture_file_id = file.id
    session.add_all(row for row, _ in new)
    beside: list[Base] = []
    for row, one in new:
        beside.append(_whole(actor, row, one, reason, []))
        beside.append(CardText(workspace_id=actor.workspace_id, card_id=row.id, words=one.words))
        beside += [CardTag(workspace_id=actor.workspace_id, card_id=row.id, tag=tag) for tag in _tag_keys(row)]
    await session.flush()
    session.add_all(beside)
    for row, _ in new:
        accounts.record(session, actor, "card.added", subject=("card", row.id), name=row.name, reason=str(reason))
    await session.flush()


def _columns(measured: Measured) -> dict[str, Any]:
    return {one.name: getattr(measured, one.name) for one in fields(measured)}


async def put_version(
    session: AsyncSession, actor: Actor, row: CardRow, examined: Examined, *, reason: Reason, touched: list[str]
) -> CardVersion:
    """A further version of a card that is a whole file of its own; the card's measures follow it."""
    await take_over(session, actor, row, examined)
    version = _whole(actor, row, examined, reason, touched)
    session.add(version)
    await session.flush()
    return version


def _whole(actor: Actor, row: CardRow, examined: Examined, reason: Reason, touched: list[str]) -> CardVersion:
    """A version whose file lies in the media store as it is."""
    payload = examined.opened.payload
    version = _version(actor, row, examined, reason, touched)
    version.payload, version.encoding, version.wrapping = payload.text, payload.encoding, list(payload.wrapping)
    version.base_sha256, version.base_mime = storage.put(examined.opened.data, examined.mime), examined.mime
    version.picture_file_id = row.picture_file_id
    return version


def _version(actor: Actor, row: CardRow, examined: Examined, reason: Reason, touched: list[str]) -> CardVersion:
    """A version with what follows from the file; its text and base are the caller's to set."""
    row.version += 1
    return CardVersion(
        workspace_id=actor.workspace_id,
        card_id=row.id,
        number=row.version,
        user_id=actor.user_id,
        user_name=actor.name[:200],
        reason=str(reason),
        fields=touched,
        filename=PurePath(examined.filename).name[:255],
        container=examined.measured.container,
        spec=examined.measured.spec,
        score=examined.measured.score,
    )


async def put_text(
    session: AsyncSession,
    actor: Actor,
    row: CardRow,
    current: CardVersion,
    examined: Examined,
    *,
    payload: bytes,
    touched: list[str],
) -> CardVersion:
    """The next version of a card as another text over the same base file."""
    version = _version(actor, row, examined, Reason.EDITED, touched)
    version.payload, version.encoding, version.wrapping = payload, current.encoding, current.wrapping
    version.base_sha256, version.base_mime, version.is_base = current.base_sha256, current.base_mime, False
    version.filename = current.filename
    await take_over(session, actor, row, examined)
    version.picture_file_id = row.picture_file_id
    session.add(version)
    await session.flush()
    return version


async def take_over(session: AsyncSession, actor: Actor, row: CardRow, examined: Examined) -> None:
    """Bring the card's listed columns, its picture, its tags and its words up to what the file says."""
    for name, value in _columns(examined.measured).items():
        setattr(row, name, value)
    row.rev += 1
    row.changed_at = clock.now()
    if picture := await _picture(session, actor, row, examined):
        row.picture_file_id = picture
    await _take_tags(session, actor, row)
    text = await session.scalar(
        select(CardText).where(CardText.card_id == row.id, CardText.workspace_id == actor.workspace_id)
    )
    if text is None:
        session.add(CardText(workspace_id=actor.workspace_id, card_id=row.id, words=examined.words))
    elif text.words != examined.words:
        text.words = examined.words


async def _picture(session: AsyncSession, actor: Actor, row: CardRow, examined: Examined) -> str | None:
    """The media file of the picture. An edit of a PNG card changes its file and not its picture: the old one stays."""
    data = examined.opened.payload.picture
    if examined.picture is None or data is None:
        return None
    if row.picture_file_id and data is examined.opened.data:
        known = await media_queries.get(session, actor, row.picture_file_id)
        if known.phash == examined.picture.phash and known.width == examined.picture.width:
            return known.id
    file = await media.store(
        session, actor, data, filename=examined.filename, name=row.name[:200], found=examined.picture
    )
    return file.id


async def _take_tags(session: AsyncSession, actor: Actor, row: CardRow) -> None:
    wanted = _tag_keys(row)
    there = set(
        await session.scalars(
            select(CardTag.tag).where(
                CardTag.card_id == row.id, CardTag.workspace_id == actor.workspace_id, CardTag.is_own.is_(False)
            )
        )
    )
    if gone := there - set(wanted):
        await session.execute(
            delete(CardTag).where(
                CardTag.card_id == row.id,
                CardTag.workspace_id == actor.workspace_id,
                CardTag.is_own.is_(False),
                CardTag.tag.in_(gone),
            )
        )
    session.add_all(
        CardTag(workspace_id=actor.workspace_id, card_id=row.id, tag=tag) for tag in wanted if tag not in there
    )


def _tag_keys(row: CardRow) -> list[str]:
    return list(dict.fromkeys(key for tag in row.tags if (key := tag_key(tag))))


def tag_key(tag: str) -> str:
    """A tag as it is filtered by: folded, at most 60 characters."""
    return fingerprints.key(tag, 60)
