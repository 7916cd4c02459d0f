"""Brings another edit of a card into it: the sides, their common base, every difference, and the merged card as a new version."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from ainfluencer.cards import intake, opening
from ainfluencer.cards.comparing import differ
from ainfluencer.cards.comparing.choosing import Choosing, Decision
from ainfluencer.cards.comparing.merger import MergeConflicts
from ainfluencer.cards.library import files, revising, tending
from ainfluencer.cards.library.files import Kept
from ainfluencer.cards.library.keeping import Reason
from ainfluencer.cards.library.revising import Change
from ainfluencer.cards.library.schemas import Merging
from ainfluencer.cards.models import CardRow, CardVersion
from ainfluencer.cards.queries import get, list_versions
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict

NONE = "none"
FILE = "file:"
_LOOKED_AT = 20
"""Versions among which a base is looked for: the newest ones, and the first."""

_PROSE = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt", "creator_notes")
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a merge would do. `how` says where the base is from: chosen, same (the other side has it too), near (the version
    most like the other side), before (the version before the merged one), or none. `seen` tells later whether it still holds.
    """

    rev: int
    base: str
    how: str
    seen: str
    decisions: tuple[Decision, ...]

    @property
    def open(self) -> list[Decision]:
        """The conflicts that nobody decided."""
        return [one for one in self.decisions if not one.side]


@dataclass(frozen=True, slots=True)
class _Sides:
    """The three sides' objects, and where the base is from."""

    base: Data
    ours: Data
    theirs: Data
    number: str
    how: str

    @property
    def seen(self) -> str:
        """A fingerprint of all three, so that nobody saves what they did not look at."""
        text = json.dumps([self.base, self.ours, self.theirs], sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


async def plan(session: AsyncSession, actor: Actor, card_id: str, wanted: Merging) -> Plan:
    """Every difference between a card and another side, with what would become of it. Nothing is stored."""
    row = await get(session, actor, card_id)
    sides = await _sides(session, actor, row, wanted)
    merging = await asyncio.to_thread(_worked, sides, wanted)
    return Plan(row.rev, sides.number, sides.how, sides.seen, tuple(merging.decisions))


async def propose(session: AsyncSession, actor: Actor, card_id: str, wanted: Merging) -> Change:
    """The merged card as a change. `MergeConflicts` when a conflict is left open, `Conflict` when a side moved on since."""
    kept = await tending.kept_now(session, actor, card_id, wanted.rev)
    sides = await _sides(session, actor, await get(session, actor, card_id), wanted)
    if wanted.seen and wanted.seen != sides.seen:
        raise Conflict(
            "The other side was changed meanwhile.", "Look at the differences again.", code="changed_meanwhile"
        )
    return await asyncio.to_thread(_merged, card_id, wanted, kept, sides)


def _worked(sides: _Sides, wanted: Merging) -> Choosing:
    merging = Choosing(wanted.choices, wanted.prefer)
    merging.cards(sides.base, sides.ours, sides.theirs)
    merging.check()
    return merging


def _merged(card_id: str, wanted: Merging, kept: Kept, sides: _Sides) -> Change:
    merging = Choosing(wanted.choices, wanted.prefer)
    made = merging.cards(sides.base, sides.ours, sides.theirs)
    merging.check()
    if merging.clashes:
        raise MergeConflicts(merging.clashes)
    mine = tending.writable(files.opened(kept))
    editor = mine.editor()
    editor.rewrite(made)
    data = mine.saved(editor, Notes())
    return revising.settled(card_id, wanted.rev, kept, data, tending.named(kept, mine), Reason.MERGED)


async def _sides(session: AsyncSession, actor: Actor, row: CardRow, wanted: Merging) -> _Sides:
    ours = await _data(session, actor, row, wanted.ours or "0")
    theirs = await _data(session, actor, row, wanted.theirs)
    if wanted.base == NONE:
        return _Sides({}, ours, theirs, NONE, "none")
    if wanted.base:
        return _Sides(await _data(session, actor, row, wanted.base), ours, theirs, wanted.base, "chosen")
    number, how, base = await _found_base(session, actor, row, wanted.theirs, theirs)
    return _Sides(base, ours, theirs, number, how)


async def _data(session: AsyncSession, actor: Actor, row: CardRow, side: str) -> Data:
    """The object of a version, of another card's newest version, or of an uploaded file."""
    if side.startswith(FILE):
        waiting = await asyncio.to_thread(intake.waiting, actor, side.removeprefix(FILE))
        return await asyncio.to_thread(lambda: opening.open_card(waiting.data, waiting.filename).payload.data)
    kept = await tending.side_of(session, actor, row.id, side)
    return await asyncio.to_thread(lambda: files.opened(kept).payload.data)


async def _found_base(
    session: AsyncSession, actor: Actor, row: CardRow, side: str, theirs: Data
) -> tuple[str, str, Data]:
    """The version that both sides come from: its number, how it was found, its object; NONE where nothing fits."""
    versions = await list_versions(session, actor, row)
    if side.isdecimal() and len(side) < 9:
        number = max(1, (int(side) or row.version) - 1)
        return str(number), "before", await _data(session, actor, row, str(number))
    chosen = [one.number for one in versions[: _LOOKED_AT - 1]] + [one.number for one in versions[-1:]]
    question = select(CardVersion).where(
        CardVersion.workspace_id == actor.workspace_id, CardVersion.card_id == row.id, CardVersion.number.in_(chosen)
    )
    loaded = await session.scalars(question.options(undefer(CardVersion.payload)).order_by(CardVersion.number))
    kept = [(one.number, files.kept(one)) for one in loaded]
    shared = await _shared_file(session, actor, versions, side)
    return await asyncio.to_thread(_nearest, kept, shared, theirs)


async def _shared_file(session: AsyncSession, actor: Actor, versions: Sequence[CardVersion], side: str) -> int:
    """The newest version whose very file the other card has had too; 0 when there is none."""
    if side.startswith(FILE):
        return 0
    other = await get(session, actor, side)
    theirs = {one.base_sha256 for one in await list_versions(session, actor, other) if one.is_base}
    return max((one.number for one in versions if one.is_base and one.base_sha256 in theirs), default=0)


def _nearest(kept: Sequence[tuple[int, Kept]], shared: int, theirs: Data) -> tuple[str, str, Data]:
    """The shared version, else the one least unlike the other side; of two that are as near, the older."""
    read = {number: files.opened(one).payload.data for number, one in kept}
    if shared in read:
        return str(shared), "same", read[shared]
    apart = {number: len(differ.differences(data, theirs)) for number, data in read.items()}
    best = min(apart, key=lambda number: (apart[number], number))
    if not apart[best]:
        return str(best), "same", read[best]
    return (str(best), "near", read[best]) if _is_kin(read[best], theirs) else (NONE, "none", {})


def _is_kin(one: Data, other: Data) -> bool:
    """Whether at least half of the longer texts that either card has are the same in both."""
    texts = [(card["data"] if isinstance(card.get("data"), dict) else card) for card in (one, other)]
    filled = [name for name in _PROSE if any(text.get(name) for text in texts)]
    equal = sum(texts[0].get(name) == texts[1].get(name) for name in filled)
    return bool(filled) and equal * 2 >= len(filled)
