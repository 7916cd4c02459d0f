"""Finds cards that are the same or nearly so: by file, by text, by a simhash of the prose, by the look of the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.library import listing
from ainfluencer.cards.library.fingerprints import NEAR_BITS
from ainfluencer.cards.library.schemas import DuplicateGroup, Kin
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.queries import get
from ainfluencer.core.actor import Actor
from ainfluencer.media.models import MediaFile

PICTURE_BITS = 6
MOST_CARDS = 20_000
"""The newest so many cards are compared with each other; every pair of 20,000 takes about two seconds."""

HOWS = ("file", "text", "near_text", "near_picture")
_PLAIN_BITS = 8  # a picture of one colour has almost no bits set: all such look alike


async def kin_of(session: AsyncSession, actor: Actor, card_id: str, *, limit: int = 50) -> list[Kin]:
    """The other cards that are the same or nearly the same as one, the nearest first."""
    row = await get(session, actor, card_id)
    prints = await _prints(session, actor)
    mine = prints.places.get(row.id)
    if mine is None:
        return []
    found = await asyncio.to_thread(prints.like, mine)
    chosen = found[:limit]
    rows = await _rows(session, actor, [card_id for card_id, _, _ in chosen])
    return [Kin(card=rows[card_id], how=how, bits=bits) for card_id, how, bits in chosen if card_id in rows]


async def groups(session: AsyncSession, actor: Actor, how: str = "", *, limit: int = 100) -> list[DuplicateGroup]:
    """Every group of cards that are the same in one of the ways of `HOWS` (all ways when it is empty)."""
    prints = await _prints(session, actor)
    found = await asyncio.to_thread(prints.groups, (how,) if how else HOWS)
    found = found[:limit]
    rows = await _rows(session, actor, [card_id for _, ids in found for card_id in ids])
    made = [DuplicateGroup(how=way, cards=[rows[i] for i in sorted(ids) if i in rows]) for way, ids in found]
    return [group for group in made if len(group.cards) > 1]


async def _rows(session: AsyncSession, actor: Actor, ids: Sequence[str]) -> dict[str, Any]:
    found = list(
        await session.scalars(select(CardRow).where(CardRow.workspace_id == actor.workspace_id, CardRow.id.in_(ids)))
    )
    return {one.id: one for one in await listing.described(session, actor, found)}


async def _prints(session: AsyncSession, actor: Actor) -> Prints:
    rows = await session.execute(
        select(CardRow.id, CardRow.source_sha256, CardRow.text_sha256, CardRow.fingerprint, MediaFile.phash)
        .outerjoin(
            MediaFile, (MediaFile.id == CardRow.picture_file_id) & (MediaFile.workspace_id == actor.workspace_id)
        )
        .where(CardRow.workspace_id == actor.workspace_id, CardRow.kind == "card", CardRow.deleted_at.is_(None))
        .order_by(CardRow.created_at.desc())
        .limit(MOST_CARDS)
    )
    return Prints([tuple(row) for row in rows])


class Prints:
    """The fingerprints of a library, in columns, so that a comparison with all is one operation."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self.ids = [row[0] for row in rows]
        self.places = {card_id: place for place, card_id in enumerate(self.ids)}
        self._files = [row[1] for row in rows]
        self._texts = [row[2] for row in rows]
        self._prose = [int(row[3], 16) if row[3] else 0 for row in rows]
        self._looks = [_look(row[4]) for row in rows]

    def like(self, mine: int) -> list[tuple[str, str, int]]:
        """The others like one: (id, how, differing bits); each once, in its nearest way."""
        found: dict[int, tuple[str, int]] = {}
        for how, column in (("file", self._files), ("text", self._texts)):
            for place, value in enumerate(column):
                if value and value == column[mine] and place != mine:
                    found.setdefault(place, (how, 0))
        for how, values, most in self._near():
            if values[mine]:
                bits = [(value ^ values[mine]).bit_count() if value else 65 for value in values]
                for place in sorted(range(len(bits)), key=bits.__getitem__):
                    if bits[place] > most:
                        break
                    if place != mine:
                        found.setdefault(place, (how, bits[place]))
        return [(self.ids[place], how, bits) for place, (how, bits) in found.items()]

    def _near(self) -> tuple[tuple[str, list[int], int], ...]:
        return ("near_text", self._prose, NEAR_BITS), ("near_picture", self._looks, PICTURE_BITS)

    def groups(self, hows: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Groups of ids by way; cards that are one group by text already are not told again as near."""
        found: list[tuple[str, list[str]]] = []
        for how, column in (("file", self._files), ("text", self._texts)):
            if how in hows:
                found += [(how, ids) for ids in self._equal(column)]
        for how, values, most in self._near():
            if how in hows:
                found += [(how, ids) for ids in self._joined(values, most)]
        seen: list[set[str]] = []
        out = []
        for how, ids in found:
            if not any(set(ids) <= group for group in seen):
                seen.append(set(ids))
                out.append((how, ids))
        return out

    def _equal(self, column: list[str]) -> list[list[str]]:
        groups: dict[str, list[str]] = {}
        for card_id, value in zip(self.ids, column, strict=True):
            if value:
                groups.setdefault(value, []).append(card_id)
        return [ids for ids in groups.values() if len(ids) > 1]

    def _joined(self, values: list[int], most: int) -> list[list[str]]:
        """Groups in which each card is near some other one of the group."""
        import numpy as np

        # Cards of the very same print are one point: copies, however many, cost nothing.
        same: dict[int, list[str]] = {}
        for card_id, value in zip(self.ids, values, strict=True):
            if value:
                same.setdefault(value, []).append(card_id)
        prints = np.array(list(same), dtype=np.uint64)
        leader = list(range(len(prints)))

        def led(one: int) -> int:
            while leader[one] != one:
                leader[one] = leader[leader[one]]
                one = leader[one]
            return one

        for start in range(0, len(prints), 256):
            block = np.bitwise_count(prints[start : start + 256, None] ^ prints[None, start:])
            for row, column in np.argwhere(block <= most).tolist():
                if column > row:
                    leader[led(start + column)] = led(start + row)
        groups: dict[int, list[str]] = {}
        for number, ids in enumerate(same.values()):
            groups.setdefault(led(number), []).extend(ids)
        return [ids for ids in groups.values() if len(ids) > 1]


def _look(phash: str | None) -> int:
    value = int(phash, 16) if phash else 0
    return value if _PLAIN_BITS <= value.bit_count() <= 64 - _PLAIN_BITS else 0
