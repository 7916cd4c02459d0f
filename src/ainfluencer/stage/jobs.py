"""The audience comes by in waves: read and decide, let the writer speak, write it down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.engine import events
from ainfluencer.engine.jobs import JobRun, job
from ainfluencer.stage import audience
from ainfluencer.stage.models import StageAccount, StagePost
from ainfluencer.writing import service as writing


@job("stage.audience", queue="light", title="The audience comes by", owned="stage_post")
async def come_by(run: JobRun) -> dict[str, Any]:
    """One wave of reactions to one post."""
    post_id, wave = run.payload["post_id"], int(run.payload["wave"])
    async with database().writing() as session:
        post = await session.scalar(select(StagePost).where(StagePost.id == post_id, StagePost.deleted_at.is_(None)))
        if post is None:
            return {"reactions": 0}
        await audience.ensure_people(session, run.workspace_id)
        wanted = await audience.plan(session, post, wave)
        author = await session.get(StageAccount, post.account_id)
        speakers = {
            a.id: await _voice(session, run, a)
            for a in await session.scalars(select(StageAccount).where(StageAccount.id.in_(wanted.commenters)))
        }
    comments = {}
    for account_id, sheet in speakers.items():
        text = await writing.comment(run.actor, sheet, post.text, author.name if author else "")
        if text:
            comments[account_id] = text
    async with database().writing() as session:
        post = await session.scalar(select(StagePost).where(StagePost.id == post_id, StagePost.deleted_at.is_(None)))
        new = await audience.carry_out(session, post, wanted, comments, wave) if post else 0
    events.announce(run.workspace_id, "stage", {"post_id": post_id, "wave": wave})
    return {"reactions": new}


async def _voice(session: Any, run: JobRun, account: StageAccount) -> CharacterSheet:
    if account.is_audience or not account.character_id:
        return audience.voice_of(account)
    try:
        return await characters.sheet(session, run.actor, account.character_id)
    except NotFound:
        return audience.voice_of(account)
