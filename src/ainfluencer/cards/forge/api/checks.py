"""Holding a card against a source at once, by words alone; with a model it is a job (mode `check`)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.cards import opening
from ainfluencer.cards.converting import versions
from ainfluencer.cards.forge import checking, finishing, texts
from ainfluencer.cards.forge.shapes import Verdict
from ainfluencer.core.actor import Right
from ainfluencer.web.deps import Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/generation", tags=["forge"])


class CheckIn(BaseModel):
    """A card as an object, and the text that it is held against."""

    card: dict[str, Any]
    source_text: str = Field(min_length=1, max_length=1_000_000)


class CheckOut(BaseModel):
    """A verdict on each statement of the card, and how many there are of each."""

    counts: dict[str, int]
    verdicts: list[Verdict]


@router.post("/check")
async def check_card(body: CheckIn, actor: Who) -> CheckOut:
    """Which statements of a card its source supports (with the quotation), contradicts, or does not make."""
    actor.require(Right.READ)
    return await asyncio.to_thread(_checked, body)


def _checked(body: CheckIn) -> CheckOut:
    opened = opening.open_card(json.dumps(body.card, ensure_ascii=False).encode("utf-8", "replace"), "card.json")
    fields = finishing.fields_of(opened.card)
    fields["character_book"] = versions.nested(opened.payload.data)["data"].get("character_book")
    text = texts.read(body.source_text.encode("utf-8", "replace"), "source.txt").text
    verdicts = checking.check(fields, text, opened.card.name)
    kinds = ("supported", "contradicted", "not_in_source")
    return CheckOut(counts={kind: sum(one.verdict == kind for one in verdicts) for kind in kinds}, verdicts=verdicts)
