"""Quality over the API (QLT-001, QLT-002)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, File, UploadFile
from pydantic import BaseModel

from ainfluencer.core.actor import Right
from ainfluencer.quality import queries, rating, service
from ainfluencer.studio import queries as studio
from ainfluencer.web.deps import Read, Who, current_actor
from ainfluencer.web.routing import Router

if TYPE_CHECKING:
    from ainfluencer.quality import checks

router = Router(prefix="/api/v2", tags=["quality"])


class FindingOut(BaseModel):
    """One check."""

    check: str
    verdict: str
    value: float
    limit: float
    message: str


class QualityOut(BaseModel):
    """What the checks found; `score` runs from 0 to 1."""

    score: float
    rating: str
    reasons: list[str] = []
    findings: list[FindingOut]


def _out(score: float, findings: tuple[checks.Finding, ...], rated: rating.Rated) -> QualityOut:
    return QualityOut(
        score=score,
        rating=rated.rating,
        reasons=list(rated.reasons),
        findings=[
            FindingOut(check=f.check, verdict=f.verdict, value=f.value, limit=f.limit, message=f.message)
            for f in findings
        ],
    )


@router.post("/quality", dependencies=[Depends(current_actor)])
async def examine(file: Annotated[UploadFile, File()]) -> QualityOut:
    """Look at a picture without keeping it."""
    data = await file.read()
    return _out(*await asyncio.to_thread(service.examine_bytes, data))


@router.post("/assets/{asset_id}/quality")
async def examine_asset(asset_id: str, actor: Who) -> QualityOut:
    """Look at an asset again and record what is found."""
    actor.require(Right.CREATE)
    report = await service.report_again(actor, asset_id)
    return _out(report.score, report.findings, report.rated)


@router.get("/assets/{asset_id}/quality")
async def show(asset_id: str, session: Read, actor: Who) -> QualityOut:
    """What was found when it was last looked at."""
    asset = await studio.get_asset(session, actor, asset_id)
    rows = await queries.scores(session, actor, asset_id)
    return QualityOut(
        score=asset.score or 0.0,
        rating=asset.rating,
        findings=[
            FindingOut(check=r.check, verdict=r.verdict, value=r.value, limit=r.limit, message=r.message) for r in rows
        ],
    )
