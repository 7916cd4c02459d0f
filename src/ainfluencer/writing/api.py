"""JSON routes of writing: free text, captions, descriptions, drafts and their candidates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from ainfluencer.characters import queries as characters
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import OutsideError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Capability
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers import queries as maker_queries
from ainfluencer.makers import service as makers
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router
from ainfluencer.writing import queries, safety
from ainfluencer.writing.models import Draft
from ainfluencer.writing.schemas import Candidate, Line, PostBrief, PosterWords, Written

router = Router(prefix="/api/v2", tags=["writing"])


class TextIn(BaseModel):
    """A free text (TXT-001)."""

    prompt: str = Field(min_length=1, max_length=20_000)
    character_id: str = ""
    maker: str = ""
    model: str = ""
    temperature: float = Field(0.8, ge=0, le=2)
    max_tokens: int = Field(300, ge=1, le=4000)


class Usage(BaseModel):
    """What it cost, in tokens; 0 where the maker does not say."""

    prompt_tokens: int
    completion_tokens: int


class TextOut(BaseModel):
    """The text, and who wrote it. `warnings` name what should not be posted as it is."""

    text: str
    maker: str
    model: str
    usage: Usage
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


class BriefIn(PostBrief):
    """A brief for a character; the result is kept as a draft."""

    character_id: str


class CaptionIn(BaseModel):
    """A caption for something that exists (TXT-004)."""

    character_id: str
    platform: str = "any"
    subject: str = Field(min_length=1, max_length=200)
    seed: int = 0


class SubjectIn(BaseModel):
    """What a description is about; empty means the character."""

    character_id: str
    subject: str = Field("", max_length=400)
    max_text: int = Field(500, ge=40, le=2000)
    max_tags: int = Field(10, ge=0, le=20)


class ConversationIn(BaseModel):
    """A conversation, oldest line first."""

    character_id: str
    lines: list[Line] = Field(min_length=1, max_length=50)


class ChoiceIn(BaseModel):
    """Which candidate a person takes, counted from 0."""

    index: int


class EditIn(BaseModel):
    """A person's own words in place of a candidate's; what is left out stays."""

    caption: str | None = Field(None, max_length=10_000)
    hashtags: list[str] | None = None
    alt_text: str | None = Field(None, max_length=2000)
    poster: PosterWords | None = None


class DraftOut(BaseModel):
    """A draft with its candidates, best first."""

    id: str
    character_id: str
    created_at: datetime
    brief: dict[str, Any]
    maker: str
    notes: list[str]
    chosen: int | None
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A character's sheet and the system message for it."""

    sheet: CharacterSheet | None
    system: str


def _out(draft: Draft) -> DraftOut:
    return DraftOut(
        id=draft.id,
        character_id=draft.character_id,
        created_at=draft.created_at,
        brief=draft.brief,
        maker=draft.maker,
        notes=draft.notes,
        chosen=draft.chosen,
        candidates=[queries.as_candidate(row) for row in draft.candidates],
    )


async def _sheet(actor: Actor, character_id: str) -> CharacterSheet:
    async with database().reading() as session:
        return await characters.sheet(session, actor, character_id)


async def _spoken(actor: Actor, character_id: str) -> _Spoken:
    from ainfluencer.writing import free
    from ainfluencer.writing.material import own_words

    if not character_id:
        return _Spoken(None, "")
    sheet = await _sheet(actor, character_id)
    return _Spoken(sheet, free.persona(sheet, sheet.persona.language, own_words(sheet)))


@router.post("/texts")
async def write_text(body: TextIn, actor: Who) -> TextOut:
    """Write a text, in a character's voice when one is named (PER-002)."""
    actor.require(Right.CREATE)
    spoken = await _spoken(actor, body.character_id)
    age = spoken.sheet.age if spoken.sheet else None
    safety.refuse(body.prompt, age=age)
    system = [{"role": "system", "content": spoken.system}] if spoken.system else []
    request = TextRequest(
        (*system, {"role": "user", "content": body.prompt}),
        model=body.model,
        max_tokens=body.max_tokens,
        temperature=body.temperature,
    )
    made = await makers.make(actor, request, slug=body.maker)
    text = made.text.texts[0].strip()
    safety.refuse(text, age=age)
    return TextOut(
        text=text,
        maker=made.slug,
        model=made.text.model,
        usage=Usage(prompt_tokens=made.text.prompt_tokens, completion_tokens=made.text.completion_tokens),
        notes=made.notes,
        warnings=safety.findings(text, age=age),
    )


@router.get("/texts/models")
async def list_text_models(actor: Who) -> dict[str, Any]:
    """The language models of every usable maker (TXT-002); a maker that does not answer is listed with its problem."""
    async with database().reading() as session:
        asked = await maker_queries.choices(session, actor, Capability.TEXT)
    items: list[dict[str, Any]] = []
    problems: list[dict[str, str]] = []
    for choice in asked:
        try:
            found = await makers.models(actor, choice.slug)
        except OutsideError as e:
            problems.append({"maker": choice.slug, "detail": e.detail, "next_step": e.next_step})
        else:
            items += [
                {"maker": choice.slug, "name": m.name, "size_bytes": m.size_bytes, "notes": m.notes} for m in found
            ]
    return {"items": items, "problems": problems, "next_cursor": None}


@router.get("/texts/health")
async def text_health(actor: Who) -> dict[str, Any]:
    """Whether texts can be written now (TXT-003), by asking each usable maker for its models."""
    listed = await list_text_models(actor)
    ready = sorted({item["maker"] for item in listed["items"]})
    return {"status": "ok" if ready else "unavailable", "makers": ready, "problems": listed["problems"]}


@router.post("/captions")
async def write_caption(body: CaptionIn, actor: Who) -> Written:
    """A caption in the budget of a platform (TXT-004). Nothing is kept."""
    from ainfluencer.writing import service

    return await service.caption(
        actor, await _sheet(actor, body.character_id), body.platform, body.subject, seed=body.seed
    )


@router.post("/descriptions")
async def write_description(body: SubjectIn, actor: Who) -> dict[str, Any]:
    """A description with tags (TXT-005)."""
    from ainfluencer.writing import service

    sheet = await _sheet(actor, body.character_id)
    made = await service.describe(actor, sheet, body.subject, max_text=body.max_text, max_tags=body.max_tags)
    return made.model_dump()


@router.post("/replies")
async def draft_replies(body: ConversationIn, actor: Who) -> dict[str, Any]:
    """Three drafts of an answer (TXT-006); a person sends."""
    from ainfluencer.writing import service

    drafts = await service.reply_drafts(actor, await _sheet(actor, body.character_id), body.lines)
    return {"items": [d.model_dump() for d in drafts], "next_cursor": None}


@router.post("/drafts", status_code=201)
async def write_draft(body: BriefIn, actor: Who) -> DraftOut:
    """Write a post and keep its candidates."""
    from ainfluencer.writing import service

    sheet = await _sheet(actor, body.character_id)
    brief = PostBrief.model_validate(body.model_dump(exclude={"character_id"}))
    written = await service.write_post(actor, sheet, brief)
    async with database().writing() as session:
        draft = await service.record(session, actor, sheet.id, written, brief)
        return _out(draft)


@router.get("/drafts")
async def list_drafts(
    session: Read,
    actor: Who,
    character_id: str = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Drafts, newest first."""
    rows, after = await queries.list_drafts(session, actor, character_id=character_id, cursor=cursor, limit=limit)
    return {"items": [_out(row) for row in rows], "next_cursor": after}


@router.get("/drafts/{draft_id}")
async def show_draft(draft_id: str, session: Read, actor: Who) -> DraftOut:
    """One draft."""
    return _out(await queries.get(session, actor, draft_id))


@router.put("/drafts/{draft_id}/choice")
async def choose_candidate(draft_id: str, body: ChoiceIn, session: Write, actor: Who) -> DraftOut:
    """Take one of the candidates."""
    from ainfluencer.writing import service

    return _out(await service.choose(session, actor, draft_id, body.index))


@router.patch("/drafts/{draft_id}/candidates/{index}")
async def edit_candidate(draft_id: str, index: int, body: EditIn, session: Write, actor: Who) -> DraftOut:
    """Put a person's words in its place, and take it."""
    from ainfluencer.writing import service

    await service.edit(
        session,
        actor,
        draft_id,
        index,
        caption_text=body.caption,
        tags=body.hashtags,
        alt=body.alt_text,
        poster=body.poster,
    )
    return _out(await queries.get(session, actor, draft_id))
