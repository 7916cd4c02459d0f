"""Collections: all of them with a few pictures each; new, renamed, taken away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.library import shelves
from ainfluencer.library.shelves import Shelf
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CollectionsPage:
    """Every collection; `covers` are up to four thumbnails of each."""

    shelves: tuple[Shelf, ...]
    covers: dict[str, list[str]]
    can_create: bool
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "library/collections.html"


async def _drawn(session: AsyncSession, actor: Actor) -> CollectionsPage:
    return CollectionsPage(
        tuple(await shelves.all_shelves(session, actor)),
        await shelves.covers(session, actor),
        actor.can(Right.CREATE),
    )


@router.get("/library/collections")
async def collections(request: Request, session: Read, actor: Who) -> Response:
    """All collections."""
    return render(request, await _drawn(session, actor))


@router.post("/library/collections")
async def create(request: Request, session: Write, actor: Who, name: Annotated[str, Form()] = "") -> Response:
    """A new one."""
    try:
        made = await shelves.create(session, actor, name)
    except (InvalidInput, Conflict) as mistake:
        await session.rollback()
        page = await _drawn(session, actor)
        return render(
            request,
            CollectionsPage(page.shelves, page.covers, page.can_create, name, form_errors(mistake)),
            status=422,
        )
    flash(request, f"“{made.name}” is there. Pick items in the library and collect them.", "success")
    return go_to(request, "/library/collections")


@router.post("/library/collections/{collection_id}/name")
async def rename(
    request: Request, session: Write, actor: Who, collection_id: str, name: Annotated[str, Form()] = ""
) -> Response:
    """Another name."""
    changed = await shelves.rename(session, actor, collection_id, name)
    flash(request, f"It is called “{changed.name}” now.", "success")
    return go_to(request, "/library/collections")


@router.post("/library/collections/{collection_id}/removal")
async def remove(request: Request, session: Write, actor: Who, collection_id: str) -> Response:
    """Take it away; its items stay."""
    await shelves.remove(session, actor, collection_id)
    flash(request, "The collection is gone; its items are still in the library.", "info")
    return go_to(request, "/library/collections")
