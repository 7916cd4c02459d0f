"""The verbs of the forge: begin a job from what was given, keep its card in the library, say who would write it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import service as library
from ainfluencer.cards.forge import finishing, handing, profiles, revising, sources, texts, tongues
from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import KIND, Mode, Options, Payload
from ainfluencer.cards.forge.profile_shapes import ConfigProfile, PromptProfile
from ainfluencer.cards.models import CardRow
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
from ainfluencer.makers import service as making

SMALL = (
    "A translation needs a model that writes freely; the built-in one has 135 million parameters and cannot translate.",
    "Connect Ollama or an OpenAI-compatible server under Settings, Makers, and choose a config profile that uses it.",
)
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
    is_seen: bool = False  # `looked` found somebody who looks at its pictures


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


async def looked(actor: Actor, request: Request) -> Request:
    """The request, once it is known that its pictures can be looked at. `InvalidInput` (code picture_unseen) otherwise.

    A maker may be asked live what it can: call it before any transaction, and `begin` in one.
    """
    pictures = [one.filename for one in request.texts if one.source.kind == "picture"]
    async with database().reading() as session:
        rows = [await sources.get(session, actor, one) for one in request.source_ids]
        config = _with(await profiles.get_config(session, actor, request.config), request.options)
    pictures += [row.filename for row in rows if row.kind == "picture"]
    if pictures and await seer_of(actor, config) is None:
        raise texts.unseen(pictures[0])
    return replace(request, is_seen=True)


async def begin(session: AsyncSession, actor: Actor, request: Request, *, key: str = "") -> Begun:
    """Store what came along and put the job into this transaction. The same `key` is the same job."""
    actor.require(Right.CREATE)
    if sum(map(bool, (request.card, request.card_id, request.library_card_id, request.options.based_on))) > 1:
        raise InvalidInput("Two input cards were given.", "Give a file, an uploaded file, a card of the library or a finished job.", field="card")  # fmt: skip
    config = _with(await profiles.get_config(session, actor, request.config), request.options)
    prompt = await profiles.get_prompt(session, actor, request.prompt)
    writer = await writer_of(session, actor, config)
    if not writer.writes:
        request = await _completing(session, actor, request)
    rows = [await sources.keep(session, actor, one, temporary=True) for one in request.texts]
    rows += [await sources.get(session, actor, one) for one in request.source_ids]
    card = await sources.keep(session, actor, request.card, temporary=True) if request.card else None
    card = card or (await sources.get(session, actor, request.card_id) if request.card_id else None)
    if card is None and request.options.mode is not Mode.CREATE and not request.library_card_id:
        card = next((row for row in rows if row.kind == "card"), None)
        rows = [row for row in rows if row is not card]
    chosen = await library.read(session, actor, request.library_card_id) if request.library_card_id else None
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
    about = chosen.row.name if chosen else card.title if card else rows[0].title if rows else ""
    job = await jobs.enqueue(
        session, actor, KIND, payload.model_dump(mode="json"), key=key, title=_title(request.options, about)
    )
    seconds = _seconds(
        [*rows, *([card] if card and request.options.mode is Mode.TRANSLATE else [])], request.options, writer
    )
    return Begun(job, clock.from_now(seconds=seconds), config.timeout_seconds)


async def _completing(session: AsyncSession, actor: Actor, request: Request) -> Request:
    """A new card of nothing but a card: rules can only make it worse, so they keep what it says and add what it lacks."""
    options = request.options
    kinds = [one.source.kind for one in request.texts]
    kinds += [(await sources.get(session, actor, one)).kind for one in request.source_ids]
    cards = kinds.count("card") + bool(request.card or request.card_id or request.library_card_id)
    is_other = bool(options.fields or options.based_on or options.name)
    if options.mode is not Mode.CREATE or is_other or cards != 1 or set(kinds) - {"card"}:
        return request
    return replace(request, options=options.model_copy(update={"mode": Mode.FILL}))


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
    if options.based_on:
        before = await engine.get(session, actor, options.based_on)
        if before.kind != KIND:
            raise InvalidInput("The job to go on from is not one of the forge.", "Give the id of a finished job of the forge.", field="based_on")  # fmt: skip
        result_of(before)
    if card is not None and card.kind != "card":
        raise InvalidInput(f"{card.filename or 'The input card'} holds no character card.", field="card")
    if any(row.kind == "picture" for row in rows) and not request.is_seen:
        raise texts.unseen(next(row.filename for row in rows if row.kind == "picture"))
    if options.mode is not Mode.CREATE and not has_card:
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
    _check_translation(options, rows, writer)


def _check_translation(options: Options, rows: Sequence[ForgeSource], writer: Writer) -> None:
    """`InvalidInput` for a translation that cannot be made, or a language where nothing is translated."""
    language = options.translate_to.strip()
    if options.mode is not Mode.TRANSLATE:
        if language:
            raise InvalidInput("A language to translate to belongs to a translation.", "Choose the mode translate, or leave the language out.", field="translate_to")  # fmt: skip
        return
    if not language:
        raise InvalidInput("Say into which language.", "Use a code or a name such as de or German.", field="translate_to")  # fmt: skip
    tongues.code_of(language)
    if rows:
        raise InvalidInput("A translation takes one card and no other source.", "Leave the text and the other files out.", field="source")  # fmt: skip
    if not writer.writes:
        raise InvalidInput(*SMALL, code="needs_larger_model", field="translate_to")


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


async def seer_of(actor: Actor, config: ConfigProfile) -> Writer | None:
    """Who looks at pictures with this profile: its maker, or with “best” the best one that sees; None when nobody does.

    Makers may be asked live: no transaction may be open.
    """
    if config.maker == profiles.OFFLINE:
        return None
    async with database().reading() as session:
        choices = await makers.choices(session, actor, Capability.TEXT)
    first = choices[0].slug if choices else ""
    for one in choices:
        if config.maker not in {profiles.BEST, one.slug}:
            continue
        # The profile's model is the one of its own maker; another maker is asked for its own.
        model = config.model if one.slug in {first, config.maker} else ""
        if await making.sees(actor, one.slug, model):
            return Writer(actor, one.slug, one.title, model, config, writes=True)
    return None


def _title(options: Options, about: str) -> str:
    verb = {Mode.CREATE: "Forge", Mode.REVISE: "Revise", Mode.FILL: "Complete", Mode.CHECK: "Check", Mode.TRANSLATE: "Translate"}[options.mode]  # fmt: skip
    into = f" into {tongues.name_of(tongues.code_of(options.translate_to))}" if options.mode is Mode.TRANSLATE else ""
    return f"{verb} {options.name or about or 'a card'}{into}"


def _seconds(rows: Sequence[ForgeSource], options: Options, writer: Writer) -> float:
    size = sum(row.characters for row in rows)
    if not writer.writes:
        return 3 + size / RULES_CHARACTERS * 2
    parts = max(1, round(size / 4 / options.chunk_tokens)) + sum(row.kind == "picture" for row in rows)
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
        own = await handing.kept_file(session, actor, result)
    data, filename = own or (await asyncio.to_thread(json_of, finishing.card_in(result)), "card.json")
    examined = await asyncio.to_thread(library.examine, data, f"{name[:80]}{PurePath(filename).suffix or '.json'}")
    async with database().writing() as session:
        # Clicked twice: on PostgreSQL the second one waits here until the first has kept its card.
        await session.execute(select(Job.id).where(Job.id == job_id).with_for_update())
        # Another card of the same name and creator is not this one: a translation has both.
        same = (
            CardRow.text_sha256 == examined.measured.text_sha256,
            CardRow.deleted_at.is_(None),
            CardRow.kind == "card",
        )
        mine = select(CardRow.id).where(CardRow.workspace_id == actor.workspace_id, *same)
        if there := await session.scalar(mine.order_by(CardRow.id).limit(1)):
            return there, "skipped"
        added = await library.keep(session, actor, examined, reason=library.VersionReason.FORGED)
        return added.row.id, added.outcome


def json_of(card: dict[str, Any]) -> bytes:
    """The card's text as a JSON file."""
    return json.dumps(card, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def profiles_of(payload: Payload) -> tuple[ConfigProfile, PromptProfile]:
    """The profiles as they were when the job was asked for."""
    return ConfigProfile.model_validate(payload.config), PromptProfile.model_validate(payload.prompt)
