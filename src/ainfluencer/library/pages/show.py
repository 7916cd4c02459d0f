"""One asset: as a page of its own, and as a drawer over the grid; every action redraws it where it stands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.library import queries, service, shelves
from ainfluencer.library.models import Collection
from ainfluencer.library.pages.index import CardRegion
from ainfluencer.library.recipes import facts_of
from ainfluencer.library.schemas import AssetOut
from ainfluencer.media import provenance, storage
from ainfluencer.media.provenance import ProvenanceReport
from ainfluencer.quality import queries as quality
from ainfluencer.quality import service as quality_service
from ainfluencer.quality.schemas import Row, rows_of
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset, Run
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another picture of the same run."""

    id: str
    file_id: str
    position: int
    alt_text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything that is shown of one asset. `origin` is None for bytes that are no picture or have gone."""

    asset: AssetOut
    face: Face | None
    siblings: tuple[Sibling, ...]
    findings: tuple[Row, ...]
    safety: Row | None
    origin: ProvenanceReport | None
    recipe: tuple[tuple[str, str], ...]
    run: Run | None
    redrawn_from: AssetOut | None
    redrawn_as: tuple[Asset, ...]
    shelves: tuple[Collection, ...]
    can_create: bool
    can_review: bool


@dataclass(frozen=True, slots=True)
class ShowPage:
    """An asset on its own page."""

    detail: Detail
    template: ClassVar[str] = "library/show.html"


@dataclass(frozen=True, slots=True)
class DrawerPage:
    """The same beside the grid."""

    detail: Detail
    template: ClassVar[str] = "library/_show_drawer.html"


@dataclass(frozen=True, slots=True)
class DetailRegion:
    """What an action redraws."""

    detail: Detail
    template: ClassVar[str] = "library/_detail.html"

    @property
    def id(self) -> str:
        """The element of the detail."""
        return f"detail-{self.detail.asset.id}"


async def _detail(session: AsyncSession, actor: Actor, asset_id: str) -> Detail:
    found = await queries.many(session, actor, [asset_id])
    if not found:
        raise NotFound("There is no such item in the library.", "It may have been removed; look in the library.")
    asset = found[0]
    row = await studio.get_asset(session, actor, asset_id)
    run = await studio.find_run(session, actor, asset.run_id) if asset.run_id else None
    others = await studio.assets_of_run(session, actor, asset.run_id) if asset.run_id else []
    before = await queries.many(session, actor, [asset.redrawn_from_id]) if asset.redrawn_from_id else []
    rows = rows_of(await quality.scores(session, actor, asset_id))
    return Detail(
        asset=asset,
        face=(await characters.faces(session, actor)).get(asset.character_id or ""),
        siblings=tuple(Sibling(a.id, a.file_id, a.position, a.alt_text) for a in others) if len(others) > 1 else (),
        findings=tuple(r for r in rows if r.check != "safety"),
        safety=next((r for r in rows if r.check == "safety"), None),
        origin=await asyncio.to_thread(_origin, asset),
        recipe=facts_of(row.recipe, run.recipe if run else {}),
        run=run,
        redrawn_from=next(iter(before), None),
        redrawn_as=tuple(await studio.redrawn_as(session, actor, asset_id)),
        shelves=tuple(await shelves.names_of(session, actor, asset_id)),
        can_create=actor.can(Right.CREATE),
        can_review=actor.can(Right.REVIEW),
    )


def _origin(asset: AssetOut) -> ProvenanceReport | None:
    if asset.kind != "image":
        return None
    try:
        return provenance.read(storage.path_of(asset.sha256, asset.mime).read_bytes(), asset.mime)
    except NotFound:
        return None


async def _redrawn(request: Request, session: AsyncSession, actor: Actor, asset_id: str) -> Response:
    await session.flush()
    detail = await _detail(session, actor, asset_id)
    faces = {detail.face.id: detail.face} if detail.face else {}
    return swap(request, DetailRegion(detail), CardRegion(detail.asset, faces), back=f"/library/{asset_id}")


@router.get("/library/{asset_id}")
async def show(request: Request, session: Read, actor: Who, asset_id: str, part: str = "") -> Response:
    """One asset."""
    detail = await _detail(session, actor, asset_id)
    return render(request, DrawerPage(detail) if part == "drawer" else ShowPage(detail))


@router.post("/library/{asset_id}/approval")
async def approve(request: Request, session: Write, actor: Who, asset_id: str) -> Response:
    """It may be used."""
    await service.approve(session, actor, [asset_id])
    flash(request, "Approved.", "success")
    return await _redrawn(request, session, actor, asset_id)


@router.post("/library/{asset_id}/rejection")
async def reject(
    request: Request, session: Write, actor: Who, asset_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """It may not be used, and why."""
    await service.reject(session, actor, [asset_id], reason)
    flash(request, "Rejected.", "success")
    return await _redrawn(request, session, actor, asset_id)


@router.post("/library/{asset_id}/words")
async def words(
    request: Request,
    session: Write,
    actor: Who,
    asset_id: str,
    title: Annotated[str, Form()] = "",
    alt_text: Annotated[str, Form()] = "",
    tags: Annotated[str, Form()] = "",
) -> Response:
    """Title, description and tags."""
    await service.update(session, actor, asset_id, title=title, alt_text=alt_text, favourite=None)
    await service.set_tags(session, actor, asset_id, tags.split(","))
    flash(request, "Kept.", "success")
    return await _redrawn(request, session, actor, asset_id)


@router.post("/library/{asset_id}/favourite")
async def favourite(
    request: Request, session: Write, actor: Who, asset_id: str, on: Annotated[str, Form()] = ""
) -> Response:
    """Mark it, or no longer."""
    await service.update(session, actor, asset_id, title=None, alt_text=None, favourite=bool(on))
    return await _redrawn(request, session, actor, asset_id)


@router.post("/library/{asset_id}/quality")
async def examine(request: Request, actor: Who, asset_id: str) -> Response:
    """Look at it again. No transaction is open meanwhile."""
    actor.require(Right.CREATE)
    await quality_service.report_again(actor, asset_id)
    flash(request, "Looked at again.", "success")
    return go_to(request, f"/library/{asset_id}")


@router.post("/library/{asset_id}/removal")
async def remove(request: Request, session: Write, actor: Who, asset_id: str) -> Response:
    """Take it out of the library, with a way back."""
    await studio.get_asset(session, actor, asset_id)
    await service.remove(session, actor, [asset_id])
    flash(request, "Removed from the library.", "info", undo_url=f"/library/restorations?ids={asset_id}")
    return go_to(request, "/library")
