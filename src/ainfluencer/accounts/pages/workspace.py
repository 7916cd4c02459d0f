"""Settings of the workspace, and the trail of what was done in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import available_timezones

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.models import AuditEntry
from ainfluencer.accounts.queries import AuditFilter
from ainfluencer.accounts.schemas import SettingOut
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class WorkspacePage:
    """Name, time zone, and every declared setting."""

    name: str
    timezone: str
    zones: tuple[str, ...]
    settings: tuple[SettingOut, ...]
    can_manage: bool
    can_own: bool
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "accounts/workspace.html"
    region: ClassVar[str] = "parts"


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry in words."""

    icon: str
    title: str
    detail: str
    at: Any


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The trail, newest first."""

    lines: tuple[AuditLine, ...]
    action: str
    kinds: tuple[str, ...]
    next_url: str
    allowed: bool = True
    template: ClassVar[str] = "accounts/audit.html"
    region: ClassVar[str] = "results"


@router.get("/settings")
async def index(request: Request, who: Who) -> Response:
    """Settings begin with the workspace for those who manage it, with one's own account for others."""
    return go_to(request, "/settings/workspace" if who.can(Right.MANAGE) else "/settings/account")


async def _page(session: Read, who: Who, errors: dict[str, str] | None = None) -> WorkspacePage:
    workspace = await queries.get_workspace(session, who)
    return WorkspacePage(
        name=workspace.name,
        timezone=workspace.timezone,
        zones=tuple(sorted(available_timezones())),
        settings=tuple(await queries.list_settings(session, who)),
        can_manage=who.can(Right.MANAGE),
        can_own=who.can(Right.OWN),
        errors=errors or {},
    )


@router.get("/settings/workspace")
async def show(request: Request, who: Who, session: Read) -> Response:
    """The settings as they are."""
    return render(request, await _page(session, who))


@router.post("/settings/workspace")
async def change(
    request: Request,
    who: Who,
    session: Write,
    name: Annotated[str, Form()] = "",
    timezone: Annotated[str, Form()] = "",
) -> Response:
    """Rename, or move to another time zone."""
    try:
        await service.change_workspace(session, who, name=name, timezone=timezone)
    except InvalidInput as mistake:
        await session.rollback()
        return render(request, await _page(session, who, form_errors(mistake)), status=422)
    flash(request, "The workspace is saved.", "success")
    return go_to(request, "/settings/workspace")


@router.post("/settings/preferences")
async def change_preferences(request: Request, who: Who, session: Write) -> Response:
    """Save the settings that the form names; a switch that is off sends nothing, so the form lists its keys."""
    form = {key: str(value) for key, value in (await request.form()).multi_items()}
    try:
        known = {s.key: s for s in await queries.list_settings(session, who) if s.can_change}
        values = {key: _value(known[key], form) for key in form.get("keys", "").split(",") if key in known}
        await service.set_settings(session, who, values, reason=form.get("reason", ""))
    except InvalidInput as mistake:
        await session.rollback()
        return render(request, await _page(session, who, form_errors(mistake)), status=422)
    flash(request, "The settings are saved.", "success")
    return go_to(request, "/settings/workspace")


def _value(setting: SettingOut, form: Mapping[str, str]) -> Any:
    text = form.get(setting.key, "")
    if setting.kind == "switch":
        return bool(text)
    if setting.kind == "number":
        return int(text) if text.lstrip("-").isdigit() else text
    return text


@router.post("/settings/workspaces")
async def create(
    request: Request,
    who: Who,
    session: Write,
    new_name: Annotated[str, Form()] = "",
    new_timezone: Annotated[str, Form()] = "UTC",
) -> Response:
    """A further workspace of the same owner."""
    made = await service.create_workspace(session, who, new_name, new_timezone)
    flash(request, f"“{made.name}” is there. Switch to it in the menu with your name.", "success")
    return go_to(request, "/settings/workspace")


_ICONS = {
    "person": "user-round",
    "invitation": "mail",
    "session": "log-in",
    "key": "key-round",
    "password": "lock",
    "setting": "sliders-horizontal",
    "workspace": "building-2",
    "post": "send",
    "channel": "radio-tower",
    "character": "user-round-plus",
}
KINDS = ("person", "invitation", "session", "key", "password", "setting", "workspace", "character", "channel", "post")


@router.get("/settings/audit")
async def audit(request: Request, who: Who, session: Read, action: str = "", cursor: str = "") -> Response:
    """Who did what."""
    if not who.can(Right.OWN):
        return render(request, AuditPage((), "", KINDS, "", allowed=False), status=403)
    found = await queries.list_audit(session, who, AuditFilter(action=action), cursor=cursor or None)
    more = urlencode({"action": action, "cursor": found.next_cursor}) if found.next_cursor else ""
    lines = tuple(_line(entry) for entry in found.items)
    return render(request, AuditPage(lines, action, KINDS, f"/settings/audit?{more}" if more else ""))


def _line(entry: AuditEntry) -> AuditLine:
    kind, _, deed = entry.action.partition(".")
    title = f"{kind} {deed}".strip().replace("_", " ").capitalize()
    by = entry.actor_name or "The product"
    via = {"api": " by API", "cli": " on the command line", "job": " in the background"}.get(entry.via, "")
    told = [
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in sorted(entry.details.items())
        if value not in ("", None)
    ]
    return AuditLine(_ICONS.get(kind, "activity"), title, " · ".join([by + via, *told]), entry.created_at)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
