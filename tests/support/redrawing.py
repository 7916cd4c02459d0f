"""Posts with a designed picture and several texts to choose from, and their drawing jobs run by hand."""

from __future__ import annotations

from collections.abc import Sequence

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job, JobState
from ainfluencer.publishing import jobs as publishing_jobs
from ainfluencer.publishing.models import Post
from ainfluencer.studio import service as studio
from ainfluencer.studio.schemas import NewRun, PosterRecipe
from ainfluencer.writing import service as writing
from ainfluencer.writing.schemas import Candidate, PosterWords, Written
from tests.support import posting

QUOTES = ("Tides keep their own clock.", "Nets dry where the wind is kind.", "A harbour is a promise to return.")


async def drawn(db: Database, actor: Actor, character_id: str, **recipe: object) -> Sequence[str]:
    """A designed picture with the first of the quotes; its assets."""
    asked = {"title": QUOTES[0], "seed": 11, "mood": "calm", **recipe}
    new = NewRun(
        character_id=character_id, title=QUOTES[0], alt_text="A card.", recipe=PosterRecipe.model_validate(asked)
    )
    async with db.writing() as session:
        run = await studio.start(session, actor, new, enqueue=False)
    return [asset.id for asset in await studio.execute(actor, run.id)]


async def written(db: Database, actor: Actor, character_id: str) -> str:
    """A draft with a candidate for each quote."""
    told = tuple(
        Candidate(
            caption=f"{quote} Good morning.",
            hashtags=("sea",),
            alt_text=f"It reads: {quote}",
            score=0.9,
            poster=PosterWords(title=quote, attribution="Mira"),
        )
        for quote in QUOTES
    )
    async with db.writing() as session:
        return (await writing.record(session, actor, character_id, Written(candidates=told, chosen=0))).id


async def designed_post(db: Database, actor: Actor, character_id: str, channel_id: str) -> Post:
    """A post in review whose picture and caption say the first quote."""
    assets = await drawn(db, actor, character_id, attribution="Mira")
    return await posting.add_post(
        db,
        actor,
        character_id,
        [channel_id],
        caption=f"{QUOTES[0]} Good morning.",
        hashtags=("sea",),
        asset_ids=tuple(assets),
        candidates_id=await written(db, actor, character_id),
        due_at=clock.from_now(hours=5),
    )


async def run_job(db: Database, job_id: str) -> dict[str, object]:
    """Execute a drawing job as the engine would."""
    async with db.writing() as session:
        job = await session.get_one(Job, job_id)
        job.state = JobState.RUNNING
        run = JobRun(job)
    answer = await publishing_jobs.redraw(run)
    assert answer is not None
    return answer
