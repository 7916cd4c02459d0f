"""Verbs on runs: start, make, record. Making holds no transaction; it reads, calls the maker, then records."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.integrations.values import MediaMade
from ainfluencer.makers import service as makers
from ainfluencer.media import provenance
from ainfluencer.media import service as media_service
from ainfluencer.studio import likeness, policy, queries
from ainfluencer.studio.events import RunFinished
from ainfluencer.studio.models import Asset, Rating, Run, RunState
from ainfluencer.studio.requests import picture_of, request_of
from ainfluencer.studio.schemas import ImageRecipe, NewRun, PosterRecipe, Prepared, recipe_of


async def start(
    session: AsyncSession, actor: Actor, new: NewRun, *, enqueue: bool = True, redraws: Sequence[str] = ()
) -> Run:
    """Record a run; with `enqueue` a job makes it as soon as the transaction is committed.

    `redraws`: ids of the assets, page by page, that its pictures are drawn in place of.
    """
    actor.require(Right.CREATE)
    policy.refuse_words(new.recipe)
    await likeness.require(session, actor, new.character_id, new.recipe)
    run = Run(
        workspace_id=actor.workspace_id,
        character_id=new.character_id,
        title=new.title or new.recipe.kind,
        kind=new.recipe.kind,
        maker=new.maker,
        recipe=new.recipe.model_dump(mode="json")
        | {"category": new.category, "alt_text": new.alt_text, "redraws": list(redraws)},
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
        run.state, run.started_at, run.error = RunState.RUNNING, clock.now(), {}
        asked = dict(run.recipe)
        character_id, title, maker = run.character_id, run.title, run.maker
    try:
        recipe = recipe_of(asked)
        async with database().reading() as session:
            await likeness.require(session, actor, character_id, recipe)
            sheet = await _sheet(session, actor, character_id)
            picture = await picture_of(session, actor, recipe, sheet)
        prepared = await make(actor, recipe, sheet=sheet, picture=picture, title=title, maker=maker)
    except ProductError as error:
        await _fail(actor, run_id, error)
        raise
    async with database().writing() as session:
        run = await queries.get_run(session, actor, run_id)
        made = await _record(session, actor, run, prepared)
        if run.job_id:
            await engine.record(session, actor, RunFinished(run.id, [asset.id for asset in made]))
        return made


async def preview(actor: Actor, new: NewRun) -> list[bytes]:
    """The pages of a poster at half size, drawn and not kept. No session is open while drawing."""
    policy.refuse_words(new.recipe)
    async with database().reading() as session:
        await likeness.require(session, actor, new.character_id, new.recipe)
        sheet = await _sheet(session, actor, new.character_id)
        picture = await picture_of(session, actor, new.recipe, sheet)
    request = request_of(new.recipe, sheet, picture)
    made_by = await makers.make(actor, replace(request, width=request.width // 2, height=request.height // 2))
    return [item.data for item in made_by.media]


async def _sheet(session: AsyncSession, actor: Actor, character_id: str | None) -> CharacterSheet | None:
    return await characters.sheet(session, actor, character_id, material_per_kind=0) if character_id else None


async def again(session: AsyncSession, actor: Actor, run_id: str, *, vary: bool = False) -> Run:
    """Start the same run anew: the same recipe makes the same poster. `vary`: another seed and another layout."""
    before = await queries.get_run(session, actor, run_id)
    recipe = recipe_of(before.recipe)
    if vary:
        fresh = secrets.randbelow(2**31)
        if isinstance(recipe, PosterRecipe):
            used = [str(a.recipe.get("variant", "")) for a in await queries.assets_of_run(session, actor, run_id)]
            avoid = tuple(dict.fromkeys(name for name in (*used, *recipe.avoid_variants) if name))[:12]
            recipe = recipe.model_copy(update={"seed": fresh, "variant": "", "avoid_variants": avoid})
        else:
            recipe = recipe.model_copy(update={"seed": fresh})
    new = NewRun(
        character_id=before.character_id,
        title=before.title,
        maker=before.maker,
        category=before.recipe.get("category", "post"),
        alt_text=before.recipe.get("alt_text", ""),
        recipe=recipe,
    )
    return await start(session, actor, new)


async def remove(session: AsyncSession, actor: Actor, run_id: str) -> None:
    """Delete the record of a run that has ended (IMG-005); what it made stays in the library."""
    actor.require(Right.CREATE)
    run = await queries.get_run(session, actor, run_id)
    if run.state in {RunState.QUEUED, RunState.RUNNING}:
        raise Conflict(f"The run is {run.state}.", "Cancel it first.")
    await session.delete(run)
    await session.flush()


async def clear(session: AsyncSession, actor: Actor) -> int:
    """Delete the record of every run that has ended (IMG-006); returns how many. What they made stays."""
    actor.require(Right.MANAGE)
    ended = (RunState.DONE, RunState.FAILED, RunState.CANCELLED)
    gone = await session.execute(delete(Run).where(Run.workspace_id == actor.workspace_id, Run.state.in_(ended)))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a DELETE answers with a cursor result


async def note_use(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> None:
    """A post took these assets: they count one use more."""
    await session.execute(
        update(Asset)
        .where(Asset.id.in_(list(asset_ids)), Asset.workspace_id == actor.workspace_id)
        .values(times_used=Asset.times_used + 1, last_used_at=clock.now())
        .execution_options(synchronize_session=False)
    )


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
    made_by = await makers.make(actor, request_of(recipe, sheet, picture), slug=maker)
    if not isinstance(made_by.made, tuple):
        raise InvalidInput(f"{made_by.title} did not make a picture.", "Choose a maker of pictures.")
    return [await asyncio.to_thread(_sign, item, made_by.slug, made_by.title, title) for item in made_by.made]


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


async def _record(session: AsyncSession, actor: Actor, run: Run, prepared: list[Prepared]) -> Sequence[Asset]:
    if run.state == RunState.CANCELLED:
        raise Conflict("The run was cancelled.", "Start a new one.")
    made = []
    redraws = list(run.recipe.get("redraws") or ())
    for position, item in enumerate(prepared):
        file = await media_service.store(session, actor, item.data, name=run.title)
        asset = Asset(
            workspace_id=actor.workspace_id,
            character_id=run.character_id,
            run_id=run.id,
            redrawn_from_id=redraws[min(position, len(redraws) - 1)] if redraws else None,
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
    closing = f"The last page, signed {recipe.get('attribution')}." if recipe.get("attribution") else "The last page."
    words = (
        recipe.get("title", "") if position == 0 else (items[position - 1] if position - 1 < len(items) else closing)
    )
    return f"Page {position + 1} of {pages}. {text if position == 0 else words}".strip()


async def _fail(actor: Actor, run_id: str, error: ProductError) -> None:
    async with database().writing() as session:
        run = await queries.get_run(session, actor, run_id)
        if run.state == RunState.CANCELLED:
            return
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
