"""The work of the forge, step by step: cut up, collect, bring together, write, furnish the lorebook, complete and mend."""

from __future__ import annotations

import asyncio
from typing import Any

from ainfluencer.cards.forge import chunks, finishing, freely, judging, looking, merging, revising, texts, working
from ainfluencer.cards.forge.options import Mode, Validation
from ainfluencer.cards.forge.rules import composing, gathering, movements
from ainfluencer.cards.forge.shapes import JobResult, Material, Support, Writing
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.cards.forge.working import Work
from ainfluencer.cards.linting import linter
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.media import storage

BIGGER = (
    "The built-in model has 135 million parameters: it cannot write a card. This one was put together from the source's own sentences and"
    " lines. A model of 7 billion parameters or more (Ollama, or any OpenAI-compatible server) reads every part of the source, writes flowing"
    " fields in the character's voice, and follows free instructions."
)

KEPT = "What the card says was kept; only what it lacked was added."


async def forge(work: Work) -> JobResult:
    """The whole way, for every mode. Raises the maker's errors, `InvalidInput`, `PolicyRefused`, or `Cancelled`."""
    if work.pictures:
        await _look(work)
    if work.text and work.material is None:
        work.material = await _collect(work)
    if work.options.mode is Mode.CHECK:
        return await judging.check(work)
    if work.options.mode is Mode.REVISE:
        await _revise(work)
    await _write(work)
    return await _finish(work)


async def _look(work: Work) -> None:
    """What the pictures show becomes part of the source."""
    if work.seer is None:
        raise texts.unseen(work.pictures[0][0])
    await work.run.progress(0.02, "Looking at the picture" if len(work.pictures) == 1 else "Looking at the pictures")
    name = work.options.name or str(work.fields.get("name", ""))
    work.sight = await looking.look(
        work.seer, work.prompts["look"], work.pictures, name, work.options.language or "en", work.kept
    )
    work.text = f"{work.text}\n\n{work.sight.text}".strip()
    work.notes.append(looking.SYNTHETIC)


def _with_sight(work: Work, material: Material) -> Material:
    """The statements of the pictures beside the others; they speak of the character by name."""
    if not work.sight.claims:
        return material
    seen = {one.quote for one in work.sight.claims}  # rules read the description too
    both = [*work.sight.claims, *(one for one in material.claims if one.quote not in seen)]
    # Without a name the pictures speak of “the character”.
    told = [one.model_copy(update={"text": one.text.replace(looking.ANYBODY, material.name)}) for one in both]
    return material.model_copy(update={"claims": told, "dropped": material.dropped + work.sight.dropped})


async def _collect(work: Work) -> Material:
    """What the source says about the character, proved and merged."""
    options = work.options
    await work.run.progress(0.05, "Reading the source")
    name = options.name or str(work.fields.get("name", ""))
    language = options.language or await asyncio.to_thread(_language, work.text)
    matter = {"source": _digest(work.text), "name": name, "language": language}

    async def gather(_: Spent) -> dict[str, Any]:
        return (await asyncio.to_thread(gathering.gather, work.text, name, language)).model_dump(mode="json")

    base = _with_sight(work, Material.model_validate(await work.kept.step("collect", matter, gather)))
    if not work.writer.writes:
        return base
    return await _extract(work, base)


async def _extract(work: Work, base: Material) -> Material:
    """Every part of the source read by the model; what rules found stays beside it."""
    pieces = await asyncio.to_thread(chunks.chunks, work.text, work.options.chunk_tokens)
    if work.options.max_chunks and len(pieces) > work.options.max_chunks:
        work.notes.append(f"{work.options.max_chunks} of {len(pieces)} parts of the source were read, as asked.")
        pieces = pieces[: work.options.max_chunks]
    parts = [base]
    for piece in pieces:
        about = f", {piece.chapter}" if piece.chapter else ""
        await work.run.progress(
            0.08 + 0.5 * piece.number / len(pieces), f"Part {piece.number + 1} of {len(pieces)}{about}"
        )

        async def extract(spent: Spent, piece: chunks.Chunk = piece) -> dict[str, Any]:
            return await freely.extract(work.writer, work.prompts, piece, base, spent)

        matter = {"text": piece.text, "name": base.name, "prompt": work.prompts["extract"], **working.asked(work)}
        parts.append(Material.model_validate(await work.kept.step("extract", matter, extract)))
    await work.run.progress(0.6, "Bringing together what was found")
    return await asyncio.to_thread(merging.merged, parts, chunks.Quotable(work.text))


def _digest(text: str) -> str:
    return storage.sha256(text.encode("utf-8", "replace"))


def _language(text: str) -> str:
    from ainfluencer.cards.understanding import languages

    return languages.detect(text[:20_000])


async def _revise(work: Work) -> None:
    """Follow the instruction: by rules where they can, else by the model."""
    instruction = work.options.instruction
    await work.run.progress(0.62, "Following the instruction")
    if revising.understood(instruction) or not work.writer.writes:
        made = revising.revise(instruction, work.fields)
    else:

        async def revise(spent: Spent) -> dict[str, Any]:
            shown = {name: value for name, value in work.fields.items() if name != "character_book"}
            return await freely.revise(work.writer, work.prompts, work.material, work.options, shown, spent)

        matter = {
            "card": work.fields,
            "instruction": instruction,
            "prompt": work.prompts["revise"],
            **working.asked(work),
        }
        made = Writing.model_validate(await work.kept.step("revise", matter, revise))
    _take(work, made)


def _take(work: Work, made: Writing, only: set[str] | None = None) -> None:
    """Written fields into the card; `only` some of them."""
    chosen = {name: value for name, value in made.fields.items() if only is None or name in only}
    work.fields |= chosen
    work.support = [one for one in work.support if one.field not in chosen]
    work.support += [one for one in made.support if one.field in chosen]
    work.notes += [note for note in made.notes if note not in work.notes]


def _wanted(work: Work) -> list[str]:
    """Which fields are still to be written."""
    options = work.options
    if options.mode is Mode.REVISE:
        return []
    if options.fields:
        return list(options.fields)
    if options.mode is Mode.FILL:
        return finishing.missing_in(work.fields, options)
    return finishing.missing_in({}, options)


async def _write(work: Work) -> None:
    """The fields that are wanted, then the lorebook, then notes for people."""
    wanted = _wanted(work)
    material = work.material
    if not wanted:
        return
    if material is None:
        raise InvalidInput("There is no source to write from.", "Add a text, a file or a card.", field="source")
    work.fields["name"] = work.fields.get("name") or work.options.name or material.name
    await work.run.progress(0.65, "Writing the fields")
    names = [name for name in wanted if name not in {"character_book", "creator_notes"}]
    if names:
        made = await (_freely(work, material, names) if work.writer.writes else _by_rules(work, material, names))
        _take(work, made, set(names))
    if "character_book" in wanted and work.options.entries:
        await work.run.progress(0.8, "Furnishing the lorebook")
        _take(work, await _book(work, material))
    if "creator_notes" in wanted and ("creator_notes" in work.options.fields or not work.fields.get("creator_notes")):
        work.fields["creator_notes"] = _creator_notes(work, material)


async def _freely(work: Work, material: Material, names: list[str]) -> Writing:
    given = {
        name: value for name, value in work.fields.items() if value and name not in names and name != "character_book"
    }

    async def write(spent: Spent) -> dict[str, Any]:
        return await freely.write(work.writer, work.prompts, material, work.options, given, spent)

    matter = {"claims": freely.told(material), "lines": freely.spoken(material), "given": given, "prompt": work.prompts["write"], "focus": work.prompts.get("focus"), "again": sorted(names) if work.options.based_on else [], "instruction": work.options.instruction, **working.asked(work)}  # fmt: skip
    return Writing.model_validate(await work.kept.step("write", matter, write))


async def _by_rules(work: Work, material: Material, names: list[str]) -> Writing:
    """The source's own sentences; the small model may add one movement to an opening that is only a frame."""
    asked = ["first_mes" if name == "alternate_greetings" else name for name in names]
    made = await asyncio.to_thread(composing.compose, material, list(dict.fromkeys(asked)), work.options)
    if made.fields.get("first_mes") and any(one.field == "first_mes" and one.origin == "frame" for one in made.support):
        await _add_movement(work, material, made)
    return made


async def _add_movement(work: Work, material: Material, made: Writing) -> None:
    about = " ".join(claim.text for claim in material.claims[:2]) or material.name

    async def ask(spent: Spent) -> dict[str, Any]:
        return {"text": await movements.best(work.writer, material, about, spent)}

    found = await work.kept.step("movement", {"about": about, "name": material.name, **working.asked(work)}, ask)
    if text := found["text"]:
        first = made.fields["first_mes"]
        made.fields["first_mes"] = (
            f"*{text}*" + first[first.index("\n\n") :] if first.startswith("*") and "\n\n" in first else first
        )
        made.support = [one for one in made.support if not (one.field == "first_mes" and one.origin == "frame")]
        made.support.append(Support(field="first_mes", text=text, origin="model"))
        made.support.append(
            Support(field="first_mes", text=made.fields["first_mes"].split("\n\n", 1)[-1], origin="frame")
        )


async def _book(work: Work, material: Material) -> Writing:
    if not work.writer.writes or not material.entities:
        return await asyncio.to_thread(composing.compose, material, ["character_book"], work.options)

    async def write(spent: Spent) -> dict[str, Any]:
        return await freely.book(work.writer, work.prompts, material, work.options, spent)

    matter = {
        "entities": [one.model_dump() for one in material.entities],
        "prompt": work.prompts["book"],
        **working.asked(work),
    }
    return Writing.model_validate(await work.kept.step("book", matter, write))


def _creator_notes(work: Work, material: Material) -> str:
    """For people: what the card was made of, and what in it is not the source's."""
    proved = sum(one.origin == "source" for one in work.support)
    parts = [
        f"Forged from {working.source_words(work):,} words of source; {proved} passages rest on quotations from it."
    ]
    if material.is_invented_name:
        parts.append("The source gives no name; this one was made up.")
    frames = sorted({one.field for one in work.support if one.origin == "frame"})
    if frames:
        parts.append(f"Plain frames, not from the source: {', '.join(frames)}.")
    if work.sight.claims:
        parts.append(looking.SYNTHETIC)
    if material.contradictions:
        parts.append(
            f"The source contradicts itself about {', '.join(one.about for one in material.contradictions[:3])}."
        )
    return " ".join(parts)


async def _finish(work: Work) -> JobResult:
    """A V3 card, mended, repaired once by the model where rules cannot, rated, and measured."""
    await work.run.progress(0.9, "Checking the card")
    card = await asyncio.to_thread(finishing.card_of, work.fields, work.options, work.base)
    is_mended = work.options.repair and work.options.validation_mode is not Validation.NONE
    if is_mended:
        card = await asyncio.to_thread(finishing.mended, card)
    found = await asyncio.to_thread(finishing.faults, card)
    bad = finishing.serious(found)
    if bad and is_mended and work.writer.writes:
        card, found = await _repaired(work, card, [f"{one['field']}: {one['message']}" for one in bad])
        bad = finishing.serious(found)
    if bad and work.options.validation_mode is Validation.STRICT:
        raise InvalidInput(
            f"The card has {len(bad)} faults: {bad[0]['message']}",
            "Give more source material, a larger model, or the validation mode “lenient”.",
            code="card_invalid",
        )
    rating = await asyncio.to_thread(finishing.judge, card)
    return await asyncio.to_thread(_result, work, card, found, rating)


async def _repaired(work: Work, card: dict[str, Any], wrong: list[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    async def repair(spent: Spent) -> dict[str, Any]:
        shown = {name: work.fields.get(name) for name in finishing.STANDARD if name != "character_book"}
        language = work.options.language or (work.material.language if work.material else "en")
        return await freely.repair(work.writer, work.prompts, shown, wrong, language, spent)

    try:
        changed = await work.kept.step("repair", {"card": card, "faults": wrong, **working.asked(work)}, repair)
    except ProductError as e:
        work.notes.append(f"The repair was given up: {e.detail}")
        return card, await asyncio.to_thread(finishing.faults, card)
    work.fields |= changed
    made = finishing.mended(finishing.card_of(work.fields, work.options, work.base))
    return made, await asyncio.to_thread(finishing.faults, made)


def _result(work: Work, card: dict[str, Any], found: list[dict[str, Any]], rating: str) -> JobResult:
    report = linter.lint(finishing.opened(card))
    if not work.writer.writes and work.options.mode is not Mode.REVISE:  # a change by rules loses nothing
        work.notes += [KEPT, BIGGER] if work.options.mode is Mode.FILL else [BIGGER]
    metadata = {
        **working.about(work),
        **({"input": work.input} if work.input else {}),
        "rating": rating,
        "score": report.score,
        "tokens": {"permanent": report.budget.permanent, "worst": report.budget.worst},
    }
    return finishing.result_of(
        card,
        metadata,
        evidence=[one.model_dump() for one in work.support],
        findings=found[:100],
        material=work.material.model_dump(mode="json") if work.material else None,
        contradictions=[one.model_dump() for one in work.material.contradictions] if work.material else [],
    )
