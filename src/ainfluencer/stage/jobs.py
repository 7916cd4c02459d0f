"""The audience comes by in waves: read and decide, let the writer speak, write it down."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.engine import events
from ainfluencer.engine.jobs import JobRun, job
from ainfluencer.stage import audience, remarks
from ainfluencer.stage.models import StageAccount, StagePost
from ainfluencer.writing import service as writing

_LATELY = 6  # a member does not repeat what they said in their last comments


@job("stage.audience", queue="light", title="The audience comes by", owned="stage_post", background=True)
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
        name = author.name if author else ""
        speakers = [
            (a.id, await _voice(session, run, a), await _lines(session, a, post, name))
            for a in await session.scalars(select(StageAccount).where(StageAccount.id.in_(wanted.commenters)))
        ]
    comments: dict[str, str] = {}
    for account_id, sheet, lines in speakers:
        text = await writing.comment(run.actor, sheet, post.text, name, lines)
        if text and text not in comments.values():
            comments[account_id] = text
    async with database().writing() as session:
        post = await session.scalar(select(StagePost).where(StagePost.id == post_id, StagePost.deleted_at.is_(None)))
        new = await audience.carry_out(session, post, wanted, comments, wave) if post else 0
    events.announce(run.workspace_id, "stage", {"what": "wave", "post_id": post_id, "root_id": post_id})
    return {"reactions": new}


async def _voice(session: AsyncSession, run: JobRun, account: StageAccount) -> CharacterSheet:
    if account.is_audience or not account.character_id:
        return audience.voice_of(account)
    try:
        return await characters.sheet(session, run.actor, account.character_id)
    except NotFound:
        return audience.voice_of(account)


async def _lines(session: AsyncSession, account: StageAccount, post: StagePost, author: str) -> list[str]:
    """The member's own lines, without what stands under this post and what they said lately anywhere."""
    mine = select(StagePost.text).where(StagePost.account_id == account.id).order_by(StagePost.id.desc()).limit(_LATELY)
    there = select(StagePost.text).where(StagePost.root_id == post.id)
    used = [*await session.scalars(mine), *await session.scalars(there)]
    fresh = remarks.lines_for(account, post.text, author, used)
    return fresh or remarks.lines_for(account, post.text, author)
