"""Verbs on the instance, each as a job: install, verify and remove model packs, save a backup."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts.schemas import Preference
from ainfluencer.accounts.service import declare, record
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.engine import queries as jobs
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job
from ainfluencer.operations import access, backups, packs

DAILY_BACKUP = declare(
    Preference(
        key="operations.daily_backup",
        kind="switch",
        default=True,
        title="Daily backup",
        sentence="Saves database, media and keys every night. Only the first workspace's choice counts.",
        right=Right.OWN,
    )
)
KEEP_BACKUPS = declare(
    Preference(
        key="operations.keep_backups",
        kind="number",
        default=7,
        title="Daily backups to keep",
        sentence="Older automatic ones are deleted; those that a person made stay.",
        right=Right.OWN,
        least=1,
        most=90,
    )
)


async def install_pack(session: AsyncSession, actor: Actor, pack_id: str) -> Job:
    """Bring a model pack; the running job when it is on its way already."""
    return await _on_pack(session, actor, "operations.models_install", pack_id, "Install")


async def verify_pack(session: AsyncSession, actor: Actor, pack_id: str) -> Job:
    """Read every byte of a pack and compare it with what was pinned."""
    return await _on_pack(session, actor, "operations.models_verify", pack_id, "Verify")


async def remove_pack(session: AsyncSession, actor: Actor, pack_id: str) -> Job:
    """Delete a pack's files; it can be had again."""
    return await _on_pack(session, actor, "operations.models_remove", pack_id, "Remove")


async def back_up(session: AsyncSession, actor: Actor) -> Job:
    """Save database, media and keys into one file; the running job when one is being made."""
    await access.require(session, actor, Right.OWN)
    running = await jobs.find_live(session, actor, "operations.backup", ("instance", "backup"))
    if running is not None:
        return running
    record(session, actor, "backup.started")
    return await engine.enqueue(
        session, actor, "operations.backup", title="Save a backup", subject=("instance", "backup")
    )


async def delete_backup(session: AsyncSession, actor: Actor, name: str) -> int:
    """Delete a backup file; answers the bytes freed."""
    await access.require(session, actor, Right.OWN)
    record(session, actor, "backup.deleted", subject=("backup", name[:80]))
    return backups.delete(settings(), name)


async def _on_pack(session: AsyncSession, actor: Actor, kind: str, pack_id: str, verb: str) -> Job:
    await access.require(session, actor, Right.MANAGE)
    pack = packs.pack(pack_id)
    running = await jobs.find_live(session, actor, kind, ("pack", pack.id))
    if running is not None:
        return running
    record(session, actor, kind.replace("operations.models_", "pack."), subject=("pack", pack.id))
    title = f"{verb} {pack.title}"
    return await engine.enqueue(session, actor, kind, {"pack_id": pack.id}, title=title, subject=("pack", pack.id))
