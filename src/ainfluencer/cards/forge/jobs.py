"""The job of the forge, and the forms in which its card can be downloaded; all made in memory, no file is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import opening
from ainfluencer.cards import service as library
from ainfluencer.cards.forge import finishing, handing, pipeline, service, shipped, sources, steps, texts
from ainfluencer.cards.forge.options import KIND, Mode, Payload
from ainfluencer.cards.forge.shapes import Material, Support
from ainfluencer.cards.forge.translating import running
from ainfluencer.cards.forge.working import Work
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import queries as engine
from ainfluencer.engine.exports import result_of
from ainfluencer.engine.models import Job
from ainfluencer.engine.run import JobRun


@jobs.job(KIND, queue="write", title="Forge a card")
async def forge(run: JobRun) -> dict[str, Any]:
    """Read what was given, go the whole way within its time, and let go of what came along only for this job."""
    payload = Payload.model_validate(run.payload)
    await steps.sweep(run.actor)
    work = await _work(run, payload)
    limit = work.writer.config.timeout_seconds
    try:
        async with asyncio.timeout(limit):
            is_translation = payload.options.mode is Mode.TRANSLATE
            result = await (running.translate(work) if is_translation else pipeline.forge(work))
    except TimeoutError:
        raise Conflict(
            f"The forge was not done within {limit} seconds.",
            "Retry the job: it goes on where it was. Or allow more time in the config profile.",
            code="forge_timeout",
        ) from None
    # A translation is handed out in the file that came: that one stays for a day.
    gone = payload.source_ids if is_translation else [*payload.source_ids, payload.card_id]
    async with database().writing(lasting=False) as session:
        await sources.forget_temporary(session, run.actor, gone)
    return result.model_dump(mode="json")


async def _work(run: JobRun, payload: Payload) -> Work:
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
    pictures = [(name, data) for (data, name), one in zip(files, read, strict=True) if one.kind == "picture"]
    work = Work(
        run=run,
        options=payload.options,
        text="\n\n".join(one.text for one in read if one.text),
        base=None,
        fields={},
        writer=writer,
        prompts={**shipped.PROMPTS[0].prompts, **prompt.prompts},
        kept=steps.Kept(run, payload.thread, config.cost),
        material=material if not read else None,
        notes=[note for one in read for note in one.notes],
        opened=opened,
        pictures=pictures,
        seer=await service.seer_of(run.actor, config) if pictures else None,
    )
    _take_card(work, opened, before)
    if work.material is None and not work.text and not pictures and work.opened is not None:
        work.text = texts.card_text(work.opened.card)
    if payload.options.mode is Mode.TRANSLATE:
        work.input = _input(payload, kept)
    return work


def _input(payload: Payload, kept: library.OpenedCard | None) -> dict[str, Any] | None:
    """Where the file of a translated card lies; None for one that another job wrote."""
    if kept is not None:
        return {"library_card_id": kept.row.id, "version": kept.version.number}
    return {"source_id": payload.card_id} if payload.card_id else None


def _take_card(work: Work, opened: opening.OpenCard | None, before: dict[str, Any]) -> None:
    """The input card's fields, or those of the job that this one goes on from."""
    if work.options.mode is Mode.TRANSLATE:
        work.opened = opened or finishing.opened(finishing.card_in(before))
    elif before.get("card"):
        card = before["card"]
        work.base = card
        work.fields = {name: card["data"].get(name) for name in finishing.STANDARD if card["data"].get(name)}
        work.support = [Support.model_validate(one) for one in before.get("evidence", [])]
    elif opened is not None and work.options.mode is not Mode.CREATE:
        work.base = opened.payload.data if "data" in opened.payload.data else {"data": opened.payload.data}
        stored = work.base["data"] if isinstance(work.base.get("data"), dict) else {}
        work.fields = finishing.fields_of(opened.card)
        if stored.get("character_book"):
            work.fields["character_book"] = stored["character_book"]
    elif opened is not None and not work.text:
        work.fields = {"name": opened.card.name}


@jobs.format_of(KIND, "card", mime="application/octet-stream", suffix="")
async def as_it_came(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """A translation in the file that came, only its words changed; any other card as V3."""
    own = await handing.own_file(session, actor, result_of(job))
    return own[0] if own else await handing.file_of(session, actor, result_of(job), "json", 3)


@jobs.format_of(KIND, "v2", mime="application/json", suffix=".v2.json")
async def as_v2(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The card as V2."""
    return await handing.file_of(session, actor, result_of(job), "json", 2)


@jobs.format_of(KIND, "v3", mime="application/json", suffix=".v3.json")
async def as_v3(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The card as V3."""
    return await handing.file_of(session, actor, result_of(job), "json", 3)


@jobs.format_of(KIND, "png", mime="image/png", suffix=".png")
async def as_png(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The card in its picture, or in a plain one, with a V2 copy for older programs."""
    return await handing.file_of(session, actor, result_of(job), "png", 3)


@jobs.format_of(KIND, "charx", mime="application/zip", suffix=".charx")
async def as_charx(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The card as a CharX archive."""
    return await handing.file_of(session, actor, result_of(job), "charx", 3)
