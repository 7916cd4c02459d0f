"""Taking back a decision, and taking another of the texts that were written."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.publishing import queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Approval, Post
from ainfluencer.publishing.post_states import PostState, move
from ainfluencer.publishing.schemas import PostEdit
from ainfluencer.publishing.service import posts, redrawing, scheduling, standing
from ainfluencer.writing import queries as texts


async def reopen(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Put a decided post back into review: its approval is void, what was scheduled of it is taken back.

    `Conflict` when a part of it is public or under way.
    """
    actor.require(Right.REVIEW)
    post = await queries.get(session, actor, post_id, lock=True)
    for delivery in await queries.deliveries_of(session, actor, post.id, lock=True):
        if delivery.state in {DeliveryState.SENDING, DeliveryState.PUBLISHED} or delivery.is_unknown:
            raise Conflict("A part of this post is public already, or may be.", "Withdraw it instead.")
    to = move(post.state, PostState.IN_REVIEW)
    await scheduling.take_back(session, actor, post)
    await session.execute(update(Approval).where(Approval.post_id == post.id).values(is_void=True))
    post.state, post.note, post.problem = to, "", {}
    standing.announce(session, post)
    return post


async def choose_candidate(session: AsyncSession, actor: Actor, post_id: str, index: int) -> Post:
    """Put another of the written texts into the post: caption, hashtags and, by a job, the words on its picture.

    New words go back to review. `index` counts from 0 in the order of the draft. `InvalidInput` when the post has no draft or no such candidate.
    """
    from ainfluencer.writing import service as writing

    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id)
    if not post.candidates_id:
        raise InvalidInput("Nothing was written to choose from.", "Edit the caption instead.")
    await writing.choose(session, actor, post.candidates_id, index)
    draft = await texts.get(session, actor, post.candidates_id)
    chosen = texts.as_candidate(draft.candidates[index])
    post = await posts.edit(session, actor, post_id, PostEdit(caption=chosen.caption, hashtags=chosen.hashtags))
    await redrawing.follow(session, actor, post, chosen.poster, chosen.alt_text)
    return post
