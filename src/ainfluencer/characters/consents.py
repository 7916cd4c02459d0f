"""Consent for a likeness (design: policy as code): recorded, ended, asked for; never edited."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.characters import queries, validation
from ainfluencer.characters.models import Character, Consent
from ainfluencer.characters.schemas import ConsentDraft, ConsentKind
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound, PolicyRefused
from ainfluencer.media import queries as media_queries


def synthetic() -> ConsentDraft:
    """The statement that an imported or generated picture shows nobody real."""
    return ConsentDraft(
        kind=ConsentKind.SYNTHETIC,
        statement="Declared when the picture was added: it shows an invented character, nobody real.",
    )


async def record(session: AsyncSession, actor: Actor, character: Character, draft: ConsentDraft) -> Consent:
    """Write a consent record. Somebody else's likeness needs a name, proof and an end date in the future."""
    if draft.expires_at is not None and draft.expires_at <= clock.now():
        raise InvalidInput("This consent has already ended.", "Give an end date in the future.", field="expires_at")
    if draft.kind is ConsentKind.NAMED_PERSON:
        _check_named(draft)
    if draft.proof_file_id:
        await media_queries.get(session, actor, draft.proof_file_id)
    row = Consent(
        workspace_id=actor.workspace_id,
        character_id=character.id,
        kind=draft.kind,
        statement=validation.clean_text(draft.statement),
        person_name=validation.clean_line(draft.person_name),
        proof_file_id=draft.proof_file_id or None,
        expires_at=draft.expires_at,
        recorded_by=actor.user_id,
    )
    session.add(row)
    await session.flush()
    subject = ("character", character.id)
    accounts.record(session, actor, "consent.recorded", subject=subject, kind=row.kind.value, consent_id=row.id)
    return row


def _check_named(draft: ConsentDraft) -> None:
    missing = [
        (not draft.person_name.strip(), "person_name", "the person's name"),
        (not draft.proof_file_id, "proof_file_id", "the signed permission as a file"),
        (draft.expires_at is None, "expires_at", "the day on which the permission ends"),
    ]
    for is_missing, field, what in missing:
        if is_missing:
            raise InvalidInput(
                "The likeness of a named person needs a name, proof and an end date.", f"Add {what}.", field=field
            )


async def revoke(session: AsyncSession, actor: Actor, character: Character, consent_id: str) -> Consent:
    """End a consent now. `Conflict` when it was revoked before."""
    row = next((c for c in await queries.list_consents(session, actor, character.id) if c.id == consent_id), None)
    if row is None:
        raise NotFound("There is no such consent record.")
    if row.revoked_at is not None:
        raise Conflict("This consent was revoked before.")
    row.revoked_at, row.revoked_by = clock.now(), actor.user_id
    accounts.record(session, actor, "consent.revoked", subject=("character", character.id), consent_id=row.id)
    await session.flush()
    return row


async def need(session: AsyncSession, actor: Actor, character: Character) -> Consent:
    """The consent that holds for this likeness, or `PolicyRefused`."""
    found = await queries.find_consent(session, actor, character.id)
    if found is None:
        last = next(iter(await queries.list_consents(session, actor, character.id)), None)
        raise PolicyRefused(
            _missing(character, last),
            "Record one: synthetic, your own, or a named person with proof and an end date.",
            code="consent_missing",
        )
    return found


def _missing(character: Character, last: Consent | None) -> str:
    whose = f"the likeness of {character.name}"
    if last is None:
        return f"There is no consent on record for {whose}."
    if last.revoked_at is not None:
        return f"The consent for {whose} was withdrawn on {last.revoked_at:%d %B %Y}."
    return f"The consent for {whose} ended on {last.expires_at or clock.now():%d %B %Y}."
