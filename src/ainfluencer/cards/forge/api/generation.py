"""Beginning a job of the forge, keeping its card, and who a source speaks of."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from ainfluencer.cards.forge import service, sources, texts
from ainfluencer.cards.forge.api import bodies
from ainfluencer.cards.forge.rules import names
from ainfluencer.cards.forge.shapes import Found
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.engine.schemas import JobView
from ainfluencer.web.deps import Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/generation", tags=["forge"])


class ForgeJob(JobView):
    """A job of the forge, with what was asked for and an estimate of its end."""

    validation_mode: str
    estimated_completion: datetime
    timeout_seconds: int


class Generated(BaseModel):
    """The job that was put into the queue."""

    success: bool = True
    job: ForgeJob


class CharactersIn(BaseModel):
    """A source whose characters are wanted: text, or ids of uploaded files."""

    source_text: str = Field("", max_length=texts.MAX_CHARACTERS)
    files: list[str] = Field(default_factory=list, max_length=bodies.MOST_FILES)


class CharactersOut(BaseModel):
    """Whom a source speaks of, the likeliest first."""

    items: list[Found]
    next_cursor: str | None = None


class KeptOut(BaseModel):
    """The card of the library. `outcome`: added, or skipped when the very same card stands there already."""

    card_id: str
    outcome: str
    url: str


@router.post("/generate", openapi_extra=bodies.described())
async def generate(request: Request, actor: Who) -> Generated:
    """Forge, revise, complete, check or translate a card as a background job; answers at once with the job.

    JSON or a form with files. Source text and an input card that come along are kept for this job only.
    """
    actor.require(Right.CREATE)
    wanted = await service.looked(actor, await bodies.request_of(request))
    async with database().writing() as session:
        begun = await service.begin(session, actor, wanted)
        view = JobView.of(begun.job)
    return Generated(
        job=ForgeJob(
            **view.model_dump(),
            validation_mode=str(wanted.options.validation_mode),
            estimated_completion=begun.estimated_completion,
            timeout_seconds=begun.timeout_seconds,
        )
    )


@router.post("/characters")
async def find_characters(body: CharactersIn, actor: Who) -> CharactersOut:
    """Whom a source speaks of; the name of one of them goes into `name`."""
    actor.require(Right.READ)
    async with database().reading() as session:
        files = await sources.load(session, actor, body.files)

    def find() -> list[Found]:
        parts = [body.source_text, *(texts.read(data, name).text for data, name in files)]
        return names.characters("\n\n".join(parts))

    return CharactersOut(items=await asyncio.to_thread(find))


@router.post("/{job_id}/card", status_code=201)
async def keep_card(job_id: str, actor: Who) -> KeptOut:
    """Put the finished job's card into the library."""
    card_id, outcome = await service.keep_as_card(actor, job_id)
    return KeptOut(card_id=card_id, outcome=outcome, url=f"/cards/{card_id}")


@router.get("/options")
async def list_options(actor: Who) -> dict[str, Any]:
    """Every option with its meaning and default, as a JSON schema."""
    actor.require(Right.READ)
    return bodies.GenerateIn.model_json_schema()
