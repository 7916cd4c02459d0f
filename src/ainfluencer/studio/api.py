"""Runs over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict

from ainfluencer.studio import presets, queries, service
from ainfluencer.studio.models import Run
from ainfluencer.studio.presets import Preset
from ainfluencer.studio.schemas import NewRun
from ainfluencer.web.deps import Read, Who, Write, current_actor
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["studio"])


class RunOut(BaseModel):
    """A run as the API shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    character_id: str | None
    title: str
    kind: str
    maker: str
    state: str
    recipe: dict[str, Any]
    error: dict[str, Any]
    job_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    asset_ids: list[str] = []


class RunPage(BaseModel):
    """One page of runs."""

    items: list[RunOut]
    next_cursor: str | None


def _out(run: Run, asset_ids: list[str] | None = None) -> RunOut:
    return RunOut.model_validate(run).model_copy(update={"asset_ids": asset_ids or []})


@router.post("/runs", status_code=202)
async def start(new: NewRun, session: Write, actor: Who) -> RunOut:
    """Start a run; follow it at its job."""
    return _out(await service.start(session, actor, new))


@router.get("/runs")
async def index(
    session: Read,
    actor: Who,
    character_id: str = "",
    state: str = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RunPage:
    """Newest first (IMG-003)."""
    rows = await queries.list_runs(session, actor, character_id=character_id, state=state, before=cursor, limit=limit)
    made = await queries.assets_of_runs(session, actor, [r.id for r in rows])
    return RunPage(
        items=[_out(r, [a.id for a in made.get(r.id, [])]) for r in rows],
        next_cursor=rows[-1].id if len(rows) == limit else None,
    )


@router.get("/runs/{run_id}")
async def show(run_id: str, session: Read, actor: Who) -> RunOut:
    """One run and what it made."""
    run = await queries.get_run(session, actor, run_id)
    return _out(run, [a.id for a in await queries.assets_of_run(session, actor, run_id)])


@router.post("/runs/{run_id}/cancellation")
async def cancel(run_id: str, session: Write, actor: Who) -> RunOut:
    """Stop it."""
    return _out(await service.cancel(session, actor, run_id))


@router.post("/runs/{run_id}/repetition", status_code=202)
async def repeat(run_id: str, session: Write, actor: Who, vary: bool = False) -> RunOut:
    """The same again, or (`vary=true`) another seed and layout."""
    return _out(await service.again(session, actor, run_id, vary=vary))


@router.delete("/runs/{run_id}", status_code=204)
async def remove(run_id: str, session: Write, actor: Who) -> None:
    """Delete the record of a run that has ended; what it made stays (IMG-005)."""
    await service.remove(session, actor, run_id)


class Cleared(BaseModel):
    """How many records were deleted."""

    count: int


@router.delete("/runs")
async def clear(session: Write, actor: Who) -> Cleared:
    """Delete the records of every run that has ended; what they made stays (IMG-006)."""
    return Cleared(count=await service.clear(session, actor))


class PresetList(BaseModel):
    """Presets; there is one page."""

    items: list[Preset]
    next_cursor: str | None = None


@router.get("/presets", dependencies=[Depends(current_actor)])
async def list_presets(category: str = "") -> PresetList:
    """Starting points for generated pictures (PRE-001)."""
    return PresetList(items=presets.of_category(category))


@router.get("/presets/{preset_id}", dependencies=[Depends(current_actor)])
async def show_preset(preset_id: str) -> Preset:
    """One of them (PRE-002)."""
    return presets.get(preset_id)
