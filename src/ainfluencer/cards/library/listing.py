"""Questions about the library: one page of cards that match, their tags and creators. Pages are cut by sort key and id."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, load_only

from ainfluencer.cards.library import searching
from ainfluencer.cards.library.fingerprints import key
from ainfluencer.cards.library.keeping import tag_key
from ainfluencer.cards.library.schemas import CardOut, CardPage, Filter, NamedCount
from ainfluencer.cards.models import CardRow, CardTag
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.base import UtcDateTime
from ainfluencer.db.kept import Kept

# The column of each order, whether the largest comes first when nobody says otherwise, and what it holds.
_SORTS: dict[str, tuple[InstrumentedAttribute[Any], bool, type]] = {
    "newest": (CardRow.created_at, True, datetime),
    "changed": (CardRow.changed_at, True, datetime),
    "name": (CardRow.name_key, False, str),
    "score": (CardRow.score, True, int),
    "tokens": (CardRow.permanent_tokens, False, int),
    "creator": (CardRow.creator_key, False, str),
}


_COPIED = tuple(name for name in CardOut.model_fields if hasattr(CardRow, name))
_LISTED = tuple(getattr(CardRow, name) for name in (*_COPIED, "source_bytes", "name_key", "creator_key"))


async def list_cards(
    session: AsyncSession, actor: Actor, wanted: Filter, *, cursor: str = "", limit: int = 60
) -> CardPage:
    """One page of cards that match. `InvalidInput` for a cursor that is not ours."""
    listed = select(CardRow).options(load_only(*_LISTED))
    query = _after(listed.where(*await clauses(session, actor, wanted)), wanted, cursor)
    rows = list(await session.scalars(query.limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    return CardPage(
        items=await described(session, actor, rows), next_cursor=_cursor(rows[-1], wanted) if more else None
    )


async def ids_of(session: AsyncSession, actor: Actor, wanted: Filter, *, limit: int) -> list[str]:
    """The ids of everything that matches, in the filter's order, at most `limit`."""
    query = _after(select(CardRow.id).where(*await clauses(session, actor, wanted)), wanted, "")
    return list(await session.scalars(query.limit(limit)))


async def count(session: AsyncSession, actor: Actor, wanted: Filter) -> int:
    """How many cards match."""
    return int(await session.scalar(select(func.count(CardRow.id)).where(*await clauses(session, actor, wanted))) or 0)


async def described(session: AsyncSession, actor: Actor, rows: Sequence[CardRow]) -> list[CardOut]:
    """The public shape of several cards, with one further query for the tags that are ours."""
    own = await own_tags(session, actor, [row.id for row in rows]) if rows else {}
    return [card_out(row, own.get(row.id, [])) for row in rows]


def card_out(row: CardRow, own: list[str]) -> CardOut:
    """The public shape of one card."""
    picture = f"/media/{row.picture_file_id}" if row.picture_file_id else ""
    copied = {name: getattr(row, name) for name in _COPIED}
    return CardOut(
        **copied,
        own_tags=own,
        size_bytes=row.source_bytes,
        picture_url=picture,
        thumbnail_url=f"{picture}/320.webp" if picture else "",
    )


async def own_tags(session: AsyncSession, actor: Actor, card_ids: Iterable[str]) -> dict[str, list[str]]:
    """The tags that people put beside several cards, by card."""
    rows = await session.execute(
        select(CardTag.card_id, CardTag.tag)
        # As a sum the workspace is no reason for SQLite to walk all its tags; the few cards are the way in.
        .where(CardTag.card_id.in_(list(card_ids)), CardTag.workspace_id + "" == actor.workspace_id, CardTag.is_own)
    )
    found: dict[str, list[str]] = {}
    for card_id, tag in sorted((card_id, tag) for card_id, tag in rows):
        found.setdefault(card_id, []).append(tag)
    return found


async def clauses(session: AsyncSession, actor: Actor, wanted: Filter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, the workspace first."""
    found = [CardRow.workspace_id == actor.workspace_id, CardRow.kind == "card", *_columns(wanted), *_people(wanted)]
    found.append(CardRow.deleted_at.is_not(None) if wanted.in_bin else CardRow.deleted_at.is_(None))
    found += [await searching.tagged(session, actor, tag_key(tag)) for tag in wanted.tag if tag.strip()]
    if wanted.q.strip():
        found.append(await searching.matching(session, actor, wanted.q))
    return found


def _columns(wanted: Filter) -> list[ColumnElement[bool]]:
    pairs = ((CardRow.spec, wanted.spec), (CardRow.container, wanted.container), (CardRow.rating, wanted.rating))
    found: list[ColumnElement[bool]] = [column == value for column, value in pairs if value]
    if wanted.favourite:
        found.append(CardRow.is_favourite.is_(True))
    if wanted.has_lorebook is not None:
        found.append(CardRow.lorebook_entries > 0 if wanted.has_lorebook else CardRow.lorebook_entries == 0)
    if wanted.min_score:
        found.append(CardRow.score >= wanted.min_score)
    if wanted.max_tokens:
        found.append(CardRow.permanent_tokens <= wanted.max_tokens)
    return found


def _people(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.creator.strip():
        found.append(CardRow.creator_key == key(wanted.creator))
    if wanted.character in {"none", "any"}:
        found.append(
            CardRow.character_id.is_(None) if wanted.character == "none" else CardRow.character_id.is_not(None)
        )
    elif wanted.character:
        found.append(CardRow.character_id == wanted.character)
    return found


def _after(query: Select[Any], wanted: Filter, cursor: str) -> Select[Any]:
    column, largest_first, _ = _SORTS[wanted.sort]
    largest_first ^= wanted.reverse
    order = (column.desc(), CardRow.id.desc()) if largest_first else (column.asc(), CardRow.id.asc())
    query = query.order_by(*order)
    if not cursor:
        return query
    value, last = _read_cursor(cursor, wanted.sort)
    place, here = tuple_(column, CardRow.id), tuple_(value, literal(last))
    return query.where(place < here if largest_first else place > here)


def _cursor(row: CardRow, wanted: Filter) -> str:
    value = getattr(row, _SORTS[wanted.sort][0].key)
    raw = json.dumps([wanted.sort, value.isoformat() if isinstance(value, datetime) else value, row.id])
    return base64.urlsafe_b64encode(raw.encode()).decode()


def _read_cursor(cursor: str, sort: str) -> tuple[ColumnElement[Any], str]:
    try:
        told, value, last = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if told == sort and isinstance(last, str) and last.isalnum() and last.isascii():
            return _place(_SORTS[sort][2], value), last
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        pass
    raise InvalidInput(
        "The cursor is not one of ours, or belongs to another order.", "Start again without a cursor.", field="cursor"
    )


_MOST = 2**31 - 1


def _place(kind: type, value: Any) -> ColumnElement[Any]:
    """Where a page begins, as its column holds it; `ValueError` or `TypeError` for what no database could compare."""
    if kind is datetime:
        return literal(datetime.fromisoformat(value).astimezone(UTC), UtcDateTime())
    if type(value) is not kind or (isinstance(value, int) and abs(value) > _MOST):
        raise ValueError
    if isinstance(value, str):
        value = value.encode().replace(b"\0", b"").decode()
    return literal(value)


async def tags(session: AsyncSession, actor: Actor, limit: int = 200) -> list[NamedCount]:
    """The tags with the number of their cards, the most used first; of a large library as they were some seconds ago."""
    return await _COUNTED.get((actor.workspace_id, "tags", limit), lambda: _tags(session, actor, limit))


async def _tags(session: AsyncSession, actor: Actor, limit: int) -> list[NamedCount]:
    number = func.count(CardTag.card_id.distinct())
    rows = await session.execute(
        select(CardTag.tag, number)
        .join(CardRow, CardRow.id == CardTag.card_id)
        .where(CardTag.workspace_id == actor.workspace_id, CardRow.deleted_at.is_(None))
        .group_by(CardTag.tag)
        .order_by(number.desc(), CardTag.tag)
        .limit(limit)
    )
    return [NamedCount(name=tag, count=number) for tag, number in rows]


async def creators(session: AsyncSession, actor: Actor, limit: int = 200) -> list[NamedCount]:
    """Who made the cards, with the number of their cards, the most first; of a large library some seconds old."""
    return await _COUNTED.get((actor.workspace_id, "creators", limit), lambda: _creators(session, actor, limit))


async def _creators(session: AsyncSession, actor: Actor, limit: int) -> list[NamedCount]:
    number = func.count(CardRow.id)
    rows = await session.execute(
        select(func.min(CardRow.creator), number)
        .where(CardRow.workspace_id == actor.workspace_id, CardRow.deleted_at.is_(None), CardRow.creator_key != "")
        .group_by(CardRow.creator_key)
        .order_by(number.desc(), func.min(CardRow.creator))
        .limit(limit)
    )
    return [NamedCount(name=name, count=number) for name, number in rows]


MANY = 2000
_COUNTED: Kept[tuple[str, str, int], list[NamedCount]] = Kept(lambda found: sum(one.count for one in found) >= MANY)
