"""Workspaces: made, named, placed in a time zone."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.models import Membership, Workspace
from ainfluencer.accounts.schemas import clean_name
from ainfluencer.accounts.service.audit import record
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import NotAllowed


async def create_workspace(session: AsyncSession, actor: Actor, name: str, timezone: str = "UTC") -> Workspace:
    """A further workspace, owned by the actor. Who only registered or was invited cannot make one; an owner can."""
    actor.require(Right.OWN)
    if actor.user_id is None:
        raise NotAllowed("Only a person can make a workspace.")
    workspace = Workspace(name=clean_name(name), timezone=clock.zone(timezone).key)
    session.add(workspace)
    await session.flush()
    session.add(Membership(workspace_id=workspace.id, user_id=actor.user_id, role=Role.OWNER))
    await session.flush()
    there = Actor(workspace_id=workspace.id, role=Role.OWNER, user_id=actor.user_id, name=actor.name, via=actor.via)
    record(session, there, "workspace.created", subject=("workspace", workspace.id), name=workspace.name)
    return workspace


async def change_workspace(
    session: AsyncSession, actor: Actor, *, name: str | None = None, timezone: str | None = None
) -> Workspace:
    """Rename the actor's workspace or move it to another time zone (already planned instants stay as they are)."""
    actor.require(Right.MANAGE)
    workspace = await session.get_one(Workspace, actor.workspace_id)
    before = {"name": workspace.name, "timezone": workspace.timezone}
    if name is not None:
        workspace.name = clean_name(name)
    if timezone is not None:
        workspace.timezone = clock.zone(timezone).key
    after = {"name": workspace.name, "timezone": workspace.timezone}
    if after != before:
        record(session, actor, "workspace.changed", subject=("workspace", workspace.id), before=before, after=after)
    return workspace
