"""What is done with everything that is picked; the cards are redrawn where they stand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor
from ainfluencer.library import bundles, queries, service, shelves
from ainfluencer.library.pages.index import CardRegion
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

Picked = Annotated[list[str], Form(default_factory=list)]
_UNDO_IDS = 60  # an undo's address holds so many ids; a larger removal is restored from the list of removed items


async def _redrawn(
    request: Request, session: AsyncSession, actor: Actor, ids: Sequence[str], *, gone: bool = False
) -> Response:
    await session.flush()
    items = await queries.many(session, actor, ids)
    faces = await characters.faces(session, actor)
    return picked_nothing(swap(request, *(CardRegion(item, faces, gone) for item in items), back="/library"))


def picked_nothing(answer: Response) -> Response:
    """The same answer, which also lets go of the selection and closes the dialog that it came from."""
    events = json.loads(answer.headers.get("hx-trigger", "{}"))
    answer.headers["hx-trigger"] = json.dumps(events | {"selection-clear": {}})
    return answer


@router.post("/library/bulk")
async def bulk(
    request: Request, session: Write, actor: Who, ids: Picked, action: Annotated[str, Form()] = ""
) -> Response:
    """Approve, favourite, download or remove."""
    if action == "download":
        return go_to(request, f"/library/bundle?{urlencode({'ids': ids}, doseq=True)}")
    if action == "remove":
        return await _removed(request, session, actor, ids)
    if action == "favourite":
        done = await service.favour(session, actor, ids, on=True)
        flash(request, f"{plural(len(done), 'favourite')} more.", "success")
    else:
        done = await service.approve(session, actor, ids)
        flash(request, f"{plural(len(done), 'item')} approved.", "success")
    return await _redrawn(request, session, actor, [asset.id for asset in done])


async def _removed(request: Request, session: AsyncSession, actor: Actor, ids: Sequence[str]) -> Response:
    items = await queries.many(session, actor, ids)
    count = await service.remove(session, actor, ids)
    undo = f"/library/restorations?{urlencode({'ids': [i.id for i in items]}, doseq=True)}"
    flash(request, f"{plural(count, 'item')} removed.", "info", undo_url=undo if count <= _UNDO_IDS else "")
    return picked_nothing(swap(request, *(CardRegion(item, {}, is_gone=True) for item in items), back="/library"))


@router.post("/library/rejections")
async def reject(
    request: Request,
    session: Write,
    actor: Who,
    ids: Picked,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Reject, and say why."""
    done = await service.reject(session, actor, ids, reason)
    flash(request, f"{plural(len(done), 'item')} rejected.", "success")
    return await _redrawn(request, session, actor, [asset.id for asset in done])


@router.post("/library/tags")
async def tag(request: Request, session: Write, actor: Who, ids: Picked, tags: Annotated[str, Form()] = "") -> Response:
    """Add tags."""
    done = await service.tag_many(session, actor, ids, tags.split(","))
    flash(request, f"{plural(len(done), 'item')} tagged.", "success")
    return await _redrawn(request, session, actor, [asset.id for asset in done])


@router.post("/library/collected")
async def collect(
    request: Request,
    session: Write,
    actor: Who,
    ids: Picked,
    collection: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:
    """Put into a collection, or into a new one."""
    home = (
        await shelves.create(session, actor, name)
        if name.strip() or not collection
        else await shelves.get(session, actor, collection)
    )
    count = await shelves.collect(session, actor, home.id, ids)
    flash(request, f"{plural(count, 'item')} put into “{home.name}”.", "success")
    return await _redrawn(request, session, actor, ids)


@router.post("/library/restorations")
async def restore(request: Request, session: Write, actor: Who, ids: Annotated[list[str], Query()]) -> Response:
    """Undo a removal."""
    done = await service.restore(session, actor, ids)
    flash(request, f"{plural(len(done), 'item')} back in the library.", "success")
    return await _redrawn(request, session, actor, [asset.id for asset in done])


@router.get("/library/bundle")
async def bundle(session: Read, actor: Who, ids: Annotated[list[str], Query()]) -> Response:
    """The originals as a zip, with a list of what they are."""
    return await bundles.answer(session, actor, ids)
