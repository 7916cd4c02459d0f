"""Questions about the makers of a workspace."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.integrations.manifest import Access, Capability, Manifest
from ainfluencer.makers import registry
from ainfluencer.makers.models import MakerConnection
from ainfluencer.makers.schemas import Choice, MakerView

REST = timedelta(seconds=60)
"""A maker that failed is asked last for this long, so that every post does not wait for it."""


async def find(session: AsyncSession, actor: Actor, slug: str) -> MakerConnection | None:
    """The workspace's row of a maker, or None."""
    actor.require(Right.READ)
    rows = select(MakerConnection).where(
        MakerConnection.workspace_id == actor.workspace_id, MakerConnection.slug == slug
    )
    return (await session.scalars(rows)).one_or_none()


async def list_makers(session: AsyncSession, actor: Actor) -> list[MakerView]:
    """Every known maker and how it stands in this workspace, best quality first."""
    actor.require(Right.READ)
    rows = await session.scalars(select(MakerConnection).where(MakerConnection.workspace_id == actor.workspace_id))
    by_slug = {row.slug: row for row in rows}
    views = [view(m, by_slug.get(m.slug)) for m in registry.manifests().values()]
    return sorted(views, key=lambda v: (-v.manifest.quality, v.manifest.slug))


async def get(session: AsyncSession, actor: Actor, slug: str) -> MakerView:
    """One maker as it stands here; `NotFound` for a slug that no folder has."""
    return view(registry.manifest(slug), await find(session, actor, slug))


async def choices(session: AsyncSession, actor: Actor, capability: Capability) -> list[Choice]:
    """The makers that would be asked, in order: usable ones by quality, those that failed just now at the end."""
    views = [v for v in await list_makers(session, actor) if v.manifest.can(capability) and v.is_usable]
    rows = {v.manifest.slug: await find(session, actor, v.manifest.slug) for v in views}
    now = clock.now()

    def rests(slug: str) -> bool:
        row = rows[slug]
        return row is not None and row.failed_at is not None and now - row.failed_at < REST

    views.sort(key=lambda v: rests(v.manifest.slug))
    return [Choice(v.manifest.slug, v.manifest.title, v.manifest.quality) for v in views]


def view(manifest: Manifest, row: MakerConnection | None) -> MakerView:
    """A manifest and its row as one shape; a built-in maker counts as connected without a row."""
    if row is None:
        built_in = manifest.access is Access.BUILT_IN
        defaults = {f.name: f.default for f in manifest.fields if not f.secret}
        return MakerView(manifest, is_connected=built_in, is_enabled=built_in, settings=defaults, has_secrets=False)
    return MakerView(
        manifest,
        is_connected=True,
        is_enabled=row.is_enabled,
        settings={k: str(v) for k, v in row.settings.items()},
        has_secrets=bool(row.secrets),
        account=row.account,
        checked_at=row.checked_at,
        problem=row.problem,
    )
