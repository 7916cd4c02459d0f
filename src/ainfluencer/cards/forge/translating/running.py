"""The job of a translation: what may change is covered, asked for in batches, checked, and put where it was."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.cards.converting import versions
from ainfluencer.cards.forge import finishing, service, tongues, working
from ainfluencer.cards.forge.options import Options, Validation
from ainfluencer.cards.forge.profiles import filled
from ainfluencer.cards.forge.shapes import JobResult
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.cards.forge.translating import pieces, segments, shielding, telling
from ainfluencer.cards.forge.translating.pieces import Change, Piece
from ainfluencer.cards.forge.translating.segments import Segment
from ainfluencer.cards.forge.translating.shielding import Shield
from ainfluencer.cards.forge.working import Work
from ainfluencer.cards.linting import linter, tokens
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.core.errors import InvalidInput


class TranslatedText(BaseModel):
    """One text as a model hands it back."""

    number: int
    text: str


class Translated(BaseModel):
    """The texts of one request."""

    texts: list[TranslatedText] = Field(default_factory=list, max_length=segments.MOST)


@dataclass(slots=True)
class Plan:
    """Everything that is asked for, worked out before anybody is asked."""

    opened: OpenCard
    target: str
    shield: Shield
    parts: dict[Piece, list[Segment]] = field(default_factory=dict)
    already: list[Piece] = field(default_factory=list)
    batches: list[list[Segment]] = field(default_factory=list)
    answers: dict[int, str] = field(default_factory=dict)  # by the number of the segment
    refused: dict[int, list[str]] = field(default_factory=dict)  # what was wrong with the last answer


async def translate(work: Work) -> JobResult:
    """The whole way. Raises the maker's errors, `InvalidInput`, `PolicyRefused`, or `Cancelled`."""
    if not work.writer.writes:
        raise InvalidInput(*service.SMALL, code="needs_larger_model", field="translate_to")
    if work.opened is None:
        raise InvalidInput("To translate a card, give the card.", "Add a card file or choose one of the library.", field="card")  # fmt: skip
    await work.run.progress(0.05, "Reading the card")
    plan = await asyncio.to_thread(planned, work.opened, work.options)
    for number, batch in enumerate(plan.batches):
        await work.run.progress(0.08 + 0.85 * number / len(plan.batches), f"Part {number + 1} of {len(plan.batches)}")
        await _ask(work, plan, batch)
    await work.run.progress(0.94, "Putting the card together")
    return await asyncio.to_thread(_result, work, plan)


def planned(given: OpenCard, options: Options) -> Plan:
    """What is to be asked for; a card that may not be is refused before anybody reads it."""
    opened = pieces.writable(given)
    finishing.judge(_whole(opened))
    target = tongues.code_of(options.translate_to)
    plan = Plan(opened, target, Shield(pieces.names_of(opened), options.keep_words))
    count = tokens.counter()
    limit = options.chunk_tokens // 2
    found = pieces.pieces_of(opened, options)
    covered = [plan.shield.cover(one.text, speakers=one.is_dialogue) for one in found]
    whole = shielding.language_of("\n".join(covered)) if "-" not in target else ""
    numbers = itertools.count()
    for piece, text in zip(found, covered, strict=True):
        if not shielding.has_words(text):
            continue
        if whole and not piece.keys and (shielding.language_of(text) or whole) == target:
            plan.already.append(piece)
            continue
        parts = [text] if piece.keys else segments.cut(text, limit // 3, count)
        plan.parts[piece] = [Segment(next(numbers), piece, part) for part in parts]
    asked = [one for parts in plan.parts.values() for one in parts if one.is_sent]
    plan.batches = segments.batches(asked, limit, count)
    return plan


async def _ask(work: Work, plan: Plan, batch: Sequence[Segment]) -> None:
    """One request; what cannot be used is asked for once more, with the fault in words."""
    wrong = await _try(work, plan, batch, [])
    again = [one for one in batch if one.number in wrong]
    if again:
        left = await _try(work, plan, again, [wrong[one.number] for one in again])
        plan.refused |= left


async def _try(
    work: Work, plan: Plan, batch: Sequence[Segment], faults: Sequence[Sequence[str]]
) -> dict[int, list[str]]:
    """Ask for these segments and keep what can be used; answers what was wrong with the others."""
    texts = [one.text for one in batch]
    prompt = _prompt(work, plan, texts, faults)

    async def ask(spent: Spent) -> dict[str, Any]:
        return (await work.writer.ask(prompt, Translated, spent)).model_dump()

    made = Translated.model_validate(await work.kept.step("translate", {"prompt": prompt, **working.asked(work)}, ask))
    given = _by_number(made, len(batch))
    wrong: dict[int, list[str]] = {}
    for number, one in enumerate(batch):
        answer = shielding.tidied(given.get(number, ""), one.text)
        found = shielding.faults(
            one.text,
            answer,
            target=tongues.base_of(plan.target),
            is_dialogue=one.piece.is_dialogue,
            is_list=bool(one.piece.keys),
        )
        if found:
            wrong[one.number] = found
        else:
            plan.answers[one.number] = answer
    return wrong


def _by_number(made: Translated, count: int) -> dict[int, str]:
    """Texts by their numbers from 0; some models count from 1 all the same."""
    given = {one.number: one.text for one in reversed(made.texts)}
    return {number - 1: text for number, text in given.items()} if set(given) == set(range(1, count + 1)) else given


def _prompt(work: Work, plan: Plan, texts: Sequence[str], faults: Sequence[Sequence[str]]) -> str:
    told = "\n".join(f"- text {number}: {' '.join(found)}" for number, found in enumerate(faults))
    values = {
        "language": tongues.name_of(plan.target),
        "source": json.dumps([{"number": n, "text": text} for n, text in enumerate(texts)], ensure_ascii=False, indent=0),
        "faults": told or "(none)",
        "instruction": work.options.instruction or "(none)",
    }  # fmt: skip
    prompt = work.prompts["translate"]
    made = filled(prompt, values)
    if told and "${faults}" not in prompt:
        made += f"\n\nYOUR LAST TRANSLATION OF THESE TEXTS HAD FAULTS. MEND THEM:\n{told}"
    if work.options.instruction and "${instruction}" not in prompt:
        made += f"\n\nALSO: {work.options.instruction}"
    return made


def _changes(plan: Plan) -> list[Change]:
    """New values of the texts of which at least a part was translated."""
    made: list[Change] = []
    for piece, parts in plan.parts.items():
        if not any(one.number in plan.answers for one in parts):
            continue
        text = plan.shield.uncover("".join(plan.answers.get(one.number, one.text) for one in parts))
        value = piece.value(text)
        if not piece.keys or len(value) > len(piece.keys):
            made.append((piece.place, value))
    return [*made, *pieces.dated(plan.opened)] if made else []


def _whole(opened: OpenCard) -> dict[str, Any]:
    """The card's object with its fields under `data` and of their types, whatever its version; the file keeps what it has."""
    card = opened.editor().card
    return versions.typed(card) if versions.rank_of(card) > 1 else versions.converted(card, 2)[0]


def _result(work: Work, plan: Plan) -> JobResult:
    changes = _changes(plan)
    made = open_card(pieces.saved(plan.opened, changes), "card.yaml" if _is_yaml(plan.opened) else "")
    card = _whole(made)
    rating = finishing.judge(card)
    report = linter.lint(made)
    found = [one.as_dict() for one in report.findings]
    bad = finishing.serious(found)
    if bad and work.options.validation_mode is Validation.STRICT:
        raise InvalidInput(
            f"The translated card has {len(bad)} faults: {bad[0]['message']}",
            "Mend the card first, or use the validation mode “lenient”.",
            code="card_invalid",
        )
    if work.opened and work.opened.payload.container is not plan.opened.payload.container:
        work.notes.append("A card in this kind of file cannot be changed in place; the translated one is a PNG.")
    rows = telling.rows_of(plan, work.options)
    work.notes += telling.warnings_of(rows, plan, _texts(changes))
    metadata = {
        **working.about(work),
        "language": plan.target,
        "translated_to": tongues.name_of(plan.target),
        "container": made.payload.container.value,
        "input": work.input,
        "rating": rating,
        "score": report.score,
        "tokens": {"permanent": report.budget.permanent, "worst": report.budget.worst},
    }
    stored = [{"place": list(place), "value": value} for place, value in changes]
    return finishing.result_of(card, metadata, evidence=[], findings=found[:100], translation=rows, changes=stored)


def _texts(changes: Iterable[Change]) -> int:
    return sum(place != ("modification_date",) for place, _ in changes)


def _is_yaml(opened: OpenCard) -> bool:
    return opened.payload.container.value == "yaml"
