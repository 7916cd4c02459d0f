"""Workspaces, their settings, and the trail of what was done in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import Workspace
from ainfluencer.accounts.queries import AuditFilter
from ainfluencer.accounts.schemas import AuditOut, Name, SettingOut, SettingsIn, WorkspaceIn, WorkspaceOut
from ainfluencer.api.schemas import Page, Paged
from ainfluencer.core.actor import Role
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["workspace"])


class NewWorkspaceIn(BaseModel):
    """A workspace to make."""

    name: Name
    timezone: str = "UTC"


def _out(workspace: Workspace, role: Role, current_id: str) -> WorkspaceOut:
    return WorkspaceOut(
        id=workspace.id,
        name=workspace.name,
        timezone=workspace.timezone,
        role=role,
        is_current=workspace.id == current_id,
    )


@router.get("/workspaces")
async def list_workspaces(who: Who, session: Read) -> Page[WorkspaceOut]:
    """The workspaces that the caller belongs to; a key sees only its own."""
    found = await queries.list_workspaces(session, who)
    return Page(items=[_out(m.workspace, Role(m.role), who.workspace_id) for m in found])


@router.post("/workspaces", status_code=201)
async def create_workspace(body: NewWorkspaceIn, who: Who, session: Write) -> WorkspaceOut:
    """A further workspace, owned by the caller."""
    made = await service.create_workspace(session, who, body.name, body.timezone)
    return _out(made, Role.OWNER, who.workspace_id)


@router.patch("/workspace")
async def change_workspace(body: WorkspaceIn, who: Who, session: Write) -> WorkspaceOut:
    """Rename the present workspace or change its time zone."""
    changed = await service.change_workspace(session, who, name=body.name, timezone=body.timezone)
    return _out(changed, who.role, who.workspace_id)


@router.get("/settings")
async def list_settings(who: Who, session: Read) -> Page[SettingOut]:
    """Every setting of the workspace with its value, its default and its sentence."""
    return Page(items=await queries.list_settings(session, who))


@router.put("/settings")
async def put_settings(body: SettingsIn, who: Who, session: Write) -> Page[SettingOut]:
    """Change some settings, all or none. Unknown keys and values that do not fit are refused."""
    await service.set_settings(session, who, body.values, reason=body.reason)
    return Page(items=await queries.list_settings(session, who))


@router.get("/audit")
async def list_audit(
    who: Who,
    session: Read,
    paged: Paged,
    action: Annotated[str, Query(max_length=60, description="person.invited, or a whole kind such as person")] = "",
    actor_id: Annotated[str, Query(max_length=26)] = "",
    subject_kind: Annotated[str, Query(max_length=40)] = "",
    subject_id: Annotated[str, Query(max_length=64)] = "",
) -> Page[AuditOut]:
    """Who did what, newest first."""
    wanted = AuditFilter(action, actor_id, subject_kind, subject_id)
    found = await queries.list_audit(session, who, wanted, limit=paged.limit, cursor=paged.cursor)
    return Page(items=[AuditOut.model_validate(e) for e in found.items], next_cursor=found.next_cursor)
