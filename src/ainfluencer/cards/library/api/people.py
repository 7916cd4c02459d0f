"""JSON routes between cards and characters: make one of the other, see whether they are in step, take words over."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from ainfluencer.cards.library import companions, listing
from ainfluencer.cards.library.peopling import Likeness, make_character
from ainfluencer.cards.library.schemas import CardOut
from ainfluencer.cards.queries import get
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["cards"])


class LikenessIn(BaseModel):
    """Whose face the card's picture shows; `none` leaves the picture out of the character."""

    likeness: Likeness = "synthetic"


class TakeOver(BaseModel):
    """Whose words win: `to` names the side that is changed."""

    rev: int
    to: Literal["card", "character"]


async def make_card(actor: Actor, character_id: str) -> CardOut:
    """A card of a character: read in one transaction, stored in another."""
    async with database().reading() as session:
        examined = await companions.examine_character(session, actor, character_id)
    async with database().writing() as session:
        row = await companions.keep_character(session, actor, character_id, examined)
        return (await listing.described(session, actor, [row]))[0]


async def take_over(actor: Actor, card_id: str, wanted: TakeOver) -> None:
    """Take over to one side what was changed on the other since they said the same; its own changes stay, to be given back."""
    async with database().reading() as session:
        if wanted.to == "card":
            made = await companions.propose_take_over(session, actor, card_id, rev=wanted.rev)
        else:
            changes = await companions.changes_for_character(session, actor, card_id, rev=wanted.rev)
    async with database().writing() as session:
        if wanted.to == "card":
            await companions.take_to_card(session, actor, made)
        else:
            await companions.take_to_character(session, actor, card_id, changes, rev=wanted.rev)


@router.post("/characters/{character_id}/card", status_code=201)
async def card_of_character(character_id: str, actor: Who) -> CardOut:
    """Make a card of a character: a V3 card, in a PNG where they have a picture."""
    return await make_card(actor, character_id)


@router.post("/cards/{card_id}/character", status_code=201)
async def character_of_card(card_id: str, body: LikenessIn, actor: Who) -> dict[str, str]:
    """Make a character of a card."""
    character_id, name = await make_character(actor, card_id, body.likeness)
    return {"character_id": character_id, "name": name, "card_id": card_id}


@router.get("/cards/{card_id}/character")
async def step(card_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """The character of a card, and which of the two was changed since they said the same."""
    found = await companions.step_of(session, actor, await get(session, actor, card_id))
    if found is None:
        raise NotFound(
            "No character belongs to this card.", "Make one of it: POST to this address.", code="no_character"
        )
    return {
        "character_id": found.character_id,
        "name": found.name,
        "in_step": found.in_step,
        "card_changed": found.card_changed,
        "character_changed": found.character_changed,
    }


@router.put("/cards/{card_id}/character")
async def bring_in_step(card_id: str, body: TakeOver, actor: Who) -> dict[str, Any]:
    """Take words over: what changed on the other side since the two were in step, and nothing else."""
    await take_over(actor, card_id, body)
    async with database().reading() as session:
        return await step(card_id, session, actor)
