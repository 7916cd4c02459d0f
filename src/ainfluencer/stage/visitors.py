"""A person of the workspace plays the audience: likes, comments and follows under an account that says "visitor"."""

from __future__ import annotations

import re

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotAllowed
from ainfluencer.core.ids import new_id
from ainfluencer.engine import events
from ainfluencer.stage import queries, service
from ainfluencer.stage.models import StageAccount, StageFollow, StagePost, StageReaction
from ainfluencer.stage.schemas import NewStagePost

NOTICE = "Visitor: somebody of this workspace who plays the audience."
MAX_COMMENT = 300  # characters


def may_play(actor: Actor) -> bool:
    """Whether this person may play the audience: whoever makes or reviews here."""
    return bool(actor.user_id) and (actor.can(Right.CREATE) or actor.can(Right.REVIEW))


async def find_visitor(session: AsyncSession, actor: Actor) -> StageAccount | None:
    """The person's account on the Stage, if they have acted there."""
    if not actor.user_id:
        return None
    found: StageAccount | None = await session.scalar(
        select(StageAccount).where(
            StageAccount.workspace_id == actor.workspace_id, StageAccount.user_id == actor.user_id
        )
    )
    return found


async def visitor(session: AsyncSession, actor: Actor) -> StageAccount:
    """The person's account on the Stage, opened at the first act. `NotAllowed` for those who only look."""
    if not may_play(actor):
        raise NotAllowed(
            f"Your role ({actor.role}) may watch the Stage, not act on it.",
            "Ask an owner for a role that creates or reviews.",
        )
    known = await find_visitor(session, actor)
    if known:
        return known
    name = actor.name.strip() or "Somebody"
    handle = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    taken = set(
        await session.scalars(select(StageAccount.handle).where(StageAccount.workspace_id == actor.workspace_id))
    )
    wanted = base = f"visitor_{handle}" if handle else "visitor"
    number = 2
    while wanted in taken:
        wanted, number = f"{base}{number}", number + 1
    made = StageAccount(
        workspace_id=actor.workspace_id,
        user_id=actor.user_id,
        handle=wanted,
        name=f"{name[:100]} (visitor)",
        bio=NOTICE,
    )
    session.add(made)
    await session.flush()
    return made


async def like(session: AsyncSession, actor: Actor, post_id: str, *, wanted: bool) -> StagePost:
    """Like the post, or take the like back."""
    post = await queries.get_post(session, actor.workspace_id, post_id)
    account = await visitor(session, actor)
    if wanted:
        await service.react(session, account, post.id, "like")
    else:
        await session.execute(
            delete(StageReaction).where(
                StageReaction.post_id == post.id,
                StageReaction.account_id == account.id,
                StageReaction.kind == "like",
            )
        )
    data = {"what": "like", "post_id": post.id, "root_id": post.root_id or post.id}
    events.tell(session, actor.workspace_id, "stage", data)
    return post


async def comment(session: AsyncSession, actor: Actor, post_id: str, text: str) -> StagePost:
    """Say something under a post; it reaches the character's inbox like anybody's comment."""
    text = text.strip()
    if not text:
        raise InvalidInput("The comment is empty.", "Write something first.", field="text")
    if len(text) > MAX_COMMENT:
        raise InvalidInput(
            f"The comment has {len(text)} letters; the Stage takes {MAX_COMMENT}.", "Make it shorter.", field="text"
        )
    post = await queries.get_post(session, actor.workspace_id, post_id)
    account = await visitor(session, actor)
    made, _ = await service.post(
        session, account, f"visit:{new_id()}", NewStagePost(text=text, in_reply_to=post.id, ai_made=False)
    )
    return made


async def follow(session: AsyncSession, actor: Actor, handle: str, *, wanted: bool) -> StageAccount:
    """Follow somebody, or stop."""
    whom = await queries.account_by_handle(session, actor.workspace_id, handle)
    account = await visitor(session, actor)
    if wanted:
        await service.follow(session, account, whom.id)
    else:
        await session.execute(
            delete(StageFollow).where(StageFollow.follower_id == account.id, StageFollow.followed_id == whom.id)
        )
    return whom
