"""Submitting, approving and rejecting. An approval is bound to the content's hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.engine import service as engine
from ainfluencer.library import service as library
from ainfluencer.publishing import content, preflight, queries
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.errors import ChannelFull
from ainfluencer.publishing.events import PostApproved, PostRejected
from ainfluencer.publishing.models import Approval, Decision, Post
from ainfluencer.publishing.post_states import PostState, move
from ainfluencer.publishing.schemas import Bulk, Refusal
from ainfluencer.publishing.service import scheduling, standing
from ainfluencer.studio.models import AssetState

MAX_BULK = 200


async def submit(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Hand a draft (or a rejected post) to review."""
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    post.state = move(post.state, PostState.IN_REVIEW)
    standing.announce(session, post)
    return post


async def approve(session: AsyncSession, actor: Actor, post_id: str, note: str = "") -> Post:
    """Approve exactly this content, and with it the drafts among its pictures.

    A post with a date is scheduled by it; where that cannot be, `problem` says why.
    """
    actor.require(Right.REVIEW)
    post = await queries.get(session, actor, post_id, lock=True)
    to = move(post.state, PostState.APPROVED)
    whole = await content.load(session, post)
    preflight.require(whole)
    post.state, post.note, post.problem = to, "", {}
    post.content_hash = whole.hash()
    session.add(_decision(actor, post, Decision.APPROVED, note))
    if drafts := [p.asset.id for p in whole.pictures if p.asset.state == AssetState.DRAFT]:
        await library.approve(session, actor, drafts)
    await session.flush()
    await engine.record(session, actor, PostApproved(post.id, post.character_id))
    if post.due_at is not None:
        await _schedule(session, actor, whole, post.due_at)
    standing.announce(session, post)
    return post


async def _schedule(session: AsyncSession, actor: Actor, whole: Content, due_at: datetime) -> None:
    """Its own time, as long as that has not passed and its channels take a post then; else the post says what to do."""
    post = whole.post
    if due_at < clock.now() - timedelta(minutes=settings().late_minutes):
        post.problem = {
            "code": "slot_passed",
            "detail": "Its time passed before it was approved.",
            "next_step": "Choose another time, or publish it now.",
        }
        return
    try:
        await scheduling.require_free(session, actor, whole, due_at)
    except ChannelFull as full:
        post.problem = {"code": full.reason, "detail": full.detail, "next_step": full.next_step}
    else:
        await scheduling.place(session, actor, post, due_at)


async def reject(session: AsyncSession, actor: Actor, post_id: str, reason: str) -> Post:
    """Reject with a reason; what was scheduled of it is taken back."""
    actor.require(Right.REVIEW)
    if not reason.strip():
        raise InvalidInput("A rejection needs a reason.", "Say in a few words what is wrong.", field="reason")
    post = await queries.get(session, actor, post_id, lock=True)
    post.state = move(post.state, PostState.REJECTED)
    post.note = reason.strip()[:2000]
    await scheduling.take_back(session, actor, post)
    session.add(_decision(actor, post, Decision.REJECTED, post.note))
    await engine.record(session, actor, PostRejected(post.id, post.character_id, post.note))
    standing.announce(session, post)
    return post


async def approve_many(session: AsyncSession, actor: Actor, post_ids: Sequence[str], note: str = "") -> Bulk:
    """Approve several; each stands for itself: those that cannot are named with the reason, the others are done."""
    actor.require(Right.REVIEW)
    if not 1 <= len(post_ids) <= MAX_BULK:
        raise InvalidInput(f"Approve 1 to {MAX_BULK} posts at once.", field="post_ids")
    done: list[str] = []
    refused: list[Refusal] = []
    for post_id in dict.fromkeys(post_ids):
        try:
            async with session.begin_nested():
                await approve(session, actor, post_id, note)
        except ProductError as error:
            refused.append(Refusal(id=post_id, code=error.reason, detail=error.detail, next_step=error.next_step))
        else:
            done.append(post_id)
    return Bulk(done=done, refused=refused)


def _decision(actor: Actor, post: Post, decision: Decision, note: str) -> Approval:
    return Approval(
        workspace_id=post.workspace_id,
        post_id=post.id,
        decision=decision,
        by_id=actor.user_id or "",
        by_name=actor.name,
        note=note.strip()[:2000],
        content_hash=post.content_hash,
    )
