"""Cards that are the same or nearly so, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request
from starlette.responses import Response

from ainfluencer.cards.library import kinship
from ainfluencer.cards.library.schemas import DuplicateGroup
from ainfluencer.core.actor import Right
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

WAYS = (
    ("", "All"), ("file", "Same file"), ("text", "Same text"), ("near_text", "Nearly the same text"),
    ("near_picture", "Same picture"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DuplicatesPage:
    """Groups of cards that belong together."""

    groups: tuple[DuplicateGroup, ...]
    how: str
    can_create: bool
    ways: tuple[tuple[str, str], ...] = WAYS
    template: ClassVar[str] = "cards/duplicates.html"


@router.get("/cards/duplicates")
async def duplicates(request: Request, session: Read, actor: Who, how: str = "") -> Response:
    """Every group, the oldest card of each first."""
    how = how if how in kinship.HOWS else ""
    groups = await kinship.groups(session, actor, how)
    return render(request, DuplicatesPage(tuple(groups), how, actor.can(Right.CREATE)))
