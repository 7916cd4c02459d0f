"""Questions about findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.quality.models import Score


async def scores(session: AsyncSession, actor: Actor, asset_id: str) -> Sequence[Score]:
    """Every finding on one asset, worst first."""
    rows = (
        await session.scalars(select(Score).where(Score.asset_id == asset_id, Score.workspace_id == actor.workspace_id))
    ).all()
    order = {"fail": 0, "warn": 1, "pass": 2}
    return sorted(rows, key=lambda s: (order.get(s.verdict, 3), s.check))


async def scores_of(session: AsyncSession, actor: Actor, asset_ids: Iterable[str]) -> dict[str, list[Score]]:
    """Findings of several assets in one query, by asset id."""
    rows = await session.scalars(
        select(Score).where(Score.asset_id.in_(set(asset_ids)), Score.workspace_id == actor.workspace_id)
    )
    found: dict[str, list[Score]] = {}
    for row in rows:
        found.setdefault(row.asset_id, []).append(row)
    return found
