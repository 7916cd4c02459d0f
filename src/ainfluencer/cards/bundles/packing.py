"""Makes a bundle of cards of the library and of characters, as a job; what cannot go in is left out and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import queries
from ainfluencer.cards.bundles import MOST_CARDS, SUFFIX
from ainfluencer.cards.bundles.schemas import Packing
from ainfluencer.cards.bundles.shapes import About
from ainfluencer.cards.library import companions, files, handing, revising
from ainfluencer.cards.library.importing import KEPT_SECONDS
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.reading import limits
from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from ainfluencer.media import storage

KIND = "cards.bundle"
FORMAT = "cardbundle"
FileOf = Callable[[Actor, str], Awaitable[tuple[str, bytes]]]
"""From an id to a card file: its name and its bytes."""


async def start(session: AsyncSession, actor: Actor, wanted: Packing) -> Job:
    """Begin to pack and sign. `InvalidInput` for nothing, or for more than a bundle holds."""
    actor.require(Right.CREATE)
    number = len(set(wanted.ids)) + len(set(wanted.character_ids))
    if not 1 <= number <= MOST_CARDS:
        raise InvalidInput(
            f"A bundle has 1 to {MOST_CARDS:,} cards.", "Pick cards or characters.", code="bundle_size", field="ids"
        )
    await _check_there(session, actor, wanted)
    return await engine.enqueue(session, actor, KIND, wanted.model_dump(mode="json"), title=f"Bundle {wanted.name}")


async def _check_there(session: AsyncSession, actor: Actor, wanted: Packing) -> None:
    question = select(CardRow.id).where(
        CardRow.workspace_id == actor.workspace_id, CardRow.kind == "card", CardRow.deleted_at.is_(None)
    )
    there = set(await session.scalars(question.where(CardRow.id.in_(wanted.ids)))) if wanted.ids else set()
    if wanted.character_ids:
        there |= set(await characters.faces(session, actor, limit=100_000))
    if gone := [one for one in (*wanted.ids, *wanted.character_ids) if one not in there]:
        raise NotFound(
            f"{len(gone)} of the cards and characters {'is' if len(gone) == 1 else 'are'} not there.",
            "Pick those that are in the library and not in its bin.",
        )


async def run(job: JobRun) -> dict[str, Any]:
    """Gather the files, sign them, and put the bundle down; after a crash it begins anew, for it changes nothing."""
    from ainfluencer.cards.bundles import bundle, keys

    wanted = Packing.model_validate(job.payload)
    gathered, report = await _gathered(job, wanted)
    if not gathered:
        raise InvalidInput("None of these can go into a bundle.", report[0]["error"] if report else "Pick others.")
    await job.progress(0.95, "Signing")
    about = About.model_validate(wanted.model_dump(include=set(About.model_fields)))
    key = await asyncio.to_thread(keys.own)
    made = await asyncio.to_thread(bundle.pack, about, gathered, key)
    return {
        "name": wanted.name,
        "filename": f"{files.stem(wanted.name)}{SUFFIX}",
        "packed": len(gathered),
        "left_out": len(report),
        "size_bytes": len(made),
        "fingerprint": keys.fingerprint(keys.public_of(key)),
        "waiting": await asyncio.to_thread(storage.put_waiting, made, SUFFIX),
        "kept_days": KEPT_SECONDS // 86_400,
        "report": report,
    }


async def _gathered(job: JobRun, wanted: Packing) -> tuple[list[tuple[str, bytes]], list[dict[str, str]]]:
    """The files that go in, and what is left out with its reason."""
    from ainfluencer.cards.bundles import bundle

    asked: list[tuple[str, FileOf]] = [(one, _of_card) for one in dict.fromkeys(wanted.ids)]
    asked += [(one, _of_character) for one in dict.fromkeys(wanted.character_ids)]
    gathered: list[tuple[str, bytes]] = []
    report: list[dict[str, str]] = []
    size = 0
    for number, (one, file_of) in enumerate(asked):
        await job.progress(0.9 * number / len(asked), f"{number + 1} of {len(asked)}")
        try:
            name, data = await file_of(job.actor, one)
            await asyncio.to_thread(bundle.check_card, data, name)
        except ProductError as refusal:
            report.append({"id": one, "name": await _name_of(job.actor, one), "error": refusal.detail})
            continue
        size += len(data)
        if size > limits.MAX_FILE:
            raise InvalidInput(
                f"Together the cards have more than {limits.MAX_FILE // 1_000_000} MB.",
                "Make two bundles of them.",
                code="bundle_size",
            )
        gathered.append((name, data))
    return gathered, report


async def _name_of(actor: Actor, which: str) -> str:
    """What people call a card or character; empty for one that is gone."""
    async with database().reading() as session:
        found = await queries.find(session, actor, which) or await characters.find(session, actor, which)
        return found.name[:200] if found else ""


async def _of_card(actor: Actor, card_id: str) -> tuple[str, bytes]:
    """The newest version of a card as its file; it is sealed, for others hold it then."""
    async with database().reading() as session:
        found = await revising.read(session, actor, card_id)
        made = await handing.handed(found)
        must_seal = handing.is_open(found.version)
    if must_seal:
        async with database().writing() as session:
            await handing.seal(session, actor, card_id, found.version.number)
    return made.file.filename, made.file.data


async def _of_character(actor: Actor, character_id: str) -> tuple[str, bytes]:
    """A character as a card, as they are now; the library does not change."""
    async with database().reading() as session:
        examined = await companions.examine_character(session, actor, character_id)
    return examined.filename, examined.opened.data


async def file_of(session: AsyncSession, actor: Actor, job: Job) -> bytes:
    """The bundle that a job made; `NotFound` when its time is over."""
    del session, actor  # the job was found by them
    return await asyncio.to_thread(storage.waiting_path(str((job.result or {}).get("waiting", ""))).read_bytes)
