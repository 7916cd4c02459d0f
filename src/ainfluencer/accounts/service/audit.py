"""The trail: who did what to which thing. Written in the same transaction as the deed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.models import AuditEntry
from ainfluencer.core.actor import Actor


def record(
    session: AsyncSession, actor: Actor, action: str, *, subject: tuple[str, str] = ("", ""), **details: Any
) -> AuditEntry:
    """Add a line to the trail of the actor's workspace.

    `action` is a past tense with its kind in front, such as `post.approved`; `subject` is (kind, id); `details` are
    JSON values and never secrets.
    """
    entry = AuditEntry(
        workspace_id=actor.workspace_id,
        actor_id=actor.user_id,
        actor_name=actor.name,
        via=actor.via,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        details=details,
    )
    session.add(entry)
    return entry
