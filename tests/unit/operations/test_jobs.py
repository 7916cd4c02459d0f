"""The work of operations: packs, backups, upkeep; and who may ask for it."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from ainfluencer.accounts import service as accounts
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import NotAllowed, NotFound, ProductError
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job, JobState
from ainfluencer.operations import backups, jobs, packs, service
from tests.support.people import second_workspace

Handler = Callable[[JobRun], Awaitable[dict[str, Any] | None]]


async def work(db: Database, job: Job, handler: Handler) -> dict[str, Any]:
    """Run a job's handler as the engine would."""
    async with db.writing() as session:
        row = await session.get_one(Job, job.id)
        row.state, row.attempt = JobState.RUNNING, 1
    return await handler(JobRun(row)) or {}


async def test_a_backup_is_made_once_at_a_time(db: Database, owner: Actor, settings: Settings) -> None:
    async with db.writing() as session:
        first = await service.back_up(session, owner)
        again = await service.back_up(session, owner)
    assert again.id == first.id
    result = await work(db, first, jobs.backup)
    assert [b.name for b in backups.listed(settings)] == [result["name"]]
    assert result["size_bytes"] > 0


async def test_the_daily_one_forgets_older_ones(db: Database, owner: Actor, settings: Settings) -> None:
    folder = settings.data / "backups"
    folder.mkdir(parents=True)
    for day in (1, 2, 3):
        (folder / f"daily-2026110{day}-030000.zip").write_bytes(b"x")
    async with db.writing() as session:
        job = await service.back_up(session, owner)
        job.payload = {"prefix": backups.DAILY, "keep": 2}
    result = await work(db, job, jobs.backup)
    assert result["forgotten"] == 2
    assert len(backups.listed(settings)) == 2


async def test_verifying_a_pack_that_is_not_here_fails_in_words(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        job = await service.verify_pack(session, owner, "minilm")
        gone = await service.remove_pack(session, owner, "minilm")
    with pytest.raises(ProductError, match="missing"):
        await work(db, job, jobs.verify)
    assert await work(db, gone, jobs.remove) == {"freed_bytes": 0}


async def test_a_pack_is_removed(db: Database, owner: Actor, settings: Settings) -> None:
    folder = packs.models_folder(settings.data) / "minilm"
    folder.mkdir(parents=True)
    (folder / "half.bin").write_bytes(b"1234")
    async with db.writing() as session:
        job = await service.remove_pack(session, owner, "minilm")
    assert await work(db, job, jobs.remove) == {"freed_bytes": 4}
    assert not folder.exists()


async def test_only_the_first_workspace_touches_what_belongs_to_all(db: Database, owner: Actor) -> None:
    assert owner
    stranger = await second_workspace(db)
    creator = Actor(owner.workspace_id, Role.CREATOR, owner.user_id)
    async with db.writing() as session:
        for actor in (stranger, creator):
            with pytest.raises(NotAllowed):
                await service.install_pack(session, actor, "minilm")
            with pytest.raises(NotAllowed):
                await service.back_up(session, actor)
        with pytest.raises(NotFound):
            await service.install_pack(session, owner, "nothing")


async def test_upkeep_clears_small_pictures_that_nobody_looked_at(
    db: Database, owner: Actor, settings: Settings
) -> None:
    folder = settings.data / "media" / "variants" / "ab"
    folder.mkdir(parents=True)
    old, new = folder / "old.webp", folder / "new.webp"
    old.write_bytes(b"12345")
    new.write_bytes(b"1")
    long_ago = time.time() - 61 * 86400
    os.utime(old, (long_ago, long_ago))
    async with db.writing() as session:
        job = await service.back_up(session, owner)  # any row will do
    result = await work(db, job, jobs.upkeep)
    assert (result["thumbnails"], result["freed_bytes"]) == (1, 5)
    assert not old.exists()
    assert new.exists()


async def kinds(db: Database) -> list[str]:
    async with db.reading() as session:
        return sorted(await session.scalars(select(Job.kind)))


async def test_a_night_is_done_once(db: Database, owner: Actor) -> None:
    assert owner
    await jobs.nightly()
    await jobs.nightly()
    found = await kinds(db)
    assert found.count("operations.upkeep") == 1
    assert found.count("operations.backup") <= 1


async def test_who_wants_no_backup_gets_none(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        await accounts.set_setting(session, owner, service.DAILY_BACKUP.key, False)
    await jobs.nightly()
    assert await kinds(db) == ["operations.upkeep"]
