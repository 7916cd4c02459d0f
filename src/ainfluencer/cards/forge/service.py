"""The verbs of the forge: begin a job from what was given, keep its card in the library, say who would write it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import service as library
from ainfluencer.cards.forge import finishing, profiles, revising, sources
from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import KIND, Mode, Options, Payload
from ainfluencer.cards.forge.profile_shapes import ConfigProfile, PromptProfile
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotConnected
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import database
from ainfluencer.engine import queries as engine
from ainfluencer.engine import service as jobs
from ainfluencer.engine.exports import result_of
from ainfluencer.engine.models import Job
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries as makers
from ainfluencer.makers import registry

FREE_SECONDS = 45.0  # one answer of a mid-sized model on a good machine, measured loosely: an estimate, told as one
RULES_CHARACTERS = 400_000  # a second of rules reads so many characters


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for, before anything is stored. Texts were read; `source_ids` were uploaded before."""

    options: Options
    config: str = "basic"
    prompt: str = "default"
    texts: tuple[sources.Read, ...] = ()
    source_ids: tuple[str, ...] = ()
    card: sources.Read | None = None
    card_id: str = ""  # an uploaded file that holds the input card
    library_card_id: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """The job, and when it may be done: an estimate from the length of the source."""

    job: Job
    estimated_completion: datetime
    timeout_seconds: int


def options_from(values: dict[str, Any]) -> Options:
    """Options of plain values; `InvalidInput` names the field at fault."""
    try:
        return Options.model_validate(values)
    except ValidationError as e:
        first = e.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{place}: {first['msg']}.", field=place) from None


async def begin(session: AsyncSession, actor: Actor, request: Request, *, key: str = "") -> Begun:
    """Store what came along and put the job into this transaction. The same `key` is the same job."""
    actor.require(Right.CREATE)
    config = _with(await profiles.get_config(session, actor, request.config), request.options)
    prompt = await profiles.get_prompt(session, actor, request.prompt)
    writer = await writer_of(session, actor, config)
    rows = [await sources.keep(session, actor, one, temporary=True) for one in request.texts]
    rows += [await sources.get(session, actor, one) for one in request.source_ids]
    card = await sources.keep(session, actor, request.card, temporary=True) if request.card else None
    card = card or (await sources.get(session, actor, request.card_id) if request.card_id else None)
    await _check(session, actor, request, rows, card, writer)
    payload = Payload(
        thread=new_id(),
        source_ids=[row.id for row in rows],
        card_id=card.id if card else "",
        library_card_id=request.library_card_id,
        options=request.options,
        config=config.model_dump(mode="json"),
        prompt=prompt.model_dump(mode="json"),
        template=f"{config.name} · {prompt.name}",
    )
    title = _title(request.options, rows, card)
    job = await jobs.enqueue(session, actor, KIND, payload.model_dump(mode="json"), key=key, title=title)
    seconds = _seconds(rows, request.options, writer)
    return Begun(job, clock.from_now(seconds=seconds), config.timeout_seconds)


async def _check(
    session: AsyncSession,
    actor: Actor,
    request: Request,
    rows: Sequence[ForgeSource],
    card: ForgeSource | None,
    writer: Writer,
) -> None:
    """`InvalidInput` for a request that cannot end well, before it waits in a queue."""
    options = request.options
    has_card = bool(card or request.library_card_id or options.based_on or any(row.kind == "card" for row in rows))
    if request.library_card_id:
        await library.read(session, actor, request.library_card_id)
    if options.based_on:
        result_of(await engine.get(session, actor, options.based_on))
    if card is not None and card.kind != "card":
        raise InvalidInput(f"{card.filename or 'The input card'} holds no character card.", field="card")
    if options.mode in {Mode.REVISE, Mode.FILL, Mode.CHECK} and not has_card:
        raise InvalidInput(
            f"To {options.mode} a card, give the card.", "Add a card file or choose one of the library.", field="card"
        )
    if not rows and not has_card:
        raise InvalidInput("There is nothing to forge from.", "Give an idea, a text, files, or a card.", field="source", code="source_missing")  # fmt: skip
    if options.mode is Mode.REVISE and not options.instruction.strip():
        raise InvalidInput("Say what is to be changed.", f"For instance: {revising.KNOWN}.", field="instruction")
    if options.mode is Mode.REVISE and not writer.writes and not revising.understood(options.instruction):
        revising.revise(options.instruction, {})
    if options.mode is Mode.CHECK and not rows and not options.based_on:
        raise InvalidInput("A check needs the source beside the card.", "Add the text.", field="source")


def _with(config: ConfigProfile, options: Options) -> ConfigProfile:
    """The profile with what the options of one job set instead."""
    given = {
        name: value
        for name in ("temperature", "top_p", "max_tokens", "seed", "timeout_seconds")
        if (value := getattr(options, name)) is not None
    }
    if options.maker:
        given["maker"] = options.maker
    if options.model:
        given["model"] = options.model
    return config.model_copy(update=given)


async def writer_of(session: AsyncSession, actor: Actor, config: ConfigProfile) -> Writer:
    """Who would write with this profile. `NotConnected` when nothing that writes is there."""
    from ainfluencer.writing.free import ENOUGH

    choices = await makers.choices(session, actor, Capability.TEXT)
    if config.maker == profiles.OFFLINE:
        chosen = next((one for one in reversed(choices) if one.quality < ENOUGH), None)
        slug, title = (chosen.slug, chosen.title) if chosen else ("", "rules alone")
        return Writer(actor, slug, title, "", config, writes=False)
    if config.maker == profiles.BEST:
        if not choices:
            return Writer(actor, "", "rules alone", "", config, writes=False)
        best = choices[0]
        return Writer(actor, best.slug, best.title, config.model, config, writes=best.quality >= ENOUGH)
    manifest = registry.manifest(config.maker)
    if not any(one.slug == config.maker for one in choices):
        raise NotConnected(
            config.maker,
            f"{manifest.title} is not connected in this workspace.",
            "Connect it, or choose the profile “offline”.",
        )
    return Writer(actor, manifest.slug, manifest.title, config.model, config, writes=manifest.quality >= ENOUGH)


def _title(options: Options, rows: Sequence[ForgeSource], card: ForgeSource | None) -> str:
    verb = {Mode.CREATE: "Forge", Mode.REVISE: "Revise", Mode.FILL: "Complete", Mode.CHECK: "Check"}[options.mode]
    about = options.name or (card.title if card else "") or (rows[0].title if rows else "") or "a card"
    return f"{verb} {about}"


def _seconds(rows: Sequence[ForgeSource], options: Options, writer: Writer) -> float:
    size = sum(row.characters for row in rows)
    if not writer.writes:
        return 3 + size / RULES_CHARACTERS * 2
    parts = max(1, round(size / 4 / options.chunk_tokens))
    parts = min(parts, options.max_chunks) if options.max_chunks else parts
    return FREE_SECONDS * (parts + 2)


async def keep_as_card(actor: Actor, job_id: str) -> tuple[str, str]:
    """Put a finished job's card into the library; answers its id and what became of it. Opens its own sessions."""
    actor.require(Right.CREATE)
    async with database().reading() as session:
        job = await engine.get(session, actor, job_id)
        result = result_of(job)
        name = str(result.get("name") or "card")
    if job.kind != KIND:
        raise Conflict("This job did not forge a card.", "Open a job of the forge.")
    data = await asyncio.to_thread(json_of, finishing.card_in(result))
    async with database().writing() as session:
        added = await library.add(session, actor, data, f"{name[:80]}.json", reason="forged", on_same="skip")
        return added.row.id, added.outcome


def json_of(card: dict[str, Any]) -> bytes:
    """The card's text as a JSON file."""
    return json.dumps(card, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def profiles_of(payload: Payload) -> tuple[ConfigProfile, PromptProfile]:
    """The profiles as they were when the job was asked for."""
    return ConfigProfile.model_validate(payload.config), PromptProfile.model_validate(payload.prompt)
