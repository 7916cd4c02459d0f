"""Which approved picture fits something that is planned: by its kind, by what it says, and by how long ago it was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.studio.models import Asset, AssetState, Rating

FITS = 0.25  # nearness of meaning from which a picture counts as being about the theme
SAME_FORM = 0.05  # a little ahead: it has the very form that was planned
BY_FORM = "look_board"  # is about the character's look whatever it says, so its form alone makes it fit
REST = timedelta(days=30)  # a picture that was shown may be shown again after this long
_MOST = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for. `category` as in the library, `format` as in a recipe."""

    character_id: str
    theme: str
    angle: str
    format: str
    category: str


async def usable(session: AsyncSession, actor: Actor, plan: Plan, *, limit: int = _MOST) -> Sequence[Asset]:
    """Approved pictures of the character in that category that rest, first pages only, newest first."""
    actor.require(Right.READ)
    rows = await session.scalars(
        select(Asset)
        .where(
            Asset.workspace_id == actor.workspace_id,
            Asset.character_id == plan.character_id,
            Asset.state == AssetState.APPROVED,
            Asset.kind == "image",
            Asset.category == plan.category,
            Asset.rating != Rating.ADULT,
            Asset.position == 0,
            Asset.deleted_at.is_(None),
            or_(Asset.times_used == 0, Asset.last_used_at < clock.now() - REST),
        )
        .order_by(Asset.created_at.desc(), Asset.id.desc())
        .limit(limit)
    )
    return rows.all()


async def best(plan: Plan, found: Sequence[Asset]) -> Asset | None:
    """The one that fits best, unused ones first where two fit alike; None when none is about the theme.

    May load the packaged embeddings: call it outside of a transaction.
    """
    from ainfluencer.writing import service as writing

    texts = [f"{asset.title}. {asset.alt_text}" for asset in found]
    asked = (plan.theme, f"{plan.theme}. {plan.angle}")
    near = [max(pair) for pair in zip(*[await writing.nearness(one, texts) for one in asked], strict=True)]
    ranked = []
    for asset, value in zip(found, near, strict=True):
        is_same = _form(asset) == plan.format
        if value >= FITS or (is_same and plan.format == BY_FORM):
            ranked.append((value + (SAME_FORM if is_same else 0.0), -asset.times_used, asset))
    return max(ranked, key=lambda one: one[:2])[2] if ranked else None


def _form(asset: Asset) -> str:
    asked = asset.recipe.get("request")
    return str(asked.get("format", "")) if isinstance(asked, dict) else ""
