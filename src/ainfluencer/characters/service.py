"""Verbs on characters. The edge commits; a name that exists already never overwrites anything."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.characters import consents, queries, validation
from ainfluencer.characters.changes import CharacterChanges, NewCharacter, look_from, persona_from
from ainfluencer.characters.models import Character, Consent, LookRow, MaterialRow, PersonaRow
from ainfluencer.characters.personas import TEMPLATES, find_template
from ainfluencer.characters.schemas import CharacterDraft, ConsentDraft, Look, Material, Persona, Status
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.core.ids import new_id
from ainfluencer.media import queries as media
from ainfluencer.media.models import MediaFile

HANDLE_MAX = 40
_HANDLE_TRIES = 8


async def create(
    session: AsyncSession,
    actor: Actor,
    draft: CharacterDraft,
    *,
    picture: MediaFile | None = None,
    consent: ConsentDraft | None = None,
) -> Character:
    """A character with persona, look and material, in the caller's transaction (CHR-002).

    A picture needs a consent record; without `consent` the actor states by this call that it is synthetic.
    A second character of the same name gets a handle of its own. `InvalidInput` names the field at fault.
    """
    actor.require(Right.CREATE)
    character = Character(id=new_id(), workspace_id=actor.workspace_id, status=Status.ACTIVE, is_active=True)
    for field in _FIELDS:
        setattr(character, field, _checked(field, getattr(draft, field)))
    character.origin = validation.clean_line(draft.origin)[:120]
    character.warnings = [validation.clean_text(w)[:500] for w in draft.warnings][:200]
    character.persona = PersonaRow(character_id=character.id, **_persona_values(draft.persona))
    look = _look_values(draft.look)
    await _need_own_faces(session, actor, look)
    character.look = LookRow(character_id=character.id, **look)
    await _settle(session, actor, character)
    await add_material(session, actor, character, draft.material)
    if picture is not None:
        await consents.record(session, actor, character, consent or consents.synthetic())
        character.picture_file_id = picture.id
    elif consent is not None:
        await consents.record(session, actor, character, consent)
    _note(session, actor, "created", character, origin=character.origin)
    await session.flush()
    return character


_FIELDS: tuple[str, ...] = (
    *("name", "bio", "age", "location", "gender", "timezone", "interests", "boundaries", "tags"),
    *("greeting", "description", "scenario"),
)


def check(draft: CharacterDraft) -> None:
    """`InvalidInput` if `create` would refuse this draft; asks nothing of the database."""
    for field in _FIELDS:
        _checked(field, getattr(draft, field))
    _persona_values(draft.persona)
    _look_values(draft.look)


def draft_of(new: NewCharacter) -> CharacterDraft:
    """The draft of a character typed by hand, begun from a persona template where one is named."""
    template = find_template(new.template)
    if new.template and template is None:
        known = ", ".join(t.slug for t in TEMPLATES)
        raise InvalidInput(
            f"There is no persona template “{new.template[:40]}”.", f"Choose one of: {known}.", field="template"
        )
    plain = new.model_dump(exclude_unset=True, exclude_none=True, exclude={"persona", "look", "template", "age"})
    return CharacterDraft(
        **plain,
        age=validation.age(new.age),
        persona=persona_from(new.persona, template.persona if template else Persona()),
        look=look_from(new.look, Look()),
        origin="typed in",
    )


async def update(session: AsyncSession, actor: Actor, character_id: str, changes: CharacterChanges) -> Character:
    """Lay the given fields over the character; fields left out stay (CHR-005). The handle never changes by itself."""
    actor.require(Right.CREATE)
    character = await queries.get(session, actor, character_id)
    given = changes.model_dump(exclude_unset=True, exclude={"persona", "look"})
    # Everything is judged before anything is set, so that a refusal leaves the row as it was.
    values = {f: _checked(f, value) for f, value in given.items() if value is not None or f == "age"}
    persona = _persona_values(persona_from(changes.persona, queries.persona_of(character.persona)))
    look = _look_values(look_from(changes.look, queries.look_of(character.look)))
    await _need_own_faces(session, actor, look)
    for field, value in values.items():
        setattr(character, field, value)
    _assign(character.persona, persona)
    _assign(character.look, look)
    character.search_text = _search_text(character)
    character.updated_at = clock.now()
    _note(session, actor, "changed", character, fields=sorted(changes.model_fields_set))
    await session.flush()
    return character


async def pause(session: AsyncSession, actor: Actor, character_id: str) -> Character:
    """Nothing new is made or published for a paused character."""
    return await _move(session, actor, character_id, Status.PAUSED)


async def resume(session: AsyncSession, actor: Actor, character_id: str) -> Character:
    """Back to work after a pause or an error."""
    return await _move(session, actor, character_id, Status.ACTIVE)


async def fail(session: AsyncSession, actor: Actor, character_id: str, problem: str) -> Character:
    """Something about the character needs a person; `problem` says what."""
    character = await _move(session, actor, character_id, Status.ERROR)
    character.problem = validation.clean_text(problem)[:2000]
    return character


async def delete(session: AsyncSession, actor: Actor, character_id: str) -> Character:
    """Soft delete: hidden and inactive, its handle kept for `restore` (CHR-006)."""
    character = await _move(session, actor, character_id, Status.DELETED)
    character.deleted_at = clock.now()
    return character


async def restore(session: AsyncSession, actor: Actor, character_id: str) -> Character:
    """Undo a soft delete; the character comes back paused, so that nothing is published by surprise."""
    actor.require(Right.CREATE)
    character = await queries.get(session, actor, character_id, deleted=True)
    if character.deleted_at is None:
        raise Conflict("This character is not deleted.")
    character.deleted_at = None
    character.status, character.is_active = Status.PAUSED, False
    _note(session, actor, "restored", character)
    await session.flush()
    return character


async def erase(session: AsyncSession, actor: Actor, character_id: str) -> None:
    """Hard delete with persona, look, material and consents. Only of a soft-deleted character; cannot be undone."""
    actor.require(Right.MANAGE)
    character = await queries.get(session, actor, character_id, deleted=True)
    if character.deleted_at is None:
        raise Conflict("Only a deleted character can be erased.", "Delete it first, then erase it.")
    _note(session, actor, "erased", character)
    await session.execute(delete_rows(Character).where(Character.id == character.id))
    session.expunge(character)


async def set_picture(
    session: AsyncSession,
    actor: Actor,
    character_id: str,
    picture: MediaFile | None,
    *,
    consent: ConsentDraft | None = None,
) -> Character:
    """Change or, with None, remove the profile picture. `PolicyRefused` without a consent that holds."""
    actor.require(Right.CREATE)
    character = await queries.get(session, actor, character_id)
    if consent is not None:
        await consents.record(session, actor, character, consent)
    if picture is not None:
        await consents.need(session, actor, character)
    character.picture_file_id = picture.id if picture else None
    _note(session, actor, "pictured", character, file_id=character.picture_file_id)
    await session.flush()
    return character


async def add_consent(session: AsyncSession, actor: Actor, character_id: str, consent: ConsentDraft) -> Consent:
    """Record a statement of consent for a character's likeness."""
    actor.require(Right.CREATE)
    return await consents.record(session, actor, await queries.get(session, actor, character_id), consent)


async def revoke_consent(session: AsyncSession, actor: Actor, character_id: str, consent_id: str) -> Consent:
    """End a consent now; the record stays."""
    actor.require(Right.CREATE)
    return await consents.revoke(session, actor, await queries.get(session, actor, character_id), consent_id)


async def add_material(
    session: AsyncSession, actor: Actor, character: Character, material: tuple[Material, ...]
) -> int:
    """Append source material, in bulk; 10,000 pieces are fine. Returns how many were added."""
    rows: list[dict[str, Any]] = []
    for position, piece in enumerate(material):
        text = validation.clean_text(piece.text)
        if text:
            keys = [validation.clean_line(k)[:200] for k in piece.keys]
            source = validation.clean_line(piece.source)
            rows.append(
                {"id": new_id(), "workspace_id": actor.workspace_id, "character_id": character.id, "kind": piece.kind}
                | {"text": text, "source": source, "keys": keys, "position": position}
            )
    for start in range(0, len(rows), 1000):
        await session.execute(insert(MaterialRow), rows[start : start + 1000])
    return len(rows)


async def replace_material(
    session: AsyncSession, actor: Actor, character_id: str, material: tuple[Material, ...]
) -> int:
    """Exchange all source material of a character, as a newer version of its card does."""
    actor.require(Right.CREATE)
    character = await queries.get(session, actor, character_id)
    await session.execute(
        delete_rows(MaterialRow).where(
            MaterialRow.workspace_id == actor.workspace_id, MaterialRow.character_id == character.id
        )
    )
    return await add_material(session, actor, character, material)


async def _move(session: AsyncSession, actor: Actor, character_id: str, to: Status) -> Character:
    actor.require(Right.CREATE)
    character = await queries.get(session, actor, character_id)
    character.status, character.is_active = to, to is Status.ACTIVE
    if to is not Status.ERROR:
        character.problem = ""
    _note(session, actor, _MOVED[to], character)
    await session.flush()
    return character


_MOVED = {Status.PAUSED: "paused", Status.ACTIVE: "resumed", Status.ERROR: "failed", Status.DELETED: "deleted"}


def _note(session: AsyncSession, actor: Actor, deed: str, character: Character, **details: Any) -> None:
    accounts.record(
        session, actor, f"character.{deed}", subject=("character", character.id), name=character.name, **details
    )


async def _settle(session: AsyncSession, actor: Actor, character: Character) -> None:
    """Write the new row under a handle that is free, also when another process takes the same one at this moment."""
    for attempt in range(_HANDLE_TRIES):
        character.handle = await _free_handle(session, actor, character.name)
        character.search_text = _search_text(character)
        try:
            # Only what is inside the savepoint is undone, so the caller's transaction goes on.
            async with session.begin_nested():
                session.add(character)
                await session.flush()
        except IntegrityError:
            if attempt == _HANDLE_TRIES - 1:
                raise Conflict(
                    f"Several characters called {character.name} are being made at this moment.", "Try again."
                ) from None
        else:
            return


async def _free_handle(session: AsyncSession, actor: Actor, name: str) -> str:
    wanted = validation.handle(name)
    taken = set(
        await session.scalars(
            select(Character.handle).where(
                Character.workspace_id == actor.workspace_id, Character.handle.startswith(wanted, autoescape=True)
            )
        )
    )
    if wanted not in taken:
        return wanted
    number = next(n for n in range(2, len(taken) + 3) if f"{wanted}_{n}" not in taken)
    return f"{wanted}_{number}"[:HANDLE_MAX]


_LIMITS = {"bio": validation.BIO_MAX, "location": 200, "gender": 40}


def _checked(field: str, value: Any) -> Any:
    match field:
        case "name":
            return validation.name(value)
        case "age":
            return validation.age(value)
        case "timezone":
            return validation.timezone(value)
        case "interests" | "boundaries" | "tags":
            return validation.words(value, field)
        case _:
            return validation.text(value, field, _LIMITS.get(field, validation.TEXT_MAX))


def _persona_values(persona: Persona) -> dict[str, Any]:
    values = persona.model_dump(exclude={"traits"}) | persona.traits.model_dump()
    return values | {"topics": validation.words(persona.topics, "topics")} | _texts(values)


def _look_values(look: Look) -> dict[str, Any]:
    values = look.model_dump()
    lists = {"colours", "style_words", "face_file_ids"}
    return values | {key: validation.words(values[key], key) for key in lists} | _texts(values)


async def _need_own_faces(session: AsyncSession, actor: Actor, look: dict[str, Any]) -> None:
    """Reference faces are files of this workspace: the column is a list, which no foreign key guards."""
    faces = look["face_file_ids"]
    if faces and set(faces) - set(await media.get_many(session, actor, faces)):
        raise InvalidInput(
            "One of the reference faces is not a file here.", "Store it in the library first.", field="face_file_ids"
        )


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: validation.clean_text(value) for key, value in values.items() if isinstance(value, str)}


def _assign(row: PersonaRow | LookRow, values: dict[str, Any]) -> None:
    for key, value in values.items():
        if getattr(row, key) != value:
            setattr(row, key, value)


def _search_text(character: Character) -> str:
    parts = (character.name, character.handle, character.bio, character.location, *character.tags)
    return "\n".join(parts).casefold()


async def need_consent(session: AsyncSession, actor: Actor, character: Character) -> None:
    """`PolicyRefused` (consent_missing) unless a consent for this likeness holds."""
    await consents.need(session, actor, character)
