"""Questions about imported cards."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from ainfluencer.cards.models import CardRow
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.media import storage


async def get(session: AsyncSession, actor: Actor, card_id: str, *, payload: bool = False) -> CardRow:
    """One imported card; its text only with `payload`. `NotFound` otherwise."""
    question = select(CardRow).where(CardRow.id == card_id, CardRow.workspace_id == actor.workspace_id)
    row = await session.scalar(question.options(undefer(CardRow.payload)) if payload else question)
    if row is None:
        raise NotFound("There is no such card.")
    return row


async def list_for_character(session: AsyncSession, actor: Actor, character_id: str) -> list[CardRow]:
    """The cards and briefs that a character came from, the newest first."""
    question = select(CardRow).where(CardRow.workspace_id == actor.workspace_id, CardRow.character_id == character_id)
    return list(await session.scalars(question.order_by(CardRow.id.desc())))


async def list_same_file(session: AsyncSession, actor: Actor, sha256: str) -> list[CardRow]:
    """Earlier imports of exactly these bytes, the newest first."""
    question = select(CardRow).where(CardRow.workspace_id == actor.workspace_id, CardRow.source_sha256 == sha256)
    return list(await session.scalars(question.order_by(CardRow.id.desc()).limit(20)))


def original(row: CardRow) -> bytes:
    """The file exactly as it was imported."""
    return storage.path_of(row.source_sha256, row.source_mime).read_bytes()
