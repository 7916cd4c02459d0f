"""JSON routes that play a card without changing it: try its lorebook, see its prompt, measure unsaved text."""

from __future__ import annotations

import asyncio
from typing import Any

from ainfluencer.cards import service
from ainfluencer.cards.converting import versions
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.playing import chats, meters, prompt
from ainfluencer.cards.playing.schemas import Chat, LorebookTrial, Unsaved
from ainfluencer.cards.reading.coerce import plain
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])


async def _opened(actor: Actor, asked: Unsaved) -> OpenCard:
    """The card that is meant; the session is given back before anything is worked out."""
    if asked.content is not None:
        return await asyncio.to_thread(meters.opened, asked.content)
    if not asked.card_id:
        raise InvalidInput(
            "There is no card in this request.", "Send its content, or the id of a card.", field="content"
        )
    async with database().reading() as session:
        return (await service.read(session, actor, asked.card_id)).opened


@router.post("/lorebook/test")
async def try_lorebook(actor: Who, asked: LorebookTrial) -> dict[str, Any]:
    """Say which entries fire for a text, why, where the keys stand, and what the budget cuts off. With several messages
    `turns` tells it after each one that would be answered: who stays (sticky), rests (cooldown), waits or lost its group.
    """
    opened = await _opened(actor, asked)

    def work() -> dict[str, Any]:
        card = opened.card
        turns = chats.follow(card, asked.said(), asked.scene(card), asked.options())
        return turns[-1].fired.as_dict() | {"turns": [one.as_dict() for one in turns]}

    return await asyncio.to_thread(work)


@router.post("/preview")
async def preview_card(actor: Who, asked: Chat) -> dict[str, Any]:
    """Show a card as chat programs do: greetings and examples resolved, and the prompt part by part with its tokens."""
    opened = await _opened(actor, asked)

    def work() -> dict[str, Any]:
        card = opened.card
        last = next((one.text for one in reversed(asked.messages) if one.role == "user"), "")
        return prompt.preview(card, asked.scene(card, last), asked.options(), asked.spoken()).as_dict()

    return await asyncio.to_thread(work)


@router.post("/meters")
async def measure_card(actor: Who, asked: Unsaved) -> dict[str, Any]:
    """Measure unsaved text: tokens of each field, the budget, the score with its findings, macros that nothing resolves."""
    opened = await _opened(actor, asked)

    def work() -> dict[str, Any]:
        return meters.measure(opened, asked.context, asked.scene(opened.card))

    return await asyncio.to_thread(work)


@router.get("/{card_id}/fields")
async def show_fields(card_id: str, session: Read, actor: Who, version: int = 0) -> dict[str, Any]:
    """The stored fields of a card as editors take them, every version of the format alike: what V2 requires is there, and
    a PATCH of the same names changes them. `rank` is 1, 2 or 3.
    """
    found = await service.read(session, actor, card_id, version)
    stored = found.opened.payload.data
    return {
        "id": card_id,
        "rev": found.row.rev,
        "version": found.version.number,
        "rank": versions.rank_of(stored),
        "container": found.opened.payload.container.value,
        "picture_url": f"/media/{found.row.picture_file_id}" if found.row.picture_file_id else "",
        "data": plain(versions.nested(stored)["data"]),
    }
