"""JSON routes of characters, consents and persona templates under /api/v2."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from ainfluencer.characters import prompts, queries, service
from ainfluencer.characters.changes import CharacterChanges, NewCharacter
from ainfluencer.characters.personas import TEMPLATES, PersonaTemplate
from ainfluencer.characters.schemas import CharacterOut, ConsentDraft, ConsentOut, Material, MaterialKind, Status
from ainfluencer.media import queries as media_queries
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["characters"])


class CharacterList(BaseModel):
    """A page of characters; `total` counts all that match, on every page."""

    items: list[CharacterOut]
    total: int
    counts: dict[str, int]
    next_cursor: str | None


class PictureIn(BaseModel):
    """Which stored file becomes the profile picture, and the consent recorded with it."""

    file_id: str | None
    consent: ConsentDraft | None = None


class StatusIn(BaseModel):
    """Active or paused."""

    status: Status


class MaterialList(BaseModel):
    """Some of a character's material; the cursor is the offset of the next piece."""

    items: list[Material]
    counts: dict[str, int]
    next_cursor: str | None


@router.get("/characters")
async def list_characters(
    session: Read,
    actor: Who,
    status: Annotated[Status | None, Query(description="Only these; left out: all that are not deleted")] = None,
    search: Annotated[str, Query(max_length=200)] = "",
    cursor: Annotated[str, Query(max_length=26)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CharacterList:
    """Characters, newest first (CHR-003)."""
    page = await queries.list_characters(session, actor, status=status or "", search=search, cursor=cursor, limit=limit)
    return CharacterList(
        items=[queries.describe(row) for row in page.items],
        total=page.total,
        counts=await queries.counts(session, actor),
        next_cursor=page.next_cursor,
    )


@router.post("/characters", status_code=201)
async def create_character(session: Write, actor: Who, body: NewCharacter) -> CharacterOut:
    """A character typed by hand, in one transaction with persona and look (CHR-002)."""
    return queries.describe(await service.create(session, actor, service.draft_of(body)))


@router.get("/characters/{character_id}")
async def get_character(session: Read, actor: Who, character_id: str) -> CharacterOut:
    """One character (CHR-004); a deleted one too, so that it can be looked at before it is restored."""
    return queries.describe(await queries.get(session, actor, character_id, deleted=True))


@router.patch("/characters/{character_id}")
@router.put("/characters/{character_id}")
async def update_character(session: Write, actor: Who, character_id: str, body: CharacterChanges) -> CharacterOut:
    """Change what is given, keep the rest (CHR-005)."""
    return queries.describe(await service.update(session, actor, character_id, body))


@router.delete("/characters/{character_id}", status_code=204)
async def delete_character(session: Write, actor: Who, character_id: str, *, erase: bool = False) -> None:
    """Soft delete (CHR-006); `erase=true` removes a character for good that was deleted before."""
    if erase:
        await service.erase(session, actor, character_id)
    else:
        await service.delete(session, actor, character_id)


@router.post("/characters/{character_id}/restoration")
async def restore_character(session: Write, actor: Who, character_id: str) -> CharacterOut:
    """Bring a deleted character back, paused."""
    return queries.describe(await service.restore(session, actor, character_id))


@router.put("/characters/{character_id}/status")
async def set_status(session: Write, actor: Who, character_id: str, body: StatusIn) -> CharacterOut:
    """Pause or resume; deleting has its own route."""
    verb = service.resume if body.status is Status.ACTIVE else service.pause
    return queries.describe(await verb(session, actor, character_id))


@router.put("/characters/{character_id}/picture")
async def set_picture(session: Write, actor: Who, character_id: str, body: PictureIn) -> CharacterOut:
    """Set or remove the profile picture; needs a consent on record or in the body."""
    file = await media_queries.get(session, actor, body.file_id) if body.file_id else None
    return queries.describe(await service.set_picture(session, actor, character_id, file, consent=body.consent))


@router.get("/characters/{character_id}/material")
async def list_material(
    session: Read,
    actor: Who,
    character_id: str,
    kind: MaterialKind | None = None,
    cursor: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> MaterialList:
    """The words that came with the character, each with its source."""
    await queries.get(session, actor, character_id)
    rows = await queries.list_material(session, actor, character_id, kind=kind, offset=cursor, limit=limit + 1)
    return MaterialList(
        items=[
            Material(kind=MaterialKind(r.kind), text=r.text, source=r.source, keys=tuple(r.keys)) for r in rows[:limit]
        ],
        counts=await queries.material_counts(session, actor, character_id),
        next_cursor=str(cursor + limit) if len(rows) > limit else None,
    )


@router.get("/characters/{character_id}/persona.json")
async def export_persona(session: Read, actor: Who, character_id: str) -> dict[str, Any]:
    """The persona as JSON (PER-004)."""
    sheet = await queries.sheet(session, actor, character_id)
    return {"format": "ainfluencer.persona", "version": 1, "name": sheet.name, "handle": sheet.handle} | {
        "bio": sheet.bio,
        "boundaries": list(sheet.boundaries),
        "persona": sheet.persona.model_dump(mode="json"),
    }


@router.get("/characters/{character_id}/persona.txt", response_class=PlainTextResponse)
async def export_prompt(session: Read, actor: Who, character_id: str) -> str:
    """The persona as a prompt for a language model (PER-004)."""
    return prompts.prompt(await queries.sheet(session, actor, character_id))


@router.get("/characters/{character_id}/consents")
async def list_consents(session: Read, actor: Who, character_id: str) -> dict[str, list[ConsentOut] | None]:
    """Every consent record, the newest first."""
    await queries.get(session, actor, character_id)
    rows = await queries.list_consents(session, actor, character_id)
    return {"items": [queries.describe_consent(row) for row in rows], "next_cursor": None}


@router.post("/characters/{character_id}/consents", status_code=201)
async def add_consent(session: Write, actor: Who, character_id: str, body: ConsentDraft) -> ConsentOut:
    """Record a consent."""
    return queries.describe_consent(await service.add_consent(session, actor, character_id, body))


@router.post("/characters/{character_id}/consents/{consent_id}/revocation")
async def revoke_consent(session: Write, actor: Who, character_id: str, consent_id: str) -> ConsentOut:
    """End a consent now."""
    return queries.describe_consent(await service.revoke_consent(session, actor, character_id, consent_id))


@router.get("/persona-templates")
async def list_templates(actor: Who) -> dict[str, list[PersonaTemplate] | None]:
    """Five personas to begin with (PER-003)."""
    del actor  # asked for so that nobody who is not signed in reads it
    return {"items": list(TEMPLATES), "next_cursor": None}
