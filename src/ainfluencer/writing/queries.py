"""Questions about what was written."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.writing.models import Draft, DraftCandidate
from ainfluencer.writing.schemas import Candidate


async def get(session: AsyncSession, actor: Actor, draft_id: str) -> Draft:
    """One draft with its candidates, or `NotFound`."""
    actor.require(Right.READ)
    wanted = select(Draft).where(Draft.workspace_id == actor.workspace_id, Draft.id == draft_id)
    found = (await session.scalars(wanted.options(selectinload(Draft.candidates)))).one_or_none()
    if found is None:
        raise NotFound("There is no such draft.")
    return found


async def list_drafts(
    session: AsyncSession, actor: Actor, *, character_id: str = "", cursor: str = "", limit: int = 20
) -> tuple[list[Draft], str | None]:
    """Drafts with their candidates, newest first, and the cursor of the next page."""
    actor.require(Right.READ)
    wanted = select(Draft).where(Draft.workspace_id == actor.workspace_id).options(selectinload(Draft.candidates))
    if character_id:
        wanted = wanted.where(Draft.character_id == character_id)
    if cursor:
        wanted = wanted.where(Draft.id < cursor)
    rows = list(await session.scalars(wanted.order_by(Draft.id.desc()).limit(limit + 1)))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


async def recent_texts(session: AsyncSession, actor: Actor, character_id: str, *, limit: int = 30) -> tuple[str, ...]:
    """Captions and poster words that were chosen lately, newest last: what a brief should avoid."""
    drafts, _ = await list_drafts(session, actor, character_id=character_id, limit=limit)
    texts: list[str] = []
    for draft in reversed(drafts):
        for row in draft.candidates:
            if row.position == draft.chosen:
                texts += [row.caption, *as_candidate(row).poster.lines]
    return tuple(texts)


def as_candidate(row: DraftCandidate) -> Candidate:
    """A row as the plain shape."""
    return Candidate.model_validate({name: getattr(row, name) for name in Candidate.model_fields}, from_attributes=True)
