"""The job of the forge, and the forms in which its card can be downloaded; all made in memory, no file is left behind."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import opening
from ainfluencer.cards import service as library
from ainfluencer.cards.converting import books, versions
from ainfluencer.cards.forge import finishing, handing, pipeline, reading, service, shipped, sources, steps, texts
from ainfluencer.cards.forge.options import KIND, Mode, Payload
from ainfluencer.cards.forge.shapes import Material, Support
from ainfluencer.cards.forge.translating import running
from ainfluencer.cards.forge.working import Work
from ainfluencer.cards.storing import storable
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, NotFound
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.engine import queries as engine
from ainfluencer.engine.exports import result_of
from ainfluencer.engine.models import Job, JobState
from ainfluencer.engine.run import JobRun


@jobs.job(KIND, queue="write", title="Forge a card")
async def forge(run: JobRun) -> dict[str, Any]:
    """Read what was given, go the whole way within its time, and let go of what came along only for this job."""
    payload = Payload.model_validate(run.payload)
    try:
        work = await _work(run, payload)
    except NotFound:
        if (same := await _made_before(run)) is None:
            raise
        return same
    limit = work.writer.config.timeout_seconds
    try:
        async with asyncio.timeout(limit):
            is_translation = payload.options.mode is Mode.TRANSLATE
            made = await (running.translate(work) if is_translation else pipeline.forge(work))
    except TimeoutError:
        raise Conflict(
            f"The forge was not done within {limit} seconds.",
            "Retry the job: it goes on where it was. Or allow more time in the config profile.",
            code="forge_timeout",
        ) from None
    result: dict[str, Any] = storable(made.model_dump(mode="json"))
    await run.progress(
        1, "Every statement has its verdict" if payload.options.mode is Mode.CHECK else "The card is ready"
    )
    # What is handed out in the file that came: that one stays for a day.
    is_kept = payload.options.mode in _IN_ITS_FILE
    await _end(run, result, payload.source_ids if is_kept else [*payload.source_ids, payload.card_id])
    return result


async def _end(run: JobRun, result: dict[str, Any], gone: list[str]) -> None:
    """The end of the job and of what came along with it, at once: no worker that dies leaves a job without its source."""
    async with database().writing() as session:
        await run.complete(session, result)
        # One that was cancelled at the last moment may be tried again, and needs what came along.
        if await session.scalar(select(Job.state).where(Job.id == run.id)) == JobState.COMPLETED:
            await sources.forget(session, run.actor, gone)


async def _made_before(run: JobRun) -> dict[str, Any] | None:
    """The result of the job that this one repeats: its source is gone, and the same work would give the same card."""
    async with database().reading() as session:
        before = await session.get(Job, run.id)
        while before is not None and before.state != JobState.COMPLETED:
            before = await session.get(Job, before.retry_of) if before.retry_of else None
    if before is None or before.workspace_id != run.workspace_id or not before.result:
        return None
    await run.log("info", "What came along with the first job is gone; this is the card that it made.")
    return dict(before.result)


@jobs.every("cards.forge_clean_up", seconds=3600)
async def clean_up() -> None:
    """Let go of what stopped jobs left behind."""
    async with database().writing(lasting=False) as session:
        await sources.sweep(session)
        await steps.sweep(session)


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
    work.words_before = int(before.get("metadata", {}).get("source_words") or 0)
    _take_card(work, opened, before)
    is_source = (not work.text and not pictures) or payload.options.mode is Mode.CREATE
    if work.material is None and is_source and work.opened is not None:  # a new card is made of both
        work.text = f"{texts.card_text(work.opened.card)}\n\n{work.text}".strip()
    if payload.options.mode in _IN_ITS_FILE:
        work.input = _input(payload, kept)
    if payload.options.mode is not Mode.TRANSLATE and payload.options.based_on:
        work.input = before.get("metadata", {}).get("input")
    return work


_IN_ITS_FILE = frozenset({Mode.TRANSLATE, Mode.REVISE, Mode.FILL})


def _input(payload: Payload, kept: library.OpenedCard | None) -> dict[str, Any] | None:
    """Where the file of the input card lies; None for one that another job wrote."""
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
        work.base = versions.nested(opened.payload.data)
        work.fields = finishing.fields_of(opened.card)
        if lore := opened.payload.module_lore:
            work.fields["character_book"] = books.of_risu(lore)
        elif book := work.base["data"].get("character_book"):
            work.fields["character_book"] = book
    elif opened is not None:
        work.fields = {"name": opened.card.name}


def _own_suffix(job: Job) -> str:
    return reading.shown_of(result_of(job)).suffix


@jobs.format_of(KIND, "card", mime="application/octet-stream", suffix=_own_suffix)
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
