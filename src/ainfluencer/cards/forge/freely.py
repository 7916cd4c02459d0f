"""The steps of the forge with a model that writes freely: prompts of the profile in, our own shapes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.cards.forge import merging, tongues
from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.checking import sentences_of
from ainfluencer.cards.forge.chunks import Chunk
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.forge.profiles import filled
from ainfluencer.cards.forge.shapes import Claim, Entity, Kind, Line, Material, Support, Verdict, Writing
from ainfluencer.cards.forge.steps import Spent

STATEMENTS = 120  # of the material, at most so many go into one prompt
LINES = 24


class FoundClaim(BaseModel):
    """A statement as a model hands it back."""

    kind: Kind = Kind.FACT
    text: str = Field(min_length=3, max_length=400)
    quote: str = Field(min_length=3, max_length=400)


class FoundLine(BaseModel):
    """A spoken line as a model hands it back."""

    text: str = Field(min_length=2, max_length=600)
    before: str = Field("", max_length=600)


class FoundEntity(BaseModel):
    """Somebody or something as a model hands it back."""

    name: str = Field(min_length=2, max_length=80)
    kind: str = Field("thing", max_length=12)
    text: str = Field("", max_length=400)
    quote: str = Field(min_length=3, max_length=400)


class Extracted(BaseModel):
    """What a model found in one part of the source."""

    claims: list[FoundClaim] = Field(default_factory=list, max_length=60)
    lines: list[FoundLine] = Field(default_factory=list, max_length=20)
    entities: list[FoundEntity] = Field(default_factory=list, max_length=30)


class WrittenFields(BaseModel):
    """A card's fields as a model writes them."""

    description: str = Field(min_length=20, max_length=12_000)
    personality: str = Field("", max_length=4_000)
    scenario: str = Field("", max_length=4_000)
    first_mes: str = Field(min_length=10, max_length=12_000)
    alternate_greetings: list[str] = Field(default_factory=list, max_length=8)
    mes_example: str = Field("", max_length=12_000)
    tags: list[str] = Field(default_factory=list, max_length=20)
    system_prompt: str = Field("", max_length=2_000)
    creator_notes: str = Field("", max_length=2_000)


class SomeFields(BaseModel):
    """Fields of a card that are changed; those that are left out stay."""

    name: str | None = Field(None, max_length=120)
    description: str | None = Field(None, max_length=20_000)
    personality: str | None = Field(None, max_length=8_000)
    scenario: str | None = Field(None, max_length=8_000)
    first_mes: str | None = Field(None, max_length=20_000)
    alternate_greetings: list[str] | None = Field(None, max_length=20)
    mes_example: str | None = Field(None, max_length=20_000)
    tags: list[str] | None = Field(None, max_length=40)
    system_prompt: str | None = Field(None, max_length=4_000)
    creator_notes: str | None = Field(None, max_length=4_000)

    def changed(self) -> dict[str, Any]:
        """The fields that were given."""
        return self.model_dump(exclude_none=True)


class WrittenEntry(BaseModel):
    """A lorebook entry as a model writes it."""

    name: str = Field(min_length=1, max_length=80)
    kind: str = Field("thing", max_length=12)
    keys: list[str] = Field(min_length=1, max_length=8)
    content: str = Field(min_length=10, max_length=1_500)


class WrittenBook(BaseModel):
    """A lorebook as a model writes it."""

    entries: list[WrittenEntry] = Field(default_factory=list, max_length=60)


class Judged(BaseModel):
    """A statement of a card as a model judges it."""

    number: int
    verdict: str = Field(pattern="^(supported|contradicted|not_in_source)$")
    quote: str = Field("", max_length=600)


class Judgement(BaseModel):
    """Verdicts on several statements."""

    verdicts: list[Judged] = Field(default_factory=list, max_length=60)


async def extract(
    writer: Writer, prompts: dict[str, str], chunk: Chunk, material: Material, spent: Spent
) -> dict[str, Any]:
    """Statements, lines and surroundings in one part; what has no quotation there is dropped by the merging."""
    values = {
        "name": material.name,
        "language": tongues.name_of(material.language),
        "chapter": chunk.chapter or "(none)",
        "source": chunk.text,
    }
    found = await writer.ask(filled(prompts["extract"], values), Extracted, spent, most=4_000)
    part = material.model_copy(
        update={
            "claims": [
                Claim(kind=c.kind, text=c.text, quote=c.quote, where=chunk.chapter, by=writer.slug, weight=2)
                for c in found.claims
            ],
            "lines": [Line(text=x.text, quote=x.text, where=chunk.chapter, cue=x.before) for x in found.lines],
            "entities": [Entity(name=e.name, kind=e.kind, text=e.text, quotes=[e.quote]) for e in found.entities],
        }
    )
    return part.model_dump(mode="json")


def told(material: Material, most: int = STATEMENTS) -> str:
    """The statements as a model reads them, the weightiest first, with contradictions named."""
    best = sorted(material.claims, key=lambda claim: -claim.weight)[:most]
    lines = [f"- ({claim.kind}) {claim.text}" for claim in best]
    lines += [
        f"- CONTRADICTION ({one.about}): “{one.first}” against “{one.second}”" for one in material.contradictions[:8]
    ]
    return "\n".join(lines) or "(none)"


def spoken(material: Material, most: int = LINES) -> str:
    """Some of the character's own lines, spread over the source."""
    every = max(1, len(material.lines) // most)
    return "\n".join(f"- {line.text[:300]}" for line in material.lines[::every][:most]) or "(none)"


async def write(
    writer: Writer, prompts: dict[str, str], material: Material, options: Options, given: dict[str, Any], spent: Spent
) -> dict[str, Any]:
    """Every field of the card at once; each sentence is held against the statements afterwards."""
    values = {
        "name": material.name,
        "language": tongues.name_of(options.language or material.language),
        "focus": prompts.get("focus", ""),
        "claims": told(material),
        "lines": spoken(material),
        "given": f"FIELDS THAT STAY AS THEY ARE:\n{json.dumps(given, ensure_ascii=False)}\n\n" if given else "",
        "instruction": options.instruction,
    }
    prompt = filled(prompts["write"], values)
    if options.instruction:
        prompt += f"\n\nALSO: {options.instruction}"
    made = (await writer.ask(prompt, WrittenFields, spent)).model_dump()
    made["alternate_greetings"] = made["alternate_greetings"][: max(0, options.greetings - 1)]
    return Writing(fields=made, support=supported(made, material)).model_dump(mode="json")


async def revise(
    writer: Writer,
    prompts: dict[str, str],
    material: Material | None,
    options: Options,
    card: dict[str, Any],
    spent: Spent,
) -> dict[str, Any]:
    """The fields that an instruction changes."""
    values = {
        "name": str(card.get("name", "")),
        "language": tongues.name_of(options.language or (material.language if material else "en")),
        "instruction": options.instruction,
        "card": json.dumps(card, ensure_ascii=False, indent=1),
        "claims": told(material) if material else "(none)",
    }
    changed = (await writer.ask(filled(prompts["revise"], values), SomeFields, spent)).changed()
    return Writing(fields=changed, support=supported(changed, material)).model_dump(mode="json")


async def book(
    writer: Writer, prompts: dict[str, str], material: Material, options: Options, spent: Spent
) -> dict[str, Any]:
    """A lorebook out of the quotations about people, places and things."""
    chosen = material.entities[: options.entries]
    matter = "\n".join(f"- {one.name} ({one.kind}): {' | '.join(one.quotes[:3])}" for one in chosen)
    values = {
        "name": material.name,
        "language": tongues.name_of(options.language or material.language),
        "claims": matter,
    }
    made = await writer.ask(filled(prompts["book"], values), WrittenBook, spent)
    quotes = {one.name.casefold(): one.quotes[0] for one in chosen if one.quotes}
    support = [
        Support(
            field="character_book",
            text=e.content,
            origin="source" if e.name.casefold() in quotes else "model",
            quote=quotes.get(e.name.casefold(), ""),
        )
        for e in made.entries
    ]
    entries = [
        entry_of(number, e.name, e.kind, e.keys, e.content) for number, e in enumerate(made.entries[: options.entries])
    ]
    fields = {"character_book": book_of(material.name, entries)}
    return Writing(fields=fields, support=support).model_dump(mode="json")


def entry_of(number: int, name: str, kind: str, keys: Sequence[str], content: str) -> dict[str, Any]:
    """A lorebook entry with every field that the specification asks for."""
    return {
        "id": number,
        "keys": list(dict.fromkeys(key.strip() for key in keys if key.strip())),
        "content": content,
        "name": name,
        "comment": kind,
        "enabled": True,
        "constant": False,
        "selective": False,
        "insertion_order": 100 + number,
        "position": "before_char",
        "use_regex": False,
        "extensions": {},
    }


def book_of(name: str, entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """A lorebook around these entries; None without any."""
    if not entries:
        return None
    return {
        "name": f"Around {name}",
        "entries": entries,
        "scan_depth": 4,
        "token_budget": 600,
        "recursive_scanning": False,
        "extensions": {},
    }


async def repair(
    writer: Writer, prompts: dict[str, str], card: dict[str, Any], faults: Sequence[str], language: str, spent: Spent
) -> dict[str, Any]:
    """The fields with faults, corrected once."""
    values = {
        "card": json.dumps(card, ensure_ascii=False, indent=1),
        "faults": "\n".join(f"- {fault}" for fault in faults),
        "language": tongues.name_of(language),
        "name": str(card.get("name", "")),
    }
    return (await writer.ask(filled(prompts["repair"], values), SomeFields, spent)).changed()


async def check(
    writer: Writer, prompts: dict[str, str], statements: Sequence[Verdict], passages: str, spent: Spent
) -> dict[str, Any]:
    """Verdicts on up to 20 statements against the passages that are nearest to them."""
    listed = "\n".join(f"{number}. {one.text}" for number, one in enumerate(statements))
    made = await writer.ask(
        filled(prompts["check"], {"claims": listed, "source": passages}), Judgement, spent, most=4_000
    )
    return made.model_dump(mode="json")


def supported(fields: dict[str, Any], material: Material | None) -> list[Support]:
    """Each sentence of the written fields with the statement that it rests on, or marked as the model's own."""
    known = (
        [(merging.words(claim.text) | merging.words(claim.quote), claim) for claim in material.claims]
        if material
        else []
    )
    made = []
    for field, sentence in sentences_of(fields):
        meant = merging.words(sentence) - {"char", "user"}
        best = max(known, key=lambda pair: len(meant & pair[0]), default=None)
        if best is not None and len(meant) > 1 and len(meant & best[0]) / len(meant) >= 0.5:
            made.append(Support(field=field, text=sentence, origin="source", quote=best[1].quote, where=best[1].where))
        else:
            made.append(Support(field=field, text=sentence, origin="model"))
    return made
