"""Finds assets by words, through the word index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, text
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.studio.models import Asset

FEW = 4000
"""Up to so many hits are fetched as ids; beyond, walking the list and looking at each row is faster."""


def _terms(words: str) -> list[str]:
    return ["".join(c for c in word if c.isalnum()) for word in words.split()][:12]


async def matching(session: AsyncSession, words: str) -> ColumnElement[bool]:
    """A condition on `Asset`: every word begins some word of its title or alt text."""
    terms = [t for t in _terms(words) if t]
    if not terms:
        return Asset.id.is_(None)
    if session.get_bind().dialect.name != "sqlite":
        wanted = " & ".join(f"{t}:*" for t in terms)
        return func.to_tsvector("simple", Asset.title + " " + Asset.alt_text).op("@@")(
            func.to_tsquery("simple", wanted)
        )
    wanted = " ".join(f'"{t}"*' for t in terms)
    hits: Any = text("select asset_id from asset_words where asset_words match :wanted limit :few").bindparams(
        wanted=wanted, few=FEW + 1
    )
    ids = (await session.scalars(hits)).all()
    if len(ids) <= FEW:
        return Asset.id.in_(ids)
    found: ColumnElement[bool] = literal_column("1") == literal_column("1")
    for term in terms:
        found = found & (Asset.title + " " + Asset.alt_text).icontains(term, autoescape=True)
    return found
