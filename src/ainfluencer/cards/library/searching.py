"""Finds cards by words, through the word index: every word begins some word of the card, its tags or its note."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.library.fingerprints import folded
from ainfluencer.cards.models import CardRow, CardText
from ainfluencer.core.actor import Actor


def terms(words: str) -> list[str]:
    """The words of a question as the index knows them, at most 12."""
    plain = "".join(c if c.isalnum() else " " for c in folded(words))
    return plain.split()[:12]


def matching(session: AsyncSession, actor: Actor, words: str) -> ColumnElement[bool]:
    """A condition on `CardRow`; nothing matches a question without a letter."""
    wanted = terms(words)
    if not wanted:
        return CardRow.id.is_(None)
    hits = select(CardText.card_id).where(CardText.workspace_id == actor.workspace_id)
    if session.get_bind().dialect.name == "sqlite":
        match = " ".join(f'"{term}"*' for term in wanted)
        rows = text("card_texts.rowid in (select rowid from card_words where card_words match :words)")
        return CardRow.id.in_(hits.where(rows.bindparams(words=match)))
    match = " & ".join(f"{term}:*" for term in wanted)
    vector = func.to_tsvector(text("'simple'"), CardText.words + text("' '") + CardText.beside)
    return CardRow.id.in_(hits.where(vector.op("@@")(func.to_tsquery(text("'simple'"), match))))
