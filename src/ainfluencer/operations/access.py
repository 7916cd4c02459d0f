"""Who may touch what belongs to the whole instance: logs, model files and backups hold more than one workspace."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries as accounts
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotAllowed


async def is_of_instance(session: AsyncSession, actor: Actor) -> bool:
    """Whether the actor acts in the instance's first workspace, which runs it."""
    first = await accounts.find_first_workspace(session)
    return first is not None and first.id == actor.workspace_id


async def require(session: AsyncSession, actor: Actor, right: Right) -> None:
    """`NotAllowed` unless the actor has the right, in the workspace that runs the instance."""
    actor.require(right)
    if not await is_of_instance(session, actor):
        raise NotAllowed(
            "This belongs to the whole instance, not to one workspace.",
            "Ask an owner of the first workspace of this instance.",
        )
