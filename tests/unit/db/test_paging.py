"""Pages are complete and free of doubles while rows come and go."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from ainfluencer.accounts.models import AuditEntry
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.paging import Slice, decode_cursor, encode_cursor, take
from ainfluencer.db.session import Database


async def fill(db: Database, owner: Actor, count: int) -> list[str]:
    """`count` entries, three of which share each instant, oldest first."""
    start = clock.now() - timedelta(days=1)
    rows = [
        AuditEntry(
            workspace_id=owner.workspace_id, action="t", created_at=start + timedelta(seconds=n // 3), details={}
        )
        for n in range(count)
    ]
    async with db.writing() as session:
        session.add_all(rows)
    return [r.id for r in sorted(rows, key=lambda r: (r.created_at, r.id))]


async def page(db: Database, cursor: str | None = None, **options: Any) -> Slice[AuditEntry]:
    async with db.reading() as session:
        return await take(session, select(AuditEntry), AuditEntry, cursor=cursor, **options)


@pytest.mark.parametrize("oldest_first", [True, False])
async def test_every_row_once(db: Database, owner: Actor, oldest_first: bool) -> None:
    ids = await fill(db, owner, 25)
    seen, cursor = [], None
    while True:
        found = await page(db, cursor, limit=4, oldest_first=oldest_first)
        seen += [r.id for r in found.items]
        cursor = found.next_cursor
        if cursor is None:
            break
        assert len(found.items) == 4
    assert seen == (ids if oldest_first else ids[::-1])


async def test_new_and_deleted_rows_do_not_shift_a_page(db: Database, owner: Actor) -> None:
    ids = await fill(db, owner, 10)
    first = await page(db, limit=5)
    async with db.writing() as session:
        session.add(AuditEntry(workspace_id=owner.workspace_id, action="new", details={}))
        await session.delete(await session.get_one(AuditEntry, first.items[-1].id))
    second = await page(db, first.next_cursor, limit=5)
    assert [r.id for r in second.items] == ids[4::-1]
    assert second.next_cursor is None


async def test_an_exact_page_has_no_next(db: Database, owner: Actor) -> None:
    await fill(db, owner, 5)
    assert (await page(db, limit=5)).next_cursor is None
    assert (await page(db, limit=5)).items


@pytest.mark.parametrize("limit", [0, 201, -1])
async def test_limits_are_kept(db: Database, limit: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        await page(db, limit=limit)
    assert refused.value.field == "limit"


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "äöü", "W10", "WyIyMDI2IiwxXQ", "e30", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiYSJd", "=" * 5),
        "W1tb" * 40_000,
        encode_cursor(datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "a"),
        encode_cursor(clock.now(), "a\0"),
    ],
    ids=range(10),
)
def test_foreign_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(cursor)


def test_a_cursor_keeps_the_instant_to_the_microsecond() -> None:
    at = clock.now()
    assert decode_cursor(encode_cursor(at, "abc")) == (at, "abc")
