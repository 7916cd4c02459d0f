"""Changes what a card says: an edit is worked out and measured first, and recorded in a short transaction afterwards."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import opening
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.editing import fields as known
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.library import examining, files, keeping
from ainfluencer.cards.library.examining import Examined
from ainfluencer.cards.library.files import Kept
from ainfluencer.cards.library.keeping import Reason
from ainfluencer.cards.models import CardRow, CardVersion
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.queries import current, get
from ainfluencer.cards.saving import saver
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict

SAME_EDIT = timedelta(minutes=15)
"""Edits of one person within this time after the version's beginning go into the same version."""

_BY_THE_WAY = {"modification_date"}


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that was worked out: nothing is stored yet. `payload` is None when the file became another one.

    `examined` is None when the edit changes nothing.
    """

    card_id: str
    rev: int
    examined: Examined | None
    payload: bytes | None
    fields: tuple[str, ...]
    reason: Reason = Reason.EDITED


@dataclass(frozen=True, slots=True)
class OpenedCard:
    """A card of the library, one of its versions, and its file opened."""

    row: CardRow
    version: CardVersion
    opened: OpenCard


async def read(session: AsyncSession, actor: Actor, card_id: str, number: int = 0) -> OpenedCard:
    """A card with its newest (or the given) version opened. `NotFound` when there is no such card or version."""
    row = await get(session, actor, card_id)
    version = await current(session, actor, row, number)
    return OpenedCard(row, version, await asyncio.to_thread(files.opened, files.kept(version)))


def check_rev(row: CardRow, rev: int) -> None:
    """`Conflict` (code changed_meanwhile) unless the card is still as the person saw it."""
    if row.rev != rev:
        raise Conflict(
            f"“{row.name[:80]}” was changed meanwhile: it is at revision {row.rev}, yours is {rev}.",
            "Load the card again and repeat your change.",
            code="changed_meanwhile",
        )


async def propose(
    session: AsyncSession,
    actor: Actor,
    card_id: str,
    *,
    rev: int,
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word that the API uses
    typed: Mapping[str, str] | None = None,
    remove: Sequence[str] = (),
) -> Change:
    """Work out an edit of the newest version by fields (as `card set` names them), and measure what comes of it.

    Raises `Conflict` (changed_meanwhile), `InvalidInput` for fields and values that the card has no place for.
    """
    actor.require(Right.CREATE)
    row = await get(session, actor, card_id)
    check_rev(row, rev)
    kept = files.kept(await current(session, actor, row))
    return await asyncio.to_thread(_worked_out, card_id, rev, kept, _Wishes(set or {}, typed or {}, remove))


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Fields to set to values, to what a person typed, and to empty."""

    values: Mapping[str, Any]
    typed: Mapping[str, str]
    remove: Sequence[str]


def _worked_out(card_id: str, rev: int, kept: Kept, wishes: _Wishes) -> Change:
    base = files.opened_base(kept)
    is_other_file = base.payload.container in saver.READ_ONLY
    if is_other_file:
        # Nothing can be written into these: the edited card goes on as a PNG, the file that came stays a version.
        made = converter.convert(base, Target("png"), allow_loss=True)
        base = opening.open_card(made.data, "card.png")
    editor = base.editor()
    if kept.payload is not None and not is_other_file:
        editor.adopt(kept.payload)
    before, text = copy.deepcopy(editor.data), editor.text()
    for field, value in wishes.values.items():
        editor.set(field, value)
    for field, text_of_it in wishes.typed.items():
        editor.set_typed(field, text_of_it)
    for field in wishes.remove:
        editor.remove(field)
    if editor.text() == text:
        return Change(card_id, rev, None, None, ())
    touched = changed(before, editor.data)
    editor.finish()
    opened = files.written(base, editor, Kept("", "", "card.png" if is_other_file else kept.filename, "", None))
    examined = examining.examine(opened.data, f"{kept.filename}.png" if is_other_file else kept.filename)
    return Change(card_id, rev, examined, None if is_other_file else editor.text(), touched)


async def propose_file(
    session: AsyncSession, actor: Actor, card_id: str, *, rev: int, make: Callable[[OpenCard], bytes]
) -> Change:
    """Work out an edit that makes a whole new file of the newest version, as attaching a picture to it does."""
    actor.require(Right.CREATE)
    row = await get(session, actor, card_id)
    check_rev(row, rev)
    kept = files.kept(await current(session, actor, row))

    def work() -> Change:
        return settled(card_id, rev, kept, make(files.opened(kept)), kept.filename, Reason.EDITED)

    return await asyncio.to_thread(work)


def settled(card_id: str, rev: int, kept: Kept, data: bytes, filename: str, reason: Reason) -> Change:
    """A whole new file as a change of the version it comes from: its text alone where that makes the very same file."""
    examined = examining.examine(data, filename)
    base = files.opened_base(kept)
    before, after = files.opened(kept).payload, examined.opened.payload
    if before.text == after.text and files.opened(kept).data == data:
        return Change(card_id, rev, None, None, (), reason)
    touched = changed(CardEditor(before).data, CardEditor(after).data)
    payload: bytes | None = None
    if (before.container, before.wrapping, before.encoding) == (after.container, after.wrapping, after.encoding):
        editor = base.editor()
        editor.adopt(after.text)
        payload = after.text if files.written(base, editor, kept).data == data else None
    return Change(card_id, rev, examined, payload, touched, reason)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fields in which two cards' data differ, in the order of the specification."""
    return tuple(n for n in known.KINDS if n not in _BY_THE_WAY and before.get(n) != after.get(n))


async def record(session: AsyncSession, actor: Actor, change: Change) -> CardRow:
    """Store an edit that was worked out. `Conflict` (changed_meanwhile) when the card moved on since."""
    actor.require(Right.CREATE)
    row = await get(session, actor, change.card_id, lock=True)
    check_rev(row, change.rev)
    if change.examined is None:
        return row
    version = await current(session, actor, row)
    touched = list(change.fields)
    if change.payload is None:
        await keeping.put_version(session, actor, row, change.examined, reason=change.reason, touched=touched)
    elif change.reason is Reason.EDITED and is_same_edit(version, actor):
        await keeping.take_over(session, actor, row, change.examined)
        version.payload, version.changed_at = change.payload, clock.now()
        version.fields = list(dict.fromkeys((*version.fields, *touched)))
        version.score, version.spec = row.score, row.spec
    else:
        text = change.payload
        made = await keeping.put_text(session, actor, row, version, change.examined, payload=text, touched=touched)
        made.reason = str(change.reason)
    accounts.record(session, actor, "card.changed", subject=("card", row.id), fields=touched, version=row.version)
    return row


def is_same_edit(version: CardVersion, actor: Actor) -> bool:
    """Whether an edit of this person goes into this version instead of a further one."""
    return (
        version.reason == Reason.EDITED
        and not version.is_base
        and not version.is_sealed
        and version.user_id == actor.user_id
        and clock.now() - version.created_at < SAME_EDIT
    )
