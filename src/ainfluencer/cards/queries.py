"""Questions about single cards: the card, its versions, the files that a character came from."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from ainfluencer.cards.models import CardRow, CardVersion
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.media import storage


async def find(
    session: AsyncSession, actor: Actor, card_id: str, *, deleted: bool = False, lock: bool = False
) -> CardRow | None:
    """One card or brief, or None; those in the bin only with `deleted`. `lock`: read anew, and nobody else changes it now."""
    question = select(CardRow).where(CardRow.id == card_id, CardRow.workspace_id == actor.workspace_id)
    question = question if deleted else question.where(CardRow.deleted_at.is_(None))
    return await session.scalar(locked(question) if lock else question)


def locked(question: Select[CardRow]) -> Select[CardRow]:
    """On PostgreSQL: wait for whoever changes these cards, then read them anew. SQLite has one writer at a time anyway."""
    return question.with_for_update().execution_options(populate_existing=True)


async def get(
    session: AsyncSession, actor: Actor, card_id: str, *, deleted: bool = False, lock: bool = False
) -> CardRow:
    """One card or brief; `NotFound` otherwise, and for what lies in the bin unless `deleted`. Changes of words ask for `lock`."""
    row = await find(session, actor, card_id, deleted=deleted, lock=lock)
    if row is None:
        raise NotFound("There is no such card.", "Look in the library of cards, or in its bin.")
    return row


async def current(session: AsyncSession, actor: Actor, row: CardRow, number: int = 0) -> CardVersion:
    """The newest version of a card, or that of a number, with its text. `NotFound` for a brief or another number."""
    question = select(CardVersion).where(
        CardVersion.card_id == row.id,
        CardVersion.workspace_id == actor.workspace_id,
        CardVersion.number == (number or row.version),
    )
    is_one = 0 <= number <= row.version  # no database is asked for a number that it has no room for
    version = await session.scalar(question.options(undefer(CardVersion.payload))) if is_one else None
    if version is None:
        raise NotFound(
            f"“{row.name[:80]}” has no version {number}." if number else "This is a brief, not a card.",
            "Choose one of its versions.",
            code="version_unknown",
        )
    return version


async def list_versions(session: AsyncSession, actor: Actor, row: CardRow) -> list[CardVersion]:
    """Every version of a card, the newest first, without their texts."""
    question = select(CardVersion).where(CardVersion.card_id == row.id, CardVersion.workspace_id == actor.workspace_id)
    return list(await session.scalars(question.order_by(CardVersion.number.desc())))


async def list_for_character(session: AsyncSession, actor: Actor, character_id: str) -> list[CardRow]:
    """The cards and briefs that a character came from, the newest first."""
    question = select(CardRow).where(CardRow.workspace_id == actor.workspace_id, CardRow.character_id == character_id)
    return list(await session.scalars(question.order_by(CardRow.id.desc())))


async def list_same_file(session: AsyncSession, actor: Actor, sha256: str) -> list[CardRow]:
    """Cards and briefs that came as exactly these bytes and are not in the bin, the newest first."""
    question = select(CardRow).where(
        CardRow.workspace_id == actor.workspace_id, CardRow.source_sha256 == sha256, CardRow.deleted_at.is_(None)
    )
    return list(await session.scalars(question.order_by(CardRow.id.desc()).limit(20)))


def original(row: CardRow) -> bytes:
    """The file exactly as it was imported."""
    return storage.path_of(row.source_sha256, row.source_mime).read_bytes()
