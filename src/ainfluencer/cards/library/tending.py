"""Changes of a whole card: safe fixes, another form, an old version taken back.

Each is worked out and measured first (`propose_…`), and stored by `revising.record`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import opening
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.library import files, revising
from ainfluencer.cards.library.files import Kept
from ainfluencer.cards.library.keeping import Reason
from ainfluencer.cards.library.revising import Change
from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.queries import current, get
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import saver
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput


async def kept_now(session: AsyncSession, actor: Actor, card_id: str, rev: int) -> Kept:
    """The newest version of a card that a person may change and saw as it is. `Conflict` (changed_meanwhile) otherwise."""
    actor.require(Right.CREATE)
    row = await get(session, actor, card_id)
    revising.check_rev(row, rev)
    return files.kept(await current(session, actor, row))


async def propose_fixes(
    session: AsyncSession, actor: Actor, card_id: str, *, rev: int, codes: Sequence[str] = ()
) -> Change:
    """Mend the findings of these codes, or all that have a safe fix. `InvalidInput` for a code that has none."""
    kept = await kept_now(session, actor, card_id, rev)
    return await asyncio.to_thread(_fixed, card_id, rev, kept, frozenset(codes))


def _fixed(card_id: str, rev: int, kept: Kept, codes: frozenset[str]) -> Change:
    opened = writable(files.opened(kept))
    report = linter.lint(opened)
    fixable = [one for one in report.findings if one.can_fix and (not codes or one.code in codes)]
    if missing := codes - {one.code for one in fixable}:
        raise InvalidInput(
            f"There is nothing to mend by itself for {', '.join(sorted(missing))[:200]}.",
            "Check the card again: it may be mended already, or a person must decide.",
            code="no_fix",
            field="codes",
        )
    data = linter.fix(opened, replace(report, findings=tuple(fixable)), Notes())
    return revising.settled(card_id, rev, kept, data, named(kept, opened), Reason.FIXED)


def writable(opened: OpenCard) -> OpenCard:
    """The card in a file that can be written: a PNG where its own cannot."""
    if opened.payload.container not in saver.READ_ONLY:
        return opened
    return opening.open_card(converter.convert(opened, Target("png"), allow_loss=True).data, "card.png")


def named(kept: Kept, opened: OpenCard) -> str:
    """The version's file name, with the ending of what the file is now."""
    suffix = files.SUFFIXES[opened.payload.container.value]
    stem = kept.filename.rpartition(".")[0] or kept.filename or "card"
    return kept.filename if kept.filename.lower().endswith(suffix) else f"{stem}{suffix}"


async def propose_conversion(
    session: AsyncSession, actor: Actor, card_id: str, *, rev: int, to: str, allow_loss: bool = False
) -> Change:
    """Make the card itself another version or kind of file. `WouldLose` when something has no place there."""
    kept = await kept_now(session, actor, card_id, rev)
    return await asyncio.to_thread(_converted, card_id, rev, kept, to, allow_loss)


def _converted(card_id: str, rev: int, kept: Kept, to: str, allow_loss: bool) -> Change:
    opened = files.opened(kept)
    target = converter.target_of(to, "", opened.payload.container)
    made = converter.convert(opened, target, allow_loss=allow_loss)
    suffix = f".{made.target.container}"
    name = f"{kept.filename.rpartition('.')[0] or 'card'}{suffix}"
    return revising.settled(card_id, rev, kept, made.data, name, Reason.CONVERTED)


async def side_of(session: AsyncSession, actor: Actor, card_id: str, side: str) -> Kept:
    """A version of this card (0: the newest), or the newest of another card. `NotFound` when there is none."""
    if side.isdecimal() and len(side) < 9:
        row = await get(session, actor, card_id)
        return files.kept(await current(session, actor, row, int(side)))
    row = await get(session, actor, side)
    return files.kept(await current(session, actor, row))


async def propose_restoration(session: AsyncSession, actor: Actor, card_id: str, number: int, *, rev: int) -> Change:
    """Take an older version back as the newest one; those between stay."""
    kept = await kept_now(session, actor, card_id, rev)
    row = await get(session, actor, card_id)
    old = files.kept(await current(session, actor, row, number))
    return await asyncio.to_thread(_restored, card_id, rev, kept, old)


def _restored(card_id: str, rev: int, kept: Kept, old: Kept) -> Change:
    return revising.settled(card_id, rev, kept, files.opened(old).data, old.filename, Reason.RESTORED)
