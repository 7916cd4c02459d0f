"""Finds cards by words, through the word index: the words of a question begin words of the card, its tags or its note."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.library.fingerprints import folded
from ainfluencer.cards.models import CardRow, CardTag, CardText
from ainfluencer.core.actor import Actor

FEW = 1000
"""Up to so many hits are fetched as ids; beyond, walking the list and looking each card up is faster."""


def terms(words: str) -> list[str]:
    """The words of a question as the index knows them, at most 12."""
    plain = "".join(c if c.isalnum() else " " for c in folded(words))
    return plain.split()[:12]


async def matching(session: AsyncSession, actor: Actor, words: str) -> ColumnElement[bool]:
    """A condition on `CardRow`: it has every word, of which the last may be the beginning of one.

    Where that finds nothing, each of them may be. Nothing matches a question without a letter.
    """
    wanted = terms(words)
    if not wanted:
        return CardRow.id.is_(None)
    if session.get_bind().dialect.name != "sqlite":
        return _by_vector(actor, wanted)
    for match in _phrasings(wanted):
        hits: Any = text("select rowid from card_words where card_words match :words limit :few")
        rows = (await session.scalars(hits.bindparams(words=match, few=FEW + 1))).all()
        if len(rows) > FEW:
            return _walking(match)
        if rows and (ids := await _ids(session, actor, list(rows))):
            return CardRow.id.in_(ids)
    return CardRow.id.is_(None)


def _phrasings(wanted: list[str]) -> list[str]:
    """From the cheapest question to the dearest: a beginning that is common is gathered from the whole index."""
    whole = [f'"{term}"' for term in wanted]
    return list(dict.fromkeys((" ".join([*whole[:-1], f"{whole[-1]}*"]), " ".join(f"{term}*" for term in whole))))


async def _ids(session: AsyncSession, actor: Actor, rows: list[int]) -> list[str]:
    there: Any = text(f"card_texts.rowid in ({','.join(str(int(row)) for row in rows)})")
    question = select(CardText.card_id).where(there, CardText.workspace_id == actor.workspace_id)
    return list(await session.scalars(question))


def _walking(match: str) -> ColumnElement[bool]:
    rows: Any = text("card_texts.rowid in (select rowid from card_words where card_words match :walked)")
    return exists(select(1).where(CardText.card_id == CardRow.id, rows.bindparams(walked=match)))


def _by_vector(actor: Actor, wanted: list[str]) -> ColumnElement[bool]:
    match = " & ".join(f"{term}:*" for term in wanted)
    vector = func.to_tsvector(text("'simple'"), CardText.words + text("' '") + CardText.beside)
    hits = select(CardText.card_id).where(
        CardText.workspace_id == actor.workspace_id, vector.op("@@")(func.to_tsquery(text("'simple'"), match))
    )
    return CardRow.id.in_(hits)


async def tagged(session: AsyncSession, actor: Actor, tag: str) -> ColumnElement[bool]:
    """A condition on `CardRow`: it has this tag (folded), its own or one of ours."""
    mine = select(CardTag.card_id).where(CardTag.workspace_id == actor.workspace_id, CardTag.tag == tag)
    ids = list(await session.scalars(mine.limit(FEW + 1)))
    if len(ids) <= FEW:
        return CardRow.id.in_(ids)
    return exists(select(1).where(CardTag.card_id == CardRow.id, CardTag.tag == tag))
