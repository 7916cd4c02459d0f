"""Finds assets by words, through the word index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.studio.models import Asset

FEW = 4000
"""Up to so many hits are fetched as ids; beyond, walking the list and looking at each row is faster."""


def _terms(words: str) -> list[str]:
    return ["".join(c for c in word if c.isalnum()) for word in words.split()][:12]


@dataclass(frozen=True, slots=True)
class Found:
    """A condition on `Asset`; with `is_few` it names the ids, and nothing is quicker than going by them."""

    condition: ColumnElement[bool]
    is_few: bool


async def matching(session: AsyncSession, words: str) -> Found:
    """Assets whose title or alt text has every word; the last one may be the beginning of a word.

    Where that finds nothing, each of them may be.
    """
    terms = [t for t in _terms(words) if t]
    if not terms:
        return Found(Asset.id.is_(None), is_few=True)
    if session.get_bind().dialect.name != "sqlite":
        return Found(await _by_vector(session, terms), is_few=False)
    for wanted in _phrasings(terms):
        hits: Any = text("select asset_id from asset_words where asset_words match :wanted limit :few").bindparams(
            wanted=wanted, few=FEW + 1
        )
        ids = (await session.scalars(hits)).all()
        if len(ids) > FEW:
            return Found(_walking(terms), is_few=False)
        if ids and "*" in wanted:
            return Found(Asset.id.in_(ids), is_few=True)
    return Found(Asset.id.is_(None), is_few=True)


def _phrasings(terms: list[str]) -> list[str]:
    """From the cheapest question to the dearest: a beginning that is common is gathered from the whole index."""
    whole = [f'"{t}"' for t in terms]
    last, every = [*whole[:-1], f"{whole[-1]}*"], [f"{t}*" for t in whole]
    return list(dict.fromkeys(" ".join(one) for one in (whole, last, every)))


def _walking(terms: list[str]) -> ColumnElement[bool]:
    """So many match that the list is walked, and each row looked at, until a page is full."""
    found: ColumnElement[bool] = literal_column("1") == literal_column("1")
    for term in terms:
        found = found & (Asset.title + " " + Asset.alt_text).icontains(term, autoescape=True)
    return found


async def _by_vector(session: AsyncSession, terms: list[str]) -> ColumnElement[bool]:
    vector = func.to_tsvector("simple", Asset.title + " " + Asset.alt_text)
    last_only = vector.op("@@")(func.to_tsquery("simple", " & ".join([*terms[:-1], f"{terms[-1]}:*"])))
    if len(terms) == 1 or await session.scalar(select(Asset.id).where(last_only).limit(1)):
        return last_only
    return vector.op("@@")(func.to_tsquery("simple", " & ".join(f"{t}:*" for t in terms)))
