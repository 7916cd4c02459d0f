"""What is done to a whole character: pause, resume, delete with a way back."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from ainfluencer.characters import service
from ainfluencer.web.deps import Who, Write
from ainfluencer.web.render import flash, go_to
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@router.post("/characters/{character_id}/pause")
async def pause(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Nothing new is made or published for now."""
    character = await service.pause(session, actor, character_id)
    where = f"/characters/{character.id}"
    flash(request, f"{character.name} is paused.", "success", undo_url=f"{where}/resumption")
    return go_to(request, where)


@router.post("/characters/{character_id}/resumption")
async def resume(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Back to work."""
    character = await service.resume(session, actor, character_id)
    flash(request, f"{character.name} is back at work.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/deletion")
async def delete(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Soft delete, with a way back."""
    character = await service.delete(session, actor, character_id)
    flash(request, f"{character.name} is deleted.", "info", undo_url=f"/characters/{character.id}/restoration")
    return go_to(request, "/characters")


@router.post("/characters/{character_id}/restoration")
async def restore(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Undo a deletion."""
    character = await service.restore(session, actor, character_id)
    flash(request, f"{character.name} is back, paused.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/erasure")
async def erase(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Take a deleted character away for good."""
    await service.erase(session, actor, character_id)
    flash(request, "The character is gone for good.", "info")
    return go_to(request, "/characters?status=deleted")
