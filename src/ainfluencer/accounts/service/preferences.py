"""Changing the settings of a workspace: checked against their declaration, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.models import WorkspaceSetting
from ainfluencer.accounts.preferences import declared
from ainfluencer.accounts.schemas import Preference
from ainfluencer.accounts.service.audit import record
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput


async def set_settings(session: AsyncSession, actor: Actor, values: Mapping[str, Any], *, reason: str = "") -> None:
    """Change several settings, all or none. Each needs its own right; those that ask for a reason record it."""
    for key, value in values.items():
        await set_setting(session, actor, key, value, reason=reason)


async def set_setting(session: AsyncSession, actor: Actor, key: str, value: Any, *, reason: str = "") -> Any:
    """Change one setting and return its value in proper form. Setting it to its default forgets it."""
    preference = declared(key)
    actor.require(preference.right)
    value = preference.check(value)
    row = await session.scalar(
        select(WorkspaceSetting).where(WorkspaceSetting.workspace_id == actor.workspace_id, WorkspaceSetting.key == key)
    )
    before = preference.default if row is None else row.value
    if before == value:
        return value
    if preference.needs_reason and len(reason.strip()) < 10:
        raise InvalidInput(
            f"Changing “{preference.title}” needs a reason, which is recorded.",
            "Write one sentence (at least 10 characters) that says why.",
            field="reason",
        )
    await _store(session, actor, preference, row, value)
    record(
        session, actor, "setting.changed", subject=("setting", key), before=before, after=value, reason=reason.strip()
    )
    return value


async def _store(
    session: AsyncSession, actor: Actor, preference: Preference, row: WorkspaceSetting | None, value: Any
) -> None:
    if value == preference.default:
        if row is not None:
            await session.delete(row)
    elif row is None:
        session.add(WorkspaceSetting(workspace_id=actor.workspace_id, key=preference.key, value=value))
    else:
        row.value = value
    await session.flush()
