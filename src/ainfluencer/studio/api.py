"""Runs over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from ainfluencer.studio import queries, service
from ainfluencer.studio.models import Run
from ainfluencer.studio.schemas import NewRun
from ainfluencer.web.deps import Read, Who, Write

router = APIRouter(prefix="/api/v2/runs", tags=["studio"])


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


@router.post("", status_code=202)
async def start(new: NewRun, session: Write, actor: Who) -> RunOut:
    """Start a run; follow it at its job."""
    return _out(await service.start(session, actor, new))


@router.get("")
async def index(
    session: Read, actor: Who, character_id: str = "", cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RunPage:
    """Newest first."""
    rows = await queries.list_runs(session, actor, character_id=character_id, before=cursor, limit=limit)
    return RunPage(items=[_out(r) for r in rows], next_cursor=rows[-1].id if len(rows) == limit else None)


@router.get("/{run_id}")
async def show(run_id: str, session: Read, actor: Who) -> RunOut:
    """One run and what it made."""
    run = await queries.get_run(session, actor, run_id)
    return _out(run, [a.id for a in await queries.assets_of_run(session, actor, run_id)])


@router.post("/{run_id}/cancellation")
async def cancel(run_id: str, session: Write, actor: Who) -> RunOut:
    """Stop it."""
    return _out(await service.cancel(session, actor, run_id))
