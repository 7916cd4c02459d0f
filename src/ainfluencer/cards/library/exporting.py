"""Packs many cards into a zip, each in the wanted form, with a report of what that lost."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import zipfile
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.library import handing, listing, revising
from ainfluencer.cards.library.importing import KEPT_SECONDS
from ainfluencer.cards.library.schemas import Exporting, Filter
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from ainfluencer.media import storage

KIND = "cards.export"
MOST_CARDS = 20_000
MOST_BYTES = 1_500_000_000
"""Of one zip: a job's download is made in memory."""

_REPORT = "report.json"
_ODD = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')  # what some system takes for a folder, or not at all
_TOLD = 1000  # cards of the report that stand in the job's result; the zip has all


async def start(session: AsyncSession, actor: Actor, wanted: Exporting) -> Job:
    """Begin to pack the cards of some ids, or of a filter."""
    actor.require(Right.READ)
    if not wanted.ids and wanted.filter is None:
        raise InvalidInput("It is not clear which cards to pack.", "Send ids or a filter.", field="ids")
    number = len(wanted.ids) or await listing.count(session, actor, wanted.filter or Filter())
    if not number:
        raise InvalidInput("No card matches.", "Change the filter.", field="filter")
    title = f"Export {number} card{'s' * (number > 1)}"
    return await engine.enqueue(session, actor, KIND, wanted.model_dump(mode="json"), title=title)


async def run(job: JobRun) -> dict[str, Any]:
    """Pack the cards; a card that cannot be had in the wanted form is left out and says why."""
    wanted = Exporting.model_validate(job.payload)
    async with database().reading() as session:
        ids = wanted.ids or await listing.ids_of(session, job.actor, wanted.filter or Filter(), limit=MOST_CARDS)
    with tempfile.TemporaryDirectory(prefix="ainfluencer-") as folder:
        path = Path(folder) / "cards.zip"
        report = await _packed(job, path, ids, wanted)
        size = (await asyncio.to_thread(path.stat)).st_size
        name = await asyncio.to_thread(storage.put_waiting, path, ".zip")
    told = [one for one in report if one["losses"] or one["error"]]
    packed = sum(not one["error"] for one in report)
    return {
        "packed": packed,
        "left_out": len(report) - packed,
        "size_bytes": size,
        "waiting": name,
        "kept_days": KEPT_SECONDS // 86_400,
        "report": told[:_TOLD],
    }


async def _packed(job: JobRun, path: Path, ids: list[str], wanted: Exporting) -> list[dict[str, Any]]:
    report: list[dict[str, Any]] = []
    taken = {_REPORT: 1}
    size = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number, card_id in enumerate(ids):
            await job.progress(number / len(ids), f"{number + 1} of {len(ids)}")
            if size > MOST_BYTES:
                report.append(_line(card_id, error="The zip is full; export the rest for itself."))
                continue
            try:
                made = await _handed(job, card_id, wanted)
            except ProductError as refusal:
                report.append(_line(card_id, error=refusal.detail))
                continue
            name = free_name(made.file.filename, taken)
            await asyncio.to_thread(archive.writestr, name, made.file.data)
            size += len(made.file.data)
            losses = [loss.as_dict() for loss in made.losses[:20]]
            report.append(_line(card_id, filename=name, losses=losses, notes=made.notes))
        archive.writestr(_REPORT, json.dumps({"cards": report}, ensure_ascii=False, indent=2))
    return report


def _line(card_id: str, **told: Any) -> dict[str, Any]:
    return {"id": card_id, "filename": "", "losses": [], "notes": [], "error": ""} | told


async def _handed(job: JobRun, card_id: str, wanted: Exporting) -> handing.Handed:
    async with database().reading() as session:
        found = await revising.read(session, job.actor, card_id)
        made = await handing.handed(found, wanted.to, allow_loss=wanted.allow_loss)
        must_seal = handing.is_open(found.version)
    if must_seal:
        async with database().writing() as session:
            await handing.seal(session, job.actor, card_id, found.version.number)
    return made


def free_name(name: str, taken: dict[str, int]) -> str:
    """A name that no other file of the zip has, also where case does not count, and that leads nowhere on any system.

    `taken` counts by name, so that thousands of one name are no more work than thousands of others.
    """
    name = _ODD.sub("_", name).lstrip(". ")
    stem, suffix = PurePath(name).stem or "card", PurePath(name).suffix
    free, first = f"{stem}{suffix}", f"{stem}{suffix}".casefold()
    while free.casefold() in taken:
        taken[first] += 1
        free = f"{stem} ({taken[first]}){suffix}"
    taken[free.casefold()] = 1
    return free


async def zip_of(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The zip that an export packed; `NotFound` when its time is over."""
    del session, actor  # the job was found by them
    return await asyncio.to_thread(storage.waiting_path(str((job.result or {}).get("waiting", ""))).read_bytes)
