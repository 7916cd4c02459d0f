"""Makes characters of cards: of one, or of every card that an import added."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import intake, service
from ainfluencer.cards.library import companions, revising
from ainfluencer.cards.models import CardImport, CardRow
from ainfluencer.cards.queries import get
from ainfluencer.characters.schemas import ConsentDraft, ConsentKind
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound, PolicyRefused
from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun

Likeness = Literal["synthetic", "own", "none"]
"""Whose face a card's picture shows; `none` leaves the picture out of the character."""


async def make_character(actor: Actor, card_id: str, likeness: str) -> tuple[str, str]:
    """The id and name of a character that is made of a card. `Conflict` when the card has a living one already."""
    actor.require(Right.CREATE)
    async with database().reading() as session:
        found = await service.read(session, actor, card_id)
        await _check_alone(session, actor, found.row)
    source = await intake.read(actor, found.opened.data, found.version.filename or "card.json")
    kind = ConsentKind.OWN if likeness == "own" else ConsentKind.SYNTHETIC
    async with database().writing() as session:
        row = await get(session, actor, card_id, lock=True)
        revising.check_rev(row, found.row.rev)  # else card and character would be told to be in step
        await _check_alone(session, actor, row)
        picture = None if likeness == "none" else await intake.store_picture(session, actor, source)
        consent = ConsentDraft(
            kind=kind, statement=f"Stated when the card {row.name} was made into a character: {kind}."
        )
        made = await service.import_source(
            session, actor, source, picture, consent=consent if picture else None, card=row
        )
        return made.id, made.name


async def _check_alone(session: AsyncSession, actor: Actor, row: CardRow) -> None:
    if await companions.step_of(session, actor, row):
        raise Conflict("This card has a character already.", "Open it, or take the card's words over.")


async def people_of_import(job: JobRun, likeness: str) -> dict[str, Any]:
    """Characters of all cards that an import added and that have none yet: so a job that begins anew makes none twice."""
    question = (
        select(CardRow.id, CardRow.name)
        .join(CardImport, (CardImport.card_id == CardRow.id) & (CardImport.workspace_id == job.workspace_id))
        .where(
            CardRow.workspace_id == job.workspace_id,
            CardRow.character_id.is_(None),
            CardRow.deleted_at.is_(None),
            CardImport.job_id == job.id,
            CardImport.outcome == "added",
        )
        .order_by(CardImport.position)
    )
    async with database().reading() as session:
        waiting = [(card_id, name) for card_id, name in await session.execute(question)]
    left: list[dict[str, str]] = []
    for number, (card_id, name) in enumerate(waiting):
        await job.progress(number / len(waiting), f"{name[:60]} becomes a character", done=number, total=len(waiting))
        try:
            await make_character(job.actor, card_id, likeness)
        except (InvalidInput, PolicyRefused, NotFound, Conflict) as refusal:
            left.append({"card_id": card_id, "name": name, "detail": f"{refusal.detail} {refusal.next_step}".strip()})
    return {"made": len(waiting) - len(left), "refused": left}
