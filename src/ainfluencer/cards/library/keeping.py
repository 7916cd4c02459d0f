"""Puts cards into the library: as a new card, as a new version of one that is there, or not at all."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePath

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards.library import fingerprints
from ainfluencer.cards.library.examining import Examined
from ainfluencer.cards.models import CardRow, CardTag, CardText, CardVersion
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.media import queries as media_queries
from ainfluencer.media import service as media
from ainfluencer.media import storage


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
    actor.require(Right.CREATE)
    there = None if on_same is OnSame.KEEP_BOTH else await find_same(session, actor, examined)
    if there is None:
        return Added(await _new(session, actor, examined, reason), "added")
    if on_same is OnSame.SKIP or there.text_sha256 == examined.measured.text_sha256:
        return Added(there, "skipped")
    await put_version(session, actor, there, examined, reason=reason, fields=[])
    return Added(there, "new_version")


async def find_same(session: AsyncSession, actor: Actor, examined: Examined) -> CardRow | None:
    """The card of the library that this is: by its file, else by its text, else by its name and creator."""
    measured = examined.measured
    for condition in (
        CardRow.source_sha256 == examined.sha256,
        CardRow.text_sha256 == measured.text_sha256,
        (CardRow.name_key == measured.name_key) & (CardRow.creator_key == measured.creator_key),
    ):
        question = select(CardRow).where(
            CardRow.workspace_id == actor.workspace_id,
            CardRow.kind == "card",
            CardRow.deleted_at.is_(None),
            condition,
        )
        if found := await session.scalar(question.order_by(CardRow.id.desc()).limit(1)):
            return found
    return None


async def _new(session: AsyncSession, actor: Actor, examined: Examined, reason: Reason) -> CardRow:
    row = CardRow(
        workspace_id=actor.workspace_id,
        kind="card",
        filename=examined.filename,
        source_sha256=examined.sha256,
        source_mime=examined.mime,
        source_bytes=len(examined.opened.data),
        rev=0,
        **asdict(examined.measured),
    )
    session.add(row)
    await session.flush()
    await put_version(session, actor, row, examined, reason=reason, fields=[])
    accounts.record(session, actor, "card.added", subject=("card", row.id), name=row.name, reason=str(reason))
    return row


async def put_version(
    session: AsyncSession, actor: Actor, row: CardRow, examined: Examined, *, reason: Reason, fields: list[str]
) -> CardVersion:
    """A further version of a card that is a whole file of its own; the card's measures follow it."""
    payload = examined.opened.payload
    version = _version(actor, row, examined, reason, fields)
    version.payload, version.encoding, version.wrapping = payload.text, payload.encoding, list(payload.wrapping)
    version.base_sha256, version.base_mime = storage.put(examined.opened.data, examined.mime), examined.mime
    await take_over(session, actor, row, examined)
    version.picture_file_id = row.picture_file_id
    session.add(version)
    await session.flush()
    return version


def _version(actor: Actor, row: CardRow, examined: Examined, reason: Reason, fields: list[str]) -> CardVersion:
    """A version with what follows from the file; its text and base are the caller's to set."""
    row.version += 1
    return CardVersion(
        workspace_id=actor.workspace_id,
        card_id=row.id,
        number=row.version,
        user_id=actor.user_id,
        user_name=actor.name[:200],
        reason=str(reason),
        fields=fields,
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
    fields: list[str],
) -> CardVersion:
    """The next version of a card as another text over the same base file."""
    version = _version(actor, row, examined, Reason.EDITED, fields)
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
    for name, value in asdict(examined.measured).items():
        setattr(row, name, value)
    row.rev += 1
    row.changed_at = clock.now()
    payload = examined.opened.payload
    if examined.picture is not None and payload.picture is not None:
        row.picture_file_id = await _picture(session, actor, row, examined)
    await _take_tags(session, actor, row)
    text = await session.scalar(
        select(CardText).where(CardText.card_id == row.id, CardText.workspace_id == actor.workspace_id)
    )
    if text is None:
        session.add(CardText(workspace_id=actor.workspace_id, card_id=row.id, words=examined.words))
    elif text.words != examined.words:
        text.words = examined.words


async def _picture(session: AsyncSession, actor: Actor, row: CardRow, examined: Examined) -> str:
    """The media file of the picture. An edit of a PNG card changes its file and not its picture: the old one stays."""
    data = examined.opened.payload.picture or b""
    if row.picture_file_id and examined.picture and data is examined.opened.data:
        known = await media_queries.get(session, actor, row.picture_file_id)
        if known.phash == examined.picture.phash and known.width == examined.picture.width:
            return known.id
    file = await media.store(
        session, actor, data, filename=examined.filename, name=row.name[:200], found=examined.picture
    )
    return file.id


async def _take_tags(session: AsyncSession, actor: Actor, row: CardRow) -> None:
    wanted = list(dict.fromkeys(key for tag in row.tags if (key := tag_key(tag))))
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


def tag_key(tag: str) -> str:
    """A tag as it is filtered by: folded, at most 60 characters."""
    return fingerprints.key(tag, 60)
