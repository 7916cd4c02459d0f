"""Hands cards out: a version as a file, in another form with what that would lose, and many as a zip."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.losses import Loss
from ainfluencer.cards.library import files
from ainfluencer.cards.library.files import CardFile
from ainfluencer.cards.library.revising import OpenedCard
from ainfluencer.cards.models import CardVersion
from ainfluencer.cards.opening import OpenCard, told
from ainfluencer.cards.queries import current, get
from ainfluencer.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Handed:
    """A file to hand out, what readers of it will miss, and what else there is to say."""

    file: CardFile
    losses: tuple[Loss, ...] = ()
    notes: list[dict[str, str]] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The losses as JSON tells them."""
        return {
            "filename": self.file.filename,
            "size_bytes": len(self.file.data),
            "losses": [loss.as_dict() for loss in self.losses],
            "notes": self.notes,
        }


async def handed(found: OpenedCard, to: str = "", *, allow_loss: bool = False) -> Handed:
    """A version as a file, in the form that `to` names (v1, v2, v3, json, png, charx, yaml; empty: as it is).

    `WouldLose` when that loses something and is not allowed to.
    """
    own = files.file_of(found.row, found.version, found.opened)
    if not to:
        return Handed(own)
    return await asyncio.to_thread(converted, found.opened, to, own.filename, found.row.name, allow_loss=allow_loss)


def converted(opened: OpenCard, to: str, own_name: str, name: str, *, allow_loss: bool) -> Handed:
    """An opened card in another form. Takes a while for large ones: call it beside the event loop."""
    target = converter.target_of(to, "", opened.payload.container)
    made = converter.convert(opened, target, allow_loss=allow_loss)
    if made.data == opened.data:
        suffix = files.SUFFIXES[opened.payload.container.value]
        return Handed(CardFile(made.data, own_name, files.mime_of(suffix)), tuple(made.losses), told(made.notes))
    suffix = f".{made.target.container}"
    file = CardFile(made.data, f"{files.stem(name)}{suffix}", files.mime_of(suffix))
    return Handed(file, tuple(made.losses), told(made.notes))


def is_open(version: CardVersion) -> bool:
    """Whether further edits could still go into this version, so that it must be sealed when it is handed out."""
    return version.reason == "edited" and not version.is_sealed


async def seal(session: AsyncSession, actor: Actor, card_id: str, number: int) -> None:
    """Keep a version that was handed out as it is: further edits make a new one."""
    row = await get(session, actor, card_id, deleted=True, lock=True)
    (await current(session, actor, row, number)).is_sealed = True
