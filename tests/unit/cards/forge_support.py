"""Sources and a running engine for the tests of the forge."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from ainfluencer.cards.forge import jobs as forge_jobs
from ainfluencer.cards.forge import service, sources
from ainfluencer.cards.forge import texts as reading
from ainfluencer.cards.forge.options import Options
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database, database
from ainfluencer.engine.models import Job, JobState
from ainfluencer.engine.run import JobRun

IDEA = "A grumpy lighthouse keeper who talks to gulls and keeps a list of every ship she has ever forgiven."
NOTES = """# Tomas Harrow

Name: Tomas Harrow
Age: 58
Occupation: clock mender

Tomas Harrow runs a small repair shop on Candle Street in the old town of Varn. He is a patient, dry-witted man.
He is tall and stooped, with grey hair and a burn scar on his left hand.
Every morning he winds forty-one clocks by hand.
He loves plum cake and rain on a tin roof.
His best friend is Marta Bell, the baker across the street.
"If you want it quick, buy a new one. If you want it right, sit down."
Scenario: {{user}} enters the shop on Candle Street shortly before closing.
"""
STORY = """CHAPTER I. The Harbour

Anna Reed was a tall, quiet woman with red hair. She lived above the chandlery in Port Ellis, and she never locked her door.

“Who goes there?” cried Anna Reed from the window.

“Only me,” said Captain Moss. “Will you lend me your lantern?”

“You may have it,” said Anna, “if you bring it back before the tide turns. I never lend a thing twice.”

Captain Moss was an old smuggler with a wooden leg. He went down to the quay.

CHAPTER II. The Storm

Anna Reed always counted the boats at dusk. She was fond of storms.

“Why do you watch them?” asked Captain Moss.

“I am the only one who knows how many should come home,” said Anna Reed.

“And what do you do when one is missing?” asked Captain Moss.

“I light the big lamp, and I wait,” said Anna.

Port Ellis lay at the end of a narrow bay. Captain Moss laughed and shook his head.
"""


def read(text: str, name: str = "source.txt") -> sources.Read:
    """A text as a source that was read."""
    return sources.Read(text.encode(), name, reading.read(text.encode(), name))


async def begun(actor: Actor, *texts: str, **options: Any) -> service.Begun:
    """A job of the forge in the queue, by the offline profile unless another is named."""
    names = {"config", "prompt", "source_ids", "card_id", "card", "library_card_id"}
    more = {name: options.pop(name) for name in list(options) if name in names}
    request = service.Request(
        options=Options(**options),
        config=more.pop("config", "offline"),
        prompt=more.pop("prompt", "default"),
        texts=tuple(read(text) for text in texts),
        **more,
    )
    async with database().writing() as session:
        return await service.begin(session, actor, request)


async def started(db: Database, begun_job: service.Begun) -> JobRun:
    """The job as the engine hands it to its handler."""
    async with db.writing() as session:
        job = await session.get_one(Job, begun_job.job.id)
        job.state, job.attempt = JobState.RUNNING, job.attempt + 1
    return JobRun(job)


async def done(db: Database, begun_job: service.Begun) -> dict[str, Any]:
    """Do the job's work as the engine does it, and record its end."""
    run = await started(db, begun_job)
    result = await forge_jobs.forge(run)
    assert result is not None
    async with db.writing() as session:
        row = await session.get_one(Job, run.id)
        row.state, row.result = JobState.COMPLETED, result
    return result


async def count(db: Database, table: Any) -> int:
    """How many rows a table has."""
    async with db.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0
