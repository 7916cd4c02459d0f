"""Verbs on runs: start, make, record. Making holds no transaction; it reads, calls the maker, then records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.integrations.values import ImageRequest, MediaMade, PosterRequest
from ainfluencer.makers import service as makers
from ainfluencer.media import provenance, storage
from ainfluencer.media import queries as media
from ainfluencer.media import service as media_service
from ainfluencer.studio import policy, queries
from ainfluencer.studio.models import Asset, Rating, Run, RunState
from ainfluencer.studio.schemas import ImageRecipe, NewRun, PosterRecipe, Prepared, Recipe

_RECIPE: TypeAdapter[Recipe] = TypeAdapter(Recipe)


async def start(session: AsyncSession, actor: Actor, new: NewRun, *, enqueue: bool = True) -> Run:
    """Record a run; with `enqueue` a job makes it as soon as the transaction is committed."""
    actor.require(Right.CREATE)
    if new.character_id:
        await characters.get(session, actor, new.character_id)
    policy.refuse_words(new.recipe)
    run = Run(
        workspace_id=actor.workspace_id,
        character_id=new.character_id,
        title=new.title or new.recipe.kind,
        kind=new.recipe.kind,
        maker=new.maker,
        recipe=new.recipe.model_dump(mode="json") | {"category": new.category, "alt_text": new.alt_text},
    )
    session.add(run)
    await session.flush()
    if enqueue:
        job = await engine.enqueue(
            session,
            actor,
            "studio.run",
            {"run_id": run.id},
            key=f"run:{run.id}",
            title=run.title,
            subject=("run", run.id),
        )
        run.job_id = job.id
    return run


async def execute(actor: Actor, run_id: str) -> Sequence[Asset]:
    """Make what the run's recipe says and record the assets. Safe to call again: a finished run only answers."""
    async with database().writing() as session:
        run = await queries.get_run(session, actor, run_id)
        if run.state == RunState.DONE:
            return await queries.assets_of_run(session, actor, run_id)
        if run.state == RunState.CANCELLED:
            raise Conflict("The run was cancelled.", "Start a new one.")
        run.state, run.started_at = RunState.RUNNING, clock.now()
        sheet = await characters.sheet(session, actor, run.character_id) if run.character_id else None
        recipe = _RECIPE.validate_python({k: v for k, v in run.recipe.items() if k not in {"category", "alt_text"}})
        picture = await _picture(session, actor, recipe, sheet)
        title, maker = run.title, run.maker
    try:
        prepared = await make(actor, recipe, sheet=sheet, picture=picture, title=title, maker=maker)
    except ProductError as error:
        await _fail(actor, run_id, error)
        raise
    async with database().writing() as session:
        run = await queries.get_run(session, actor, run_id)
        return await _record(session, actor, run, prepared)


async def cancel(session: AsyncSession, actor: Actor, run_id: str) -> Run:
    """Stop a run that has not finished; what was made before stays."""
    actor.require(Right.CREATE)
    run = await queries.get_run(session, actor, run_id)
    if run.state not in {RunState.QUEUED, RunState.RUNNING}:
        raise Conflict(f"The run is {run.state} and cannot be cancelled.", "Start a new one instead.")
    run.state, run.finished_at = RunState.CANCELLED, clock.now()
    if run.job_id:
        await engine.cancel(session, actor, run.job_id)
    return run


async def make(
    actor: Actor,
    recipe: PosterRecipe | ImageRecipe,
    *,
    sheet: CharacterSheet | None,
    picture: Path | None = None,
    title: str = "",
    maker: str = "",
) -> list[Prepared]:
    """Call the maker and sign every file. No session is open meanwhile."""
    made_by = await makers.make(actor, _request(recipe, sheet, picture), slug=maker)
    if not isinstance(made_by.made, tuple):
        raise InvalidInput(f"{made_by.title} did not make a picture.", "Choose a maker of pictures.")
    return [await asyncio.to_thread(_sign, item, made_by.slug, made_by.title, title) for item in made_by.made]


def _style(sheet: CharacterSheet) -> tuple[str, ...]:
    """Words that choose the motif: how they look, then what they care about."""
    return tuple(dict.fromkeys((*sheet.look.style_words[:6], *sheet.persona.topics, *sheet.interests)))[:12]


def _request(
    recipe: PosterRecipe | ImageRecipe, sheet: CharacterSheet | None, picture: Path | None
) -> PosterRequest | ImageRequest:
    if isinstance(recipe, ImageRecipe):
        look = sheet.look if sheet else None
        return ImageRequest(
            prompt=", ".join(p for p in (look.prompt_prefix if look else "", recipe.prompt) if p),
            negative_prompt=", ".join(p for p in (recipe.negative_prompt, look.negative_prompt if look else "") if p),
            width=recipe.width,
            height=recipe.height,
            seed=recipe.seed,
            count=recipe.count,
            model=recipe.model or (look.base_model if look else ""),
            settings=recipe.settings,
        )
    return PosterRequest(
        format=recipe.format,
        width=recipe.width,
        height=recipe.height,
        title=recipe.title,
        body=recipe.body,
        items=recipe.items,
        kicker=recipe.kicker,
        attribution=recipe.attribution,
        handle=sheet.handle if sheet else "",
        mood=recipe.mood,
        colours=sheet.look.colours if sheet else (),
        style_words=_style(sheet) if sheet else (),
        picture=picture,
        seed=recipe.seed,
        variant=recipe.variant,
        avoid_variants=recipe.avoid_variants,
    )


def _sign(item: MediaMade, slug: str, maker_title: str, title: str) -> Prepared:
    signed = provenance.sign(
        item.data, item.mime, title=title or "Picture", source_type=item.source_type, agent=maker_title
    )
    return Prepared(
        data=signed,
        mime=item.mime,
        width=item.width,
        height=item.height,
        source_type=item.source_type,
        maker=slug,
        recipe=dict(item.recipe),
        text_boxes=[dict(box) for box in item.text_boxes],
    )


async def _picture(
    session: AsyncSession, actor: Actor, recipe: PosterRecipe | ImageRecipe, sheet: CharacterSheet | None
) -> Path | None:
    if not isinstance(recipe, PosterRecipe):
        return None
    if recipe.picture_file_id:
        file = await media.get(session, actor, recipe.picture_file_id)
        return storage.path_of(file.sha256, file.mime)
    if sheet and sheet.picture_path and await asyncio.to_thread(Path(sheet.picture_path).exists):
        return Path(sheet.picture_path)
    return None


async def _record(session: AsyncSession, actor: Actor, run: Run, prepared: list[Prepared]) -> Sequence[Asset]:
    if run.state == RunState.CANCELLED:
        raise Conflict("The run was cancelled.", "Start a new one.")
    made = []
    for position, item in enumerate(prepared):
        file = await media_service.store(session, actor, item.data, name=run.title)
        asset = Asset(
            workspace_id=actor.workspace_id,
            character_id=run.character_id,
            run_id=run.id,
            file_id=file.id,
            kind=file.kind,
            category=run.recipe.get("category", "post"),
            position=position,
            title=run.title if len(prepared) == 1 else f"{run.title} · {position + 1}/{len(prepared)}",
            alt_text=_alt_text(run.recipe, position, len(prepared)),
            source_type=item.source_type,
            maker=item.maker,
            recipe=item.recipe,
            text_boxes=item.text_boxes,
        )
        session.add(asset)
        made.append(asset)
    run.state, run.finished_at = RunState.DONE, clock.now()
    run.maker = prepared[0].maker if prepared else run.maker
    await session.flush()
    return made


def _alt_text(recipe: dict[str, Any], position: int, pages: int) -> str:
    text = str(recipe.get("alt_text", ""))
    if pages == 1 or not text:
        return text
    items = recipe.get("items") or []
    words = recipe.get("title", "") if position == 0 else (items[position - 1] if position - 1 < len(items) else "")
    return f"Page {position + 1} of {pages}. {text if position == 0 else words}".strip()


async def _fail(actor: Actor, run_id: str, error: ProductError) -> None:
    async with database().writing() as session:
        run = await queries.get_run(session, actor, run_id)
        run.state, run.finished_at = RunState.FAILED, clock.now()
        run.error = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}


async def add_upload(
    session: AsyncSession,
    actor: Actor,
    data: bytes,
    *,
    filename: str,
    character_id: str | None,
    alt_text: str = "",
    is_ai: bool,
) -> Asset:
    """Bring a picture from outside. `is_ai` is the person's statement whether a model made it."""
    actor.require(Right.CREATE)
    if character_id:
        await characters.get(session, actor, character_id)
    file = await media_service.store(session, actor, data, filename=filename)
    if file.kind == "other":
        raise InvalidInput(f"“{filename[:60]}” is not a picture, video or sound.", "Choose a media file.")
    asset = Asset(
        workspace_id=actor.workspace_id,
        character_id=character_id,
        file_id=file.id,
        kind=file.kind,
        title=Path(filename).stem[:200],
        alt_text=alt_text,
        source_type="trainedAlgorithmicMedia" if is_ai else "digitalCreation",
        maker="upload",
    )
    session.add(asset)
    await session.flush()
    return asset


async def set_quality(session: AsyncSession, actor: Actor, asset_id: str, *, score: float, rating: Rating) -> Asset:
    """What the quality checks found; `quality` calls this."""
    asset = await queries.get_asset(session, actor, asset_id)
    asset.score, asset.rating = score, rating
    return asset
