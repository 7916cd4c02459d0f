"""Jobs of the forge, from what was given to the card that can be downloaded, without any model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ainfluencer.cards import opening
from ainfluencer.cards.forge import jobs as forge_jobs
from ainfluencer.cards.forge import service
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.linting import linter
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import exports
from ainfluencer.engine.models import Job, JobState
from ainfluencer.engine.run import JobRun
from tests.unit.cards.forge_support import IDEA, NOTES, STORY, begun


async def done(db: Database, begun_job: service.Begun) -> dict[str, Any]:
    """Do the job's work as the engine does it, and record its end."""
    async with db.writing() as session:
        job = await session.get_one(Job, begun_job.job.id)
        job.state, job.attempt = JobState.RUNNING, job.attempt + 1
    run = JobRun(job)
    result = await forge_jobs.forge(run)
    assert result is not None
    async with db.writing() as session:
        row = await session.get_one(Job, run.id)
        row.state, row.result = JobState.COMPLETED, result
    return result


def files_below(folder: Path) -> set[Path]:
    return {one for one in folder.rglob("*") if one.is_file() and "ainfluencer.db" not in one.name}


async def count(db: Database, table: Any) -> int:
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(("text", "name"), [(IDEA, ""), (NOTES, ""), (STORY, "Anna Reed")])
async def test_every_kind_of_source_becomes_a_sound_card(db: Database, owner: Actor, text: str, name: str) -> None:
    result = await done(db, await begun(owner, text, name=name))
    opened = opening.open_card(json.dumps(result["card"]).encode())
    assert opened.card.spec == "v3"
    assert opened.card.name == result["name"] != ""
    assert opened.card.description
    assert opened.card.first_mes
    assert not [one for one in linter.lint(opened).findings if one.severity == "error"]


async def test_what_came_with_the_job_goes_with_it(db: Database, owner: Actor, tmp_path: Path) -> None:
    before = files_below(tmp_path)
    job = await begun(owner, NOTES)
    assert await count(db, ForgeSource) == 1
    await done(db, job)
    assert await count(db, ForgeSource) == 0
    async with db.reading() as session:
        row = await session.get_one(Job, job.job.id)
        for form in ("json", "v2", "v3", "png", "charx"):
            assert (await exports.download(session, owner, row, form))[0]
    assert files_below(tmp_path) == before
