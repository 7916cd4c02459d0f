"""Examines assets and writes down what was found. A check that breaks never fails the run that made the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.db.session import database
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.media.probe import open_image
from ainfluencer.quality import rating
from ainfluencer.quality.models import Score
from ainfluencer.studio import queries as studio
from ainfluencer.studio import service as studio_service
from ainfluencer.studio.models import Asset

if TYPE_CHECKING:
    from ainfluencer.quality import checks


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the checks say about one asset."""

    asset_id: str
    score: float  # 0..1
    findings: tuple[checks.Finding, ...]
    rated: rating.Rated

    @property
    def failures(self) -> tuple[checks.Finding, ...]:
        """Findings that hold the picture back."""
        return tuple(f for f in self.findings if f.verdict == "fail")


async def assess(actor: Actor, asset_ids: Sequence[str]) -> list[Report]:
    """Examine and rate pictures and record the result. No transaction is held while looking."""
    async with database().reading() as session:
        pairs = await studio.assets_with_files(session, actor, asset_ids)
        # A picture drawn anew with other words is like the one before by design.
        besides = {*asset_ids, *await studio.forebears(session, actor, asset_ids)}
        others = {
            character: await studio.recent_fingerprints(session, actor, character, besides=besides)
            for character in {a.character_id for a, _ in pairs if a.character_id}
        }
    reports = [
        await asyncio.to_thread(_examine, asset, file, others.get(asset.character_id or "", {}))
        for asset, file in pairs
        if file.kind == "image"
    ]
    async with database().writing() as session:
        for report in reports:
            await _record(session, actor, report)
    return reports


def _examine(asset: Asset, file: MediaFile, others: Mapping[str, str]) -> Report:
    import numpy as np

    from ainfluencer.quality import checks

    picture = open_image(storage.path_of(file.sha256, file.mime).read_bytes()).convert("RGB")
    words = _words(asset.recipe)
    pixels = np.asarray(picture)
    boxes: list[Mapping[str, Any]] = [dict(b) for b in asset.text_boxes]
    findings = checks.examine(pixels, text_boxes=boxes, phash=file.phash, others=others)
    return Report(asset.id, checks.total(findings), findings, rating.rate(picture, words))


def _words(recipe: Mapping[str, Any]) -> str:
    keys = ("prompt", "title", "body", "kicker", "items")
    return " ".join(str(recipe.get(key, "")) for key in keys)


async def _record(session: AsyncSession, actor: Actor, report: Report) -> None:
    await session.execute(
        delete(Score).where(Score.asset_id == report.asset_id, Score.workspace_id == actor.workspace_id)
    )
    for f in report.findings:
        session.add(
            Score(
                workspace_id=actor.workspace_id,
                asset_id=report.asset_id,
                check=f.check,
                verdict=f.verdict,
                value=f.value,
                limit=f.limit,
                message=f.message,
            )
        )
    rated = report.rated
    session.add(
        Score(
            workspace_id=actor.workspace_id,
            asset_id=report.asset_id,
            check="safety",
            verdict="pass" if rated.rating == "safe" else "warn",
            value=rated.score if rated.score is not None else 0.0,
            limit=0.45,
            message=" ".join(rated.reasons),
        )
    )
    await studio_service.set_quality(session, actor, report.asset_id, score=report.score, rating=rated.rating)


def examine_bytes(data: bytes) -> tuple[float, tuple[checks.Finding, ...], rating.Rated]:
    """The same look at a file that is in no library (QLT-001): score, findings, rating."""
    import numpy as np

    from ainfluencer.quality import checks

    if not data:
        raise InvalidInput("The file is empty.", "Choose another file.")
    picture = open_image(data).convert("RGB")
    pixels = np.asarray(picture)
    findings = checks.examine(pixels, text_boxes=[], phash="0" * 16, others={})
    findings = tuple(f for f in findings if f.check not in {"text_fit", "text_contrast", "uniqueness"})
    return checks.total(findings), findings, rating.rate(picture, "")


async def report_again(actor: Actor, asset_id: str) -> Report:
    """Examine one asset anew (QLT-002)."""
    reports = await assess(actor, [asset_id])
    if not reports:
        raise NotFound("There is no such picture.")
    return reports[0]
