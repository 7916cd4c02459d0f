"""Imports many files: each has a row that says what became of it, so that a job goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.errors import our_fault
from ainfluencer.cards.library import examining, keeping, peopling, uploads
from ainfluencer.cards.library.examining import Examined
from ainfluencer.cards.library.keeping import OnSame
from ainfluencer.cards.library.uploads import Uploads
from ainfluencer.cards.models import CardImport
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused, ProductError
from ainfluencer.core.faults import fault_of
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from ainfluencer.media import storage

log = structlog.get_logger("cards.importing")

KIND = "cards.import"
MOST_FILES = 1000
"""In one request; more come in a zip."""

_BATCH = 16  # files in one transaction
_MOST_HELD = 100_000_000  # bytes of files in one transaction: they are all in memory until then


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was uploaded: its name for people, and the name under which its bytes wait, or those of the zip of `member`."""

    filename: str
    name: str
    member: str = ""


async def start(
    session: AsyncSession,
    actor: Actor,
    files: Sequence[Waiting],
    on_same: OnSame,
    *,
    title: str = "",
    likeness: str = "",
) -> Job:
    """Begin the import of files that wait in the media store. With a `likeness`, what is added becomes characters too."""
    actor.require(Right.CREATE)
    if not files:
        raise InvalidInput("There is no file.", "Choose card files, or a zip of them.", field="files")
    title = title or (f"Import {files[0].filename}" if len(files) == 1 else f"Import {len(files)} files")
    job = await engine.enqueue(session, actor, KIND, {"on_same": str(on_same), "likeness": likeness}, title=title)
    session.add_all(
        CardImport(
            workspace_id=actor.workspace_id,
            job_id=job.id,
            position=position,
            filename=PurePath(file.filename).name[:255],
            waiting=file.name,
            member=file.member,
        )
        for position, file in enumerate(files)
    )
    await session.flush()
    return job


async def run(job: JobRun) -> dict[str, Any]:
    """Do an import: open zips, then file by file in small transactions; what has an outcome already is passed over."""
    await asyncio.to_thread(_sweep, job.run_at.timestamp())
    await _open_zips(job)
    on_same = OnSame(job.payload.get("on_same", OnSame.KEEP_BOTH))
    rows = await _open_rows(job)
    done, total = await _numbers(job)
    with Uploads() as waiting:
        for at in range(0, len(rows), _BATCH):
            batch = rows[at : at + _BATCH]
            told = f"{batch[0].filename} ({done + 1} of {total})"
            await job.progress(done / max(1, total), told, done=done, total=total)
            await _take_in(job, batch, on_same, waiting)
            done += len(batch)
    people = await _people(job)
    return await _summed_up(job) | people


async def _people(job: JobRun) -> dict[str, Any]:
    """The characters that were asked for, as the result tells them; nothing when none were."""
    likeness = str(job.payload.get("likeness", ""))
    return {"characters": await peopling.people_of_import(job, likeness)} if likeness else {}


KEPT_SECONDS = 7 * 86_400
"""How long an upload that no job took up, and the zip of an export, are kept."""


def _sweep(now: float) -> None:
    storage.sweep_waiting(KEPT_SECONDS, now)


async def _open_rows(job: JobRun) -> list[CardImport]:
    question = select(CardImport).where(
        CardImport.job_id == job.id, CardImport.workspace_id == job.workspace_id, CardImport.outcome == ""
    )
    async with database().reading() as session:
        return list(await session.scalars(question.order_by(CardImport.position)))


async def _numbers(job: JobRun) -> tuple[int, int]:
    """How many files have an outcome, and how many there are; opened zips do not count."""
    question = select(CardImport.outcome, func.count()).where(
        CardImport.job_id == job.id, CardImport.workspace_id == job.workspace_id, CardImport.outcome != "opened"
    )
    async with database().reading() as session:
        rows = await session.execute(question.group_by(CardImport.outcome))
    found = {outcome: int(number) for outcome, number in rows}
    return sum(found.values()) - found.get("", 0), sum(found.values())


async def _open_zips(job: JobRun) -> None:
    for row in await _open_rows(job):
        if row.member or not row.filename.lower().endswith(".zip"):
            continue
        try:
            members = await asyncio.to_thread(uploads.members, row.waiting)
        except ProductError as refusal:
            async with database().writing() as session:
                await _close(session, job, row, "refused", refusal=refusal)
            continue
        if members is None:
            continue
        async with database().writing() as session:
            last = await session.scalar(
                select(func.max(CardImport.position)).where(
                    CardImport.job_id == job.id, CardImport.workspace_id == job.workspace_id
                )
            )
            session.add_all(
                CardImport(
                    workspace_id=job.workspace_id,
                    job_id=job.id,
                    position=(last or 0) + 1 + number,
                    filename=PurePath(member).name[:255],
                    waiting=row.waiting,
                    member=member,
                )
                for number, member in enumerate(members)
            )
            await _close(session, job, row, "opened")


async def _take_in(job: JobRun, batch: Sequence[CardImport], on_same: OnSame, waiting: Uploads) -> None:
    """Examine some files and store them with their outcomes: in one transaction, or in several when they are large."""
    examined: list[tuple[CardImport, Examined | ProductError]] = []
    held = 0
    for row in batch:
        size, found = await _examined(job, row, waiting)
        held += size
        examined.append((row, found))
        if held > _MOST_HELD or row is batch[-1]:
            await _store(job, examined, on_same)
            examined, held = [], 0


async def _examined(job: JobRun, row: CardImport, waiting: Uploads) -> tuple[int, Examined | ProductError]:
    """Bytes in memory, and the file examined or why it cannot come in."""
    try:
        data = await asyncio.to_thread(waiting.read, row)
        return len(data), await examining.examine_for(job.actor, data, row.filename)
    except (InvalidInput, PolicyRefused, NotFound) as refusal:
        return 0, refusal
    except Exception as error:  # an edge: a file that we fail on is named, and stops none of the others
        if fault_of(error):
            raise  # the disk or the database: the job comes back to this file
        log.exception("card could not be examined", filename=row.filename)
        return 0, our_fault(error)


async def _store(job: JobRun, examined: Sequence[tuple[CardImport, Examined | ProductError]], on_same: OnSame) -> None:
    async with database().writing() as session:
        taken = [(row, found) for row, found in examined if not isinstance(found, ProductError)]
        added = await keeping.keep_many(session, job.actor, [found for _, found in taken], on_same=on_same)
        for (row, _), one in zip(taken, added, strict=True):
            await _close(session, job, row, one.outcome, card_id=one.row.id)
        for row, found in examined:
            if isinstance(found, ProductError):
                await _close(session, job, row, "refused", refusal=found)
    for row, _ in examined:
        if not row.member:
            await asyncio.to_thread(storage.drop_waiting, row.waiting)


async def _close(
    session: AsyncSession,
    job: JobRun,
    row: CardImport,
    outcome: str,
    *,
    card_id: str | None = None,
    refusal: ProductError | None = None,
) -> None:
    told: dict[str, Any] = {"outcome": outcome, "card_id": card_id}
    if refusal is not None:
        told |= {"code": refusal.reason[:60], "detail": f"{refusal.detail} {refusal.next_step}".strip()[:1000]}
    await session.execute(
        update(CardImport)
        .where(CardImport.id == row.id, CardImport.workspace_id == job.workspace_id)
        .values(**told)
        .execution_options(synchronize_session=False)
    )


async def _summed_up(job: JobRun) -> dict[str, Any]:
    async with database().reading() as session:
        counts = await outcomes(session, job.actor, job.id)
        refused = await files(session, job.actor, job.id, outcome="refused", limit=200)
        opened = await files(session, job.actor, job.id, outcome="opened", limit=MOST_FILES)
    for row in opened:
        await asyncio.to_thread(storage.drop_waiting, row.waiting)
    told = [{"filename": row.member or row.filename, "code": row.code, "detail": row.detail} for row in refused]
    return {"counts": counts, "refused": told}


async def outcomes(session: AsyncSession, actor: Actor, job_id: str) -> dict[str, int]:
    """How many files of an import came to what; those that wait count as waiting."""
    rows = await session.execute(
        select(CardImport.outcome, func.count())
        .where(CardImport.job_id == job_id, CardImport.workspace_id == actor.workspace_id)
        .group_by(CardImport.outcome)
    )
    return {outcome or "waiting": number for outcome, number in rows if outcome != "opened"}


async def files(
    session: AsyncSession, actor: Actor, job_id: str, *, outcome: str = "", after: int = -1, limit: int = 200
) -> list[CardImport]:
    """Files of an import in their order, of one outcome or of all."""
    question = select(CardImport).where(
        CardImport.job_id == job_id, CardImport.workspace_id == actor.workspace_id, CardImport.position > after
    )
    question = question.where(CardImport.outcome == outcome) if outcome else question
    return list(await session.scalars(question.order_by(CardImport.position).limit(limit)))
