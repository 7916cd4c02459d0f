"""Forms between cards and characters."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.cards.library import companions
from ainfluencer.cards.library.api.people import TakeOver, make_card, take_over
from ainfluencer.cards.library.peopling import make_character
from ainfluencer.cards.queries import get
from ainfluencer.db.session import database
from ainfluencer.web.deps import Who
from ainfluencer.web.render import flash, go_to
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@router.post("/characters/{character_id}/card")
async def card_of_character(request: Request, actor: Who, character_id: str) -> Response:
    """A card of a character, opened."""
    card = await make_card(actor, character_id)
    flash(request, f"{card.name} has a card.", "success")
    return go_to(request, f"/cards/{card.id}")


@router.post("/cards/{card_id}/character")
async def character_of_card(
    request: Request,
    actor: Who,
    card_id: str,
    likeness: Annotated[Literal["synthetic", "own", "none"], Form()] = "synthetic",
) -> Response:
    """A character of a card, opened."""
    character_id, name = await make_character(actor, card_id, likeness)
    flash(request, f"{name} is here.", "success")
    return go_to(request, f"/characters/{character_id}")


@router.post("/cards/{card_id}/character/words")
async def bring_in_step(
    request: Request,
    actor: Who,
    card_id: str,
    rev: Annotated[int, Form()],
    to: Annotated[Literal["card", "character"], Form()],
) -> Response:
    """Take the words of one side over to the other."""
    await take_over(actor, card_id, TakeOver(rev=rev, to=to))
    async with database().reading() as session:
        step = await companions.step_of(session, actor, await get(session, actor, card_id))
    both = step is None or step.in_step
    told = "Card and character are in step." if both else "Taken over. What else differs can be taken over, too."
    flash(request, told, "success")
    return go_to(request, f"/cards/{card_id}")
