"""JSON routes of cards: look into a file, make a character of a card or a brief, fetch the original."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import File, Form, Response, UploadFile

from ainfluencer.cards import intake, opening, queries, service
from ainfluencer.cards.attaching import api as attaching
from ainfluencer.cards.bundles import api as bundles
from ainfluencer.cards.forge import api as forge
from ainfluencer.cards.library import api as library
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.playing import api as playing
from ainfluencer.cards.schemas import CardSource, EvidenceOut, Imported, ImportReport, NoteOut
from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import ConsentDraft, ConsentKind
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["cards"])


def report_of(source: CardSource) -> ImportReport:
    """What was read, how, and what was odd."""
    return ImportReport(
        kind=source.kind,
        container=source.container,
        spec=source.spec,
        spec_version=source.spec_version,
        filename=source.filename,
        rating=source.rating,
        summary=source.summary,
        warnings=[NoteOut(code=n.code, detail=n.detail) for n in source.warnings],
        evidence=[EvidenceOut(field=e.field, value=e.value, source=e.source, words=e.words) for e in source.evidence],
    )


def _stored_report(row: CardRow) -> ImportReport:
    names = ImportReport.model_fields.keys()
    return ImportReport.model_validate({name: getattr(row, name) for name in names})


@router.post("/characters/import", status_code=201)
async def import_character(
    response: Response,
    actor: Who,
    file: Annotated[UploadFile | None, File(description="A card (PNG, JSON, CharX, BYAF, YAML) or a brief")] = None,
    text: Annotated[str, Form(description="A brief, typed")] = "",
    likeness: Annotated[ConsentKind, Form(description="Whose face the card's picture shows")] = ConsentKind.SYNTHETIC,
    *,
    reuse: Annotated[bool, Form(description="Answer with the character that this very file became before")] = False,
) -> Imported:
    """Make a character of a card or a brief. The same name never overwrites another character."""
    actor.require(Right.CREATE)
    data, filename = await intake.uploaded(file, text)
    # The transaction begins after the reading, so that nobody waits for a large card, and a refusal can be recorded.
    source = await intake.read(actor, data, filename)
    consent = ConsentDraft(kind=likeness, statement=f"Stated at import of {filename or 'a brief'}: {likeness}.")
    async with database().writing() as session:
        if reuse and (known := await service.find_imported(session, actor, data)):
            response.status_code = 200
            character, row = known
            return Imported(
                character=characters.describe(character), reused=True, card_id=row.id, report=_stored_report(row)
            )
        picture = await intake.store_picture(session, actor, source)
        character = await service.import_source(session, actor, source, picture, consent=consent if picture else None)
        row = (await queries.list_for_character(session, actor, character.id))[0]
    return Imported(character=characters.describe(character), reused=False, card_id=row.id, report=report_of(source))


@router.post("/cards/inspection")
async def inspect_card(actor: Who, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """Say what a card or lorebook file is and what is odd about it; nothing is stored."""
    del actor  # asked for so that only people who are signed in use the machine
    data, filename = await intake.uploaded(file, "")
    return await asyncio.to_thread(opening.inspect, data, filename)


@router.get("/characters/{character_id}/cards")
async def list_cards(session: Read, actor: Who, character_id: str) -> dict[str, Any]:
    """The files that a character came from, the newest first."""
    await characters.get(session, actor, character_id)
    rows = await queries.list_for_character(session, actor, character_id)
    items = [_stored_report(row).model_dump(mode="json") | {"id": row.id, "bytes": row.source_bytes} for row in rows]
    return {"items": items, "next_cursor": None}


@router.get("/cards/{card_id}/original")
async def download_original(session: Read, actor: Who, card_id: str) -> Response:
    """The file exactly as it was imported."""
    row = await queries.get(session, actor, card_id)
    headers = {"Content-Disposition": f'attachment; filename="card-{row.id}"', "X-Content-Type-Options": "nosniff"}
    return Response(queries.original(row), media_type=row.source_mime, headers=headers)


router.routes.extend(bundles.router.routes)  # before /cards/{card_id}, which would take “bundles” for an id
router.routes.extend(playing.router.routes)
router.routes.extend(attaching.router.routes)
router.routes.extend(library.router.routes)
router.routes.extend(forge.router.routes)
