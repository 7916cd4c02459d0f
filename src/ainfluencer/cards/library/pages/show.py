"""One card: what it says, how good it is, what it costs, its versions, its files, its like."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.cards import service
from ainfluencer.cards.library import arranging, companions, kinship, listing, revising, tending
from ainfluencer.cards.library.api.single import To, file_answer
from ainfluencer.cards.library.api.states import version_out
from ainfluencer.cards.library.companions import Step
from ainfluencer.cards.library.handing import Handed, handed, is_open, seal
from ainfluencer.cards.library.schemas import Beside, Bulk, CardOut, Kin, VersionOut
from ainfluencer.cards.linting import linter
from ainfluencer.cards.linting.budget import Budget
from ainfluencer.cards.linting.findings import Finding
from ainfluencer.cards.queries import get, list_versions
from ainfluencer.cards.reading.card import Card
from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterOut
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import understood
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

CONTEXTS = (2048, 4096, 8192, 16_384, 32_768, 131_072)
DOWNLOADS = (
    ("", "As it is", "file-down"), ("png", "PNG", "image"), ("json", "JSON", "braces"), ("charx", "CharX", "package"),
    ("v3", "V3", "file-text"), ("v2", "V2", "file-text"), ("v1", "V1", "file-text"),
    ("yaml", "YAML", "file-text"),
)  # fmt: skip
SECTIONS = (
    ("description", "Description"), ("personality", "Personality"), ("scenario", "Scenario"),
    ("first_mes", "First message"), ("mes_example", "Example dialogue"), ("system_prompt", "Main prompt"),
    ("post_history_instructions", "After the chat"), ("creator_notes", "Creator’s notes"),
)  # fmt: skip
REASONS = {
    "imported": "Imported", "edited": "Edited", "fixed": "Mended", "merged": "Merged", "restored": "Taken back",
    "converted": "Converted", "forged": "Forged", "character": "From the character",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One card, read, judged and weighed."""

    card: CardOut
    said: Card
    score: int
    findings: tuple[Finding, ...]
    budget: Budget
    context: int
    versions: tuple[VersionOut, ...]
    kin: tuple[Kin, ...]
    character: CharacterOut | None
    step: Step | None
    warnings: list[dict[str, str]]
    why_rated: list[str]
    can_create: bool
    contexts: tuple[int, ...] = CONTEXTS
    downloads: tuple[tuple[str, str, str], ...] = DOWNLOADS
    reasons: dict[str, str] | None = None
    template: ClassVar[str] = "cards/show.html"
    region: ClassVar[str] = "budget"

    @property
    def sections(self) -> list[tuple[str, str, str]]:
        """The texts that are there: field, title, text."""
        return [(name, title, text) for name, title in SECTIONS if (text := getattr(self.said, name))]

    @property
    def fixable(self) -> int:
        """How many findings have a safe fix."""
        return sum(one.can_fix for one in self.findings)


@dataclass(frozen=True, slots=True)
class LossesPage:
    """What a download would lose, before it is done."""

    card_id: str
    name: str
    to: str
    version: int
    losses: tuple[Any, ...]
    template: ClassVar[str] = "cards/download.html"


@router.get("/cards/{card_id}")
async def show(request: Request, session: Read, actor: Who, card_id: str, context: int = 8192) -> Response:
    """Everything about one card."""
    context = context if context in CONTEXTS else 8192
    row = await get(session, actor, card_id, deleted=True)
    if row.kind != "card":
        return go_to(request, f"/characters/{row.character_id}" if row.character_id else "/characters")
    if row.deleted_at is not None:
        flash(request, f"“{row.name}” lies in the bin. Take it back to open it.", "info")
        return go_to(request, "/cards/bin")
    found = await service.read(session, actor, card_id)
    report = await asyncio.to_thread(linter.lint, found.opened, context)
    maker = await characters.find(session, actor, row.character_id) if row.character_id else None
    page = ShowPage(
        card=(await listing.described(session, actor, [row]))[0],
        said=found.opened.card,
        score=report.score,
        findings=report.findings,
        budget=report.budget,
        context=context,
        versions=tuple(version_out(row, one) for one in await list_versions(session, actor, row)),
        kin=tuple(await kinship.kin_of(session, actor, card_id, limit=8)),
        character=characters.describe(maker) if maker else None,
        step=companions.compared(row, maker) if maker else None,
        warnings=list(row.warnings),
        why_rated=list(row.summary.get("why_rated", [])),
        can_create=actor.can(Right.CREATE),
        reasons=REASONS,
    )
    return render(request, page)


@router.get("/cards/{card_id}/download")
async def download(
    request: Request, actor: Who, card_id: str, to: To = "", version: int = 0, allow_loss: bool = False
) -> Response:
    """A version as a file; where that would lose something, the list of it comes first."""
    made, number, name, must_seal = await _made(actor, card_id, to, version)
    if made.losses and not allow_loss:
        return render(request, LossesPage(card_id, name, to, version, made.losses))
    if must_seal:
        async with database().writing() as session:
            await seal(session, actor, card_id, number)
    return file_answer(made)


async def _made(actor: Who, card_id: str, to: To, version: int) -> tuple[Handed, int, str, bool]:
    async with database().reading() as session:
        found = await service.read(session, actor, card_id, version)
        made = await handed(found, to, allow_loss=True)
        return made, found.version.number, found.row.name, is_open(found.version)


@router.post("/cards/{card_id}/fixes")
async def fix(
    request: Request, actor: Who, card_id: str, rev: Annotated[int, Form()], code: Annotated[str, Form()] = ""
) -> Response:
    """Mend one kind of finding, or all that have a safe fix."""
    async with database().reading() as session:
        change = await tending.propose_fixes(session, actor, card_id, rev=rev, codes=[code] if code else [])
    async with database().writing() as session:
        row = await revising.record(session, actor, change)
        told = f"Mended; the score is {row.score}." if change.examined else "There was nothing to mend."
    flash(request, told, "success")
    return go_to(request, f"/cards/{card_id}")


@router.post("/cards/{card_id}/marks")
async def mark(
    request: Request,
    session: Write,
    actor: Who,
    card_id: str,
    note: Annotated[str | None, Form()] = None,
    tags: Annotated[str | None, Form()] = None,
    favourite: Annotated[str | None, Form()] = None,
) -> Response:
    """Note, tags of ours, favourite: what stands beside the card."""
    own = None if tags is None else [tag for tag in tags.split(",") if tag.strip()][:50]
    liked = None if favourite is None else favourite == "on"
    beside = understood(Beside, note=note, own_tags=own, is_favourite=liked)
    await arranging.put_beside(session, actor, card_id, beside)
    flash(request, "Kept." if liked is None else "A favourite." if liked else "No favourite any more.", "success")
    return go_to(request, f"/cards/{card_id}")


@router.post("/cards/{card_id}/deletion")
async def delete(request: Request, session: Write, actor: Who, card_id: str) -> Response:
    """Into the bin."""
    row = await get(session, actor, card_id)
    await arranging.do(session, actor, Bulk(ids=[card_id], action="delete"))
    flash(request, f"“{row.name}” is in the bin.", "info", undo_url=f"/cards/{card_id}/restoration")
    return go_to(request, "/cards")


@router.post("/cards/{card_id}/restoration")
async def restore(request: Request, session: Write, actor: Who, card_id: str) -> Response:
    """Out of the bin."""
    await get(session, actor, card_id, deleted=True)
    count = await arranging.do(session, actor, Bulk(ids=[card_id], action="restore"))
    flash(request, f"{plural(count, 'card')} back in the library.", "success")
    return go_to(request, f"/cards/{card_id}")
