"""Questions about characters: one, many, a sheet to work from, consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from ainfluencer.characters.models import Character, Consent, LookRow, MaterialRow, PersonaRow, row_values
from ainfluencer.characters.schemas import (
    CharacterOut,
    CharacterSheet,
    ConsentOut,
    Look,
    Material,
    MaterialKind,
    Persona,
    Status,
    Traits,
)
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import NotFound
from ainfluencer.media import queries as media_queries
from ainfluencer.media import storage

SHEET_MATERIAL_PER_KIND = 400
"""A sheet carries this many pieces of each kind; `list_material` pages through all of them."""


@dataclass(frozen=True, slots=True)
class CharacterPage:
    """Some characters, how many there are in all, and where the next ones begin."""

    items: list[Character]
    total: int
    next_cursor: str | None


def _visible(actor: Actor) -> Select[Character]:
    return select(Character).where(Character.workspace_id == actor.workspace_id)


async def find(session: AsyncSession, actor: Actor, character_id: str, *, deleted: bool = False) -> Character | None:
    """One character with persona and look, or None; deleted ones only when asked for."""
    question = _visible(actor).where(Character.id == character_id)
    if not deleted:
        question = question.where(Character.deleted_at.is_(None))
    return await session.scalar(question.options(selectinload(Character.persona), selectinload(Character.look)))


async def get(session: AsyncSession, actor: Actor, character_id: str, *, deleted: bool = False) -> Character:
    """One character with persona and look, or `NotFound`."""
    found = await find(session, actor, character_id, deleted=deleted)
    if found is None:
        raise NotFound("There is no such character.", "Go back to the list of characters.", field="character_id")
    return found


async def find_by_handle(session: AsyncSession, actor: Actor, handle: str) -> Character | None:
    """The character of that handle (with or without @), or None."""
    wanted = handle.strip().lstrip("@").casefold()
    question = _visible(actor).where(Character.handle == wanted, Character.deleted_at.is_(None))
    return await session.scalar(question.options(selectinload(Character.persona), selectinload(Character.look)))


async def list_characters(
    session: AsyncSession, actor: Actor, *, status: str = "", search: str = "", cursor: str = "", limit: int = 50
) -> CharacterPage:
    """Newest first. `status` empty means all that are not deleted; `search` looks in name, handle, bio, place and tags.

    The cursor is the last id of the page before: ids sort by time of birth.
    """
    question = _visible(actor)
    question = question.where(Character.status == status) if status else question.where(Character.deleted_at.is_(None))
    for word in search.casefold().split()[:8]:
        question = question.where(Character.search_text.contains(word, autoescape=True))
    total = await session.scalar(select(func.count()).select_from(question.subquery())) or 0
    if cursor:
        question = question.where(Character.id < cursor)
    limit = max(1, min(limit, 200))
    rows = list(
        await session.scalars(
            question.order_by(Character.id.desc())
            .limit(limit + 1)
            .options(selectinload(Character.persona), selectinload(Character.look))
        )
    )
    return CharacterPage(rows[:limit], total, rows[limit - 1].id if len(rows) > limit else None)


@dataclass(frozen=True, slots=True)
class Face:
    """What a list of other things shows of a character: the name and a small picture ("" when there is none)."""

    id: str
    name: str
    picture_url: str


async def faces(session: AsyncSession, actor: Actor, *, limit: int = 500) -> dict[str, Face]:
    """Every character's name and picture by id, in the order of names, in one query; deleted ones are left out."""
    rows = await session.execute(
        select(Character.id, Character.name, Character.picture_file_id)
        .where(Character.workspace_id == actor.workspace_id, Character.deleted_at.is_(None))
        .order_by(Character.name)
        .limit(limit)
    )
    return {id_: Face(id_, name, f"/media/{file}/96.webp" if file else "") for id_, name, file in rows}


async def counts(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """How many characters stand in each status; every status is named."""
    rows = await session.execute(
        select(Character.status, func.count())
        .where(Character.workspace_id == actor.workspace_id)
        .group_by(Character.status)
    )
    found = {str(status): number for status, number in rows}
    return {status.value: found.get(status.value, 0) for status in Status}


def persona_of(row: PersonaRow) -> Persona:
    """The stored persona as a value."""
    values = row_values(row)
    traits = Traits(**{name: values.pop(name) for name in Traits.model_fields})
    return Persona(traits=traits, **_tuples(values))


def look_of(row: LookRow) -> Look:
    """The stored look as a value."""
    return Look(**_tuples(row_values(row)))


def describe(row: Character) -> CharacterOut:
    """The JSON shape of a character whose persona and look are loaded."""
    names = CharacterOut.model_fields.keys() - {"persona", "look", "picture_url"}
    return CharacterOut(
        **{name: getattr(row, name) for name in names},
        picture_url=f"/media/{row.picture_file_id}" if row.picture_file_id else None,
        persona=persona_of(row.persona),
        look=look_of(row.look),
    )


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


async def list_material(
    session: AsyncSession,
    actor: Actor,
    character_id: str,
    *,
    kind: MaterialKind | None = None,
    offset: int = 0,
    limit: int = 100,
) -> list[MaterialRow]:
    """A character's source material in its own order: quotes, lore, greetings, facts."""
    question = select(MaterialRow).where(
        MaterialRow.workspace_id == actor.workspace_id, MaterialRow.character_id == character_id
    )
    if kind:
        question = question.where(MaterialRow.kind == kind)
    return list(
        await session.scalars(
            question.order_by(MaterialRow.kind.desc(), MaterialRow.position).offset(offset).limit(limit)
        )
    )


async def material_counts(session: AsyncSession, actor: Actor, character_id: str) -> dict[str, int]:
    """How many pieces there are of each kind."""
    rows = await session.execute(
        select(MaterialRow.kind, func.count())
        .where(MaterialRow.workspace_id == actor.workspace_id, MaterialRow.character_id == character_id)
        .group_by(MaterialRow.kind)
    )
    found = {str(kind): number for kind, number in rows}
    return {kind.value: found.get(kind.value, 0) for kind in MaterialKind}


async def sheet(
    session: AsyncSession, actor: Actor, character_id: str, *, material_per_kind: int = SHEET_MATERIAL_PER_KIND
) -> CharacterSheet:
    """The snapshot that writing, studio, stage and planning work from.

    Carries the first `material_per_kind` pieces of each kind; `NotFound` for a deleted character.
    """
    character = await get(session, actor, character_id)
    material: list[Material] = []
    for kind in MaterialKind if material_per_kind > 0 else ():
        rows = await list_material(session, actor, character.id, kind=kind, limit=material_per_kind)
        material += [
            Material(kind=MaterialKind(r.kind), text=r.text, source=r.source, keys=tuple(r.keys)) for r in rows
        ]
    return CharacterSheet(
        id=character.id,
        workspace_id=character.workspace_id,
        name=character.name,
        handle=character.handle,
        bio=character.bio,
        age=character.age,
        location=character.location,
        gender=character.gender,
        timezone=character.timezone,
        interests=tuple(character.interests),
        persona=persona_of(character.persona),
        look=look_of(character.look),
        boundaries=tuple(character.boundaries),
        tags=tuple(character.tags),
        greeting=character.greeting,
        scenario=character.scenario,
        material=tuple(material),
        picture_path=await picture_path(session, actor, character),
    )


async def picture_path(session: AsyncSession, actor: Actor, character: Character) -> str:
    """Local path of the profile picture; empty when there is none or its file has gone."""
    if not character.picture_file_id:
        return ""
    files = await media_queries.get_many(session, actor, [character.picture_file_id])
    file = files.get(character.picture_file_id)
    try:
        return str(storage.path_of(file.sha256, file.mime)) if file else ""
    except NotFound:
        return ""  # a lost picture must not stop the words


async def list_consents(session: AsyncSession, actor: Actor, character_id: str) -> list[Consent]:
    """Every consent record of a character, the newest first, revoked and expired ones too."""
    return list(
        await session.scalars(
            select(Consent)
            .where(Consent.workspace_id == actor.workspace_id, Consent.character_id == character_id)
            .order_by(Consent.id.desc())
        )
    )


def describe_consent(row: Consent) -> ConsentOut:
    """The JSON shape of a consent record."""
    names = ConsentOut.model_fields.keys() - {"holds"}
    return ConsentOut(**{name: getattr(row, name) for name in names}, holds=row.holds())


async def find_consent(session: AsyncSession, actor: Actor, character_id: str) -> Consent | None:
    """The newest consent that still holds, or None: then no likeness of this character may be used."""
    return next((c for c in await list_consents(session, actor, character_id) if c.holds()), None)
