"""Keyset paging by (created_at, id): stable while rows come and go, equally fast on every page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.base import Identified, UtcDateTime

MAX_LIMIT = 200
DEFAULT_LIMIT = 50

T = TypeVar("T")
R = TypeVar("R", bound=Identified)


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """One page of rows; `next_cursor` is None on the last."""

    items: Sequence[T]
    next_cursor: str | None = None


def encode_cursor(at: datetime, row_id: str) -> str:
    """An opaque text that says where the next page begins."""
    raw = json.dumps([at.isoformat(), row_id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[datetime, str]:
    """What `encode_cursor` was given; `InvalidInput` for anything else."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        at, row_id = json.loads(raw)
        if is_id(row_id):
            return instant(at), row_id
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        pass
    raise InvalidInput(
        "The cursor is not one of ours.",
        "Use next_cursor of the previous page as it is, or leave it out for the first page.",
        field="cursor",
    )


def is_id(value: object) -> bool:
    """Whether a cursor may name this as a row: no database chokes on it."""
    return isinstance(value, str) and value.isascii() and value.isalnum()


def instant(text: str) -> datetime:
    """An aware instant of a cursor, in UTC; `ValueError`, `TypeError` or `OverflowError` for what is none."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)


async def take(
    session: AsyncSession,
    query: Select[R],
    model: type[R],
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    oldest_first: bool = False,
    by: InstrumentedAttribute[datetime] | None = None,
) -> Slice[R]:
    """One page of `query`, newest first. `by`: a column that is never null, to sort by instead of `created_at`.

    `query` selects `model` and brings its own conditions, but no order and no limit. Limits outside 1..200 are
    refused with `InvalidInput`.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"A page has 1 to {MAX_LIMIT} items, not {limit}.", field="limit")
    at: Any = model.created_at if by is None else by
    if cursor:
        instant, row_id = decode_cursor(cursor)
        after = tuple_(literal(instant, UtcDateTime()), literal(row_id))
        place = tuple_(at, model.id)
        query = query.where(place > after if oldest_first else place < after)
    order = (at.asc(), model.id.asc()) if oldest_first else (at.desc(), model.id.desc())
    rows = (await session.scalars(query.order_by(*order).limit(limit + 1))).all()
    if len(rows) <= limit:
        return Slice(rows)
    last = rows[limit - 1]
    return Slice(rows[:limit], encode_cursor(getattr(last, at.key), last.id))
