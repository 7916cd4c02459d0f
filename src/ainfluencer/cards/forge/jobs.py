"""The job of the forge, and the forms in which its card can be downloaded; all made in memory, no file is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import opening
from ainfluencer.cards import service as library
from ainfluencer.cards.forge import finishing, pipeline, service, sources, steps, texts
from ainfluencer.cards.forge.options import KIND, Options, Payload
from ainfluencer.cards.forge.shapes import Material, Support
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import queries as engine
from ainfluencer.engine.exports import result_of
from ainfluencer.engine.models import Job
from ainfluencer.engine.run import JobRun


@jobs.job(KIND, queue="make", title="Forge a card")
async def forge(run: JobRun) -> dict[str, Any]:
    """Read what was given, go the whole way within its time, and let go of what came along only for this job."""
    payload = Payload.model_validate(run.payload)
    await steps.sweep(run.actor)
    work = await _work(run, payload)
    limit = work.writer.config.timeout_seconds
    try:
        async with asyncio.timeout(limit):
            result = await pipeline.forge(work)
    except TimeoutError:
        raise Conflict(
            f"The forge was not done within {limit} seconds.",
            "Retry the job: it goes on where it was. Or allow more time in the config profile.",
            code="forge_timeout",
        ) from None
    async with database().writing(lasting=False) as session:
        await sources.forget_temporary(session, run.actor, [*payload.source_ids, payload.card_id])
    return result.model_dump(mode="json")


async def _work(run: JobRun, payload: Payload) -> pipeline.Work:
    config, prompt = service.profiles_of(payload)
    async with database().reading() as session:
        files = await sources.load(session, run.actor, payload.source_ids)
        given = await sources.load(session, run.actor, [payload.card_id] if payload.card_id else [])
        kept = await library.read(session, run.actor, payload.library_card_id) if payload.library_card_id else None
        before = (
            result_of(await engine.get(session, run.actor, payload.options.based_on))
            if payload.options.based_on
            else {}
        )
        writer = await service.writer_of(session, run.actor, config)
    opened = kept.opened if kept else (await asyncio.to_thread(opening.open_card, *given[0]) if given else None)
    read = [await asyncio.to_thread(texts.read, data, name) for data, name in files]
    material = Material.model_validate(before["material"]) if before.get("material") else None
    work = pipeline.Work(
        run=run,
        options=payload.options,
        text="\n\n".join(one.text for one in read),
        base=None,
        fields={},
        writer=writer,
        prompts=dict(prompt.prompts),
        kept=steps.Kept(run, payload.thread, config.cost),
        material=material if not read else None,
        notes=[note for one in read for note in one.notes],
    )
    _take_card(work, payload.options, opened, before)
    if work.material is None and not work.text and opened is not None:
        work.text = texts.card_text(opened.card)
    return work


def _take_card(work: pipeline.Work, options: Options, opened: opening.OpenCard | None, before: dict[str, Any]) -> None:
    """The input card's fields, or those of the job that this one goes on from."""
    if before.get("card"):
        card = before["card"]
        work.base = card
        work.fields = {name: card["data"].get(name) for name in finishing.STANDARD if card["data"].get(name)}
        work.support = [Support.model_validate(one) for one in before.get("evidence", [])]
    elif opened is not None and options.mode != "create":
        work.base = opened.payload.data if "data" in opened.payload.data else {"data": opened.payload.data}
        stored = work.base["data"] if isinstance(work.base.get("data"), dict) else {}
        work.fields = finishing.fields_of(opened.card)
        if stored.get("character_book"):
            work.fields["character_book"] = stored["character_book"]
    elif opened is not None and not work.text:
        work.fields = {"name": opened.card.name}


async def _file(job: Job, container: str, version: int) -> bytes:
    return await asyncio.to_thread(finishing.file_of, result_of(job), container, version)


@jobs.format_of(KIND, "v2", mime="application/json", suffix=".v2.json")
async def as_v2(_session: AsyncSession, _actor: Actor, job: Job) -> bytes:
    """The card as V2."""
    return await _file(job, "json", 2)


@jobs.format_of(KIND, "v3", mime="application/json", suffix=".v3.json")
async def as_v3(_session: AsyncSession, _actor: Actor, job: Job) -> bytes:
    """The card as V3."""
    return await _file(job, "json", 3)


@jobs.format_of(KIND, "png", mime="image/png", suffix=".png")
async def as_png(_session: AsyncSession, _actor: Actor, job: Job) -> bytes:
    """The card in a plain picture, with a V2 copy for older programs."""
    return await _file(job, "png", 3)


@jobs.format_of(KIND, "charx", mime="application/zip", suffix=".charx")
async def as_charx(_session: AsyncSession, _actor: Actor, job: Job) -> bytes:
    """The card as a CharX archive."""
    return await _file(job, "charx", 3)
