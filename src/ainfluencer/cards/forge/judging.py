"""The mode `check`: every statement of a card with a verdict, by words alone and by the model where one writes freely."""

from __future__ import annotations

import asyncio
from typing import Any

from ainfluencer.cards.forge import checking, chunks, freely, merging, working
from ainfluencer.cards.forge.shapes import JobResult, Verdict
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.cards.forge.working import Work
from ainfluencer.core.errors import InvalidInput

_BATCH = 15  # statements in one request


async def check(work: Work) -> JobResult:
    """Every statement of the card with a verdict; by words alone, and by the model where one writes freely."""
    if not work.fields or not work.text:
        raise InvalidInput("A check needs a card and its source.", "Give both.", field="card")
    await work.run.progress(0.4, "Holding the card against its source")
    verdicts = await asyncio.to_thread(checking.check, work.fields, work.text, str(work.fields.get("name", "")))
    if work.writer.writes:
        verdicts = await _judged(work, verdicts)
    counts = {
        kind: sum(one.verdict == kind for one in verdicts) for kind in ("supported", "contradicted", "not_in_source")
    }
    return JobResult(
        name=str(work.fields.get("name", "")),
        metadata={**working.about(work), "counts": counts},
        verdicts=[one.model_dump() for one in verdicts],
    )


async def _judged(work: Work, verdicts: list[Verdict]) -> list[Verdict]:
    """The model's word on what rules left open; a quotation that does not stand in the source is not believed."""
    library = await asyncio.to_thread(checking.Library, work.text)
    source = chunks.Quotable(work.text)
    names = merging.words(str(work.fields.get("name", "")))
    doubtful = [number for number, one in enumerate(verdicts) if one.verdict != "supported"]
    made = list(verdicts)
    for at in range(0, len(doubtful), _BATCH):
        batch = doubtful[at : at + _BATCH]
        await work.run.progress(0.5 + 0.45 * at / len(doubtful), f"Statement {at + 1} of {len(doubtful)}")
        passages = "\n".join(
            dict.fromkeys(text for number in batch for _, text in library.nearest(verdicts[number].text, names, 4))
        )

        async def judge(spent: Spent, batch: list[int] = batch, passages: str = passages) -> dict[str, Any]:
            return await freely.check(work.writer, work.prompts, [verdicts[n] for n in batch], passages, spent)

        matter = {
            "statements": [verdicts[n].text for n in batch],
            "passages": passages,
            "prompt": work.prompts["check"],
            **working.asked(work),
        }
        found = freely.Judgement.model_validate(await work.kept.step("check", matter, judge))
        for one in found.verdicts:
            if 0 <= one.number < len(batch) and (one.verdict == "not_in_source" or source.holds(one.quote)):
                old = made[batch[one.number]]
                made[batch[one.number]] = old.model_copy(update={"verdict": one.verdict, "quote": one.quote})
    return made
