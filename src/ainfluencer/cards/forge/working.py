"""What the steps of one job of the forge share: what it was given, whom it asks, and how its result came to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ainfluencer.cards.forge import looking
from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.forge.shapes import Material, Support
from ainfluencer.cards.forge.steps import Kept
from ainfluencer.cards.opening import OpenCard
from ainfluencer.core.ids import new_id
from ainfluencer.engine.run import JobRun


@dataclass(slots=True)
class Work:
    """One job of the forge: what it was given, whom it asks, what it keeps."""

    run: JobRun
    options: Options
    text: str  # all sources joined
    base: dict[str, Any] | None  # the stored object of the input card
    fields: dict[str, Any]  # of the input card, or of the job that this one is based on
    writer: Writer
    prompts: dict[str, str]
    kept: Kept
    material: Material | None = None
    opened: OpenCard | None = None  # the file of the input card
    input: dict[str, Any] | None = None  # where that file lies
    pictures: list[tuple[str, bytes]] = field(default_factory=list)  # names and bytes
    seer: Writer | None = None  # who looks at pictures
    sight: looking.Sight = field(default_factory=looking.Sight)
    words_before: int = 0  # of the source of the job that this one goes on from
    notes: list[str] = field(default_factory=list)
    support: list[Support] = field(default_factory=list)


def asked(work: Work) -> dict[str, Any]:
    """Who is asked and how: part of what a kept step depends on."""
    config = work.writer.config
    return {
        "maker": work.writer.slug,
        "model": work.writer.model,
        "t": config.temperature,
        "p": config.top_p,
        "seed": config.seed,
    }


def source_words(work: Work) -> int:
    """How many words of source the card was made of."""
    return len(work.text.split()) or work.words_before


def about(work: Work) -> dict[str, Any]:
    """How a result came to be: by whom, with what, from how much, at what price."""
    spent = work.kept.spent
    material = work.material
    is_free = not spent.completion_tokens or not work.writer.writes  # rules, and the model inside the product
    cost = 0.0 if is_free else work.kept.price(spent.prompt_tokens, spent.completion_tokens)
    return {
        "mode": str(work.options.mode),
        "maker": work.writer.slug,
        "maker_title": work.writer.title,
        "model": work.writer.model,
        "writes_freely": work.writer.writes,
        "source_words": source_words(work),
        "claims": len(material.claims) if material else 0,
        "claims_dropped": material.dropped if material else 0,
        "spoken_lines": len(material.lines) if material else 0,
        "language": material.language if material else work.options.language,
        "prompt_tokens": spent.prompt_tokens,
        "completion_tokens": spent.completion_tokens,
        "cost": cost if cost is not None else "unknown",
        "steps_taken_up": work.kept.taken_up,
        "notes": list(dict.fromkeys(work.notes)),
        "id": new_id(),
    }
