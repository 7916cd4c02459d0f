"""JSON routes for many cards at once: import, export, and one thing done to a selection."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import File, Form, Query, UploadFile

from ainfluencer.cards.library import arranging, exporting, importing, uploads
from ainfluencer.cards.library.importing import Waiting
from ainfluencer.cards.library.keeping import OnSame
from ainfluencer.cards.library.schemas import Bulk, Count, Exporting, JobStarted
from ainfluencer.cards.reading import limits
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.db.session import database
from ainfluencer.engine.models import Job
from ainfluencer.media import storage
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])


async def put_down(actor: Actor, files: list[UploadFile]) -> list[Waiting]:
    """Uploads where an import finds them. `InvalidInput` for too many, and for one that is too large."""
    actor.require(Right.CREATE)
    if len(files) > importing.MOST_FILES:
        raise InvalidInput(
            f"One import takes up to {importing.MOST_FILES} files.", "Pack them into a zip, or send them in parts."
        )
    waiting = []
    for file in files:
        name = file.filename or "card"
        most = uploads.MOST_ZIP_BYTES if name.lower().endswith(".zip") else limits.MAX_FILE
        if (file.size or 0) > most:
            raise InvalidInput(
                f"“{name[:80]}” is larger than {most // 1_000_000} MB.", "Split it, or make it smaller.", field="files"
            )
        waiting.append(Waiting(name, await asyncio.to_thread(storage.put_waiting, await file.read())))
    return waiting


def started(job: Job) -> JobStarted:
    """Where the job is followed."""
    return JobStarted(job_id=job.id, url=f"/api/v2/jobs/{job.id}")


@router.post("/imports", status_code=202)
async def import_many(
    actor: Who,
    files: Annotated[list[UploadFile], File(description="Cards, or zips of cards")],
    on_same: Annotated[OnSame, Form(description="When a file, its text or its name is there already")] = OnSame.SKIP,
) -> JobStarted:
    """Import many files as a job. Each has its own result; a file that is refused stops none of the others."""
    waiting = await put_down(actor, files)
    async with database().writing() as session:
        return started(await importing.start(session, actor, waiting, on_same))


@router.get("/imports/{job_id}")
async def import_result(
    job_id: str,
    session: Read,
    actor: Who,
    outcome: Literal["", "added", "new_version", "skipped", "refused"] = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """What became of each file of an import."""
    counts = await importing.outcomes(session, actor, job_id)
    if not counts:
        raise NotFound("There is no such import.", "Look at the list of jobs.")
    if cursor and not cursor.isdecimal():
        raise InvalidInput("The cursor is not one of ours.", "Start again without a cursor.", field="cursor")
    after = int(cursor) if cursor else -1
    rows = await importing.files(session, actor, job_id, outcome=outcome, after=after, limit=limit + 1)
    items = [
        {"filename": row.member or row.filename, "outcome": row.outcome or "waiting", "card_id": row.card_id}
        | {"code": row.code, "detail": row.detail}
        for row in rows[:limit]
        if row.outcome != "opened"
    ]
    return {
        "counts": counts,
        "items": items,
        "next_cursor": str(rows[limit - 1].position) if len(rows) > limit else None,
    }


@router.post("/exports", status_code=202)
async def export_many(body: Exporting, session: Write, actor: Who) -> JobStarted:
    """Pack cards into a zip as a job; its download in the format zip is the file, its result the report of losses."""
    return started(await exporting.start(session, actor, body))


@router.post("/bulk")
async def bulk(body: Bulk, session: Write, actor: Who) -> Count:
    """Favourite, tag, delete, restore or erase up to 500 cards."""
    return Count(count=await arranging.do(session, actor, body))
