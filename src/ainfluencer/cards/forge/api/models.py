"""The text models of connected makers, and what they can do for the forge."""

from __future__ import annotations

from typing import Any

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import OutsideError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries, registry, service
from ainfluencer.web.deps import Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/models", tags=["forge"])


@router.get("")
async def list_models(actor: Who) -> dict[str, Any]:
    """Each usable text maker in the order in which “best” takes them, with its models; a silent maker says why."""
    actor.require(Right.READ)
    async with database().reading() as session:
        choices = await queries.choices(session, actor, Capability.TEXT)
    return {"items": [await _maker(actor, one.slug) for one in choices], "next_cursor": None}


async def _maker(actor: Actor, slug: str) -> dict[str, Any]:
    from ainfluencer.writing.free import ENOUGH

    manifest = registry.manifest(slug)
    models: list[dict[str, Any]] = []
    problem = ""
    try:
        models = [
            {"name": m.name, "title": m.title, "size_bytes": m.size_bytes, "notes": m.notes}
            for m in await service.models(actor, slug)
        ]
    except OutsideError as e:
        problem = f"{e.detail} {e.next_step}"
    return {
        "maker": slug,
        "title": manifest.title,
        "quality": manifest.quality,
        "writes_freely": manifest.quality >= ENOUGH,
        "sees_pictures": await service.sees(actor, slug),
        "longest_text": manifest.limits.text,
        "models": models,
        "problem": problem,
    }
