"""The face of a character: its picture, and the consents that allow it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, ClassVar

from fastapi import File, Form, Request, UploadFile
from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.characters import consents, queries, service
from ainfluencer.characters.schemas import CharacterOut, ConsentDraft, ConsentKind, ConsentOut
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.media import probe
from ainfluencer.media import service as media
from ainfluencer.media.models import MediaFile
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, is_htmx, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PICTURE_MAX = 30_000_000  # bytes
PROOF_MAX = 20_000_000
KEEP = "keep"  # the consent on record goes on
_STATEMENTS = {
    ConsentKind.SYNTHETIC: consents.synthetic().statement,
    ConsentKind.OWN: "Declared on the character's page: this is the likeness of the person who recorded it.",
    ConsentKind.NAMED_PERSON: "The named person allows the use of their likeness; the proof is attached.",
}


class LikenessForm(BaseModel):
    """What the form sends beside its files."""

    kind: str = ConsentKind.SYNTHETIC.value
    statement: str = ""
    person_name: str = ""
    expires_on: str = ""  # the last day of the permission, in the character's time zone


@dataclass(frozen=True, slots=True)
class LikenessPage:
    """Choose a picture and say whose face it is; or, with `is_consent`, say it without a picture."""

    character: CharacterOut
    held: ConsentOut | None
    values: LikenessForm
    is_consent: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "characters/likeness.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class LikenessDialog(LikenessPage):
    """The same form over the page that it was asked from."""

    template: ClassVar[str] = "characters/_likeness_dialog.html"
    region: ClassVar[str] = ""


async def _before(session: AsyncSession, actor: Actor, character_id: str) -> tuple[CharacterOut, ConsentOut | None]:
    actor.require(Right.CREATE)
    character = queries.describe(await queries.get(session, actor, character_id))
    held = await queries.find_consent(session, actor, character_id)
    return character, queries.describe_consent(held) if held else None


async def _asked(
    request: Request, session: AsyncSession, actor: Actor, character_id: str, *, consent: bool
) -> Response:
    character, held = await _before(session, actor, character_id)
    values = LikenessForm(kind=KEEP if held and not consent else ConsentKind.SYNTHETIC.value)
    page = LikenessDialog if is_htmx(request) else LikenessPage
    return render(request, page(character, held, values, consent))


@router.get("/characters/{character_id}/picture")
async def choose_picture(request: Request, session: Read, actor: Who, character_id: str) -> Response:
    """The form for a picture; over the page where htmx asks."""
    return await _asked(request, session, actor, character_id, consent=False)


@router.get("/characters/{character_id}/consents")
async def new_consent(request: Request, session: Read, actor: Who, character_id: str) -> Response:
    """The form for a consent alone."""
    return await _asked(request, session, actor, character_id, consent=True)


@router.post("/characters/{character_id}/picture")
async def set_picture(
    request: Request,
    session: Write,
    actor: Who,
    character_id: str,
    values: Annotated[LikenessForm, Form()],
    picture: Annotated[UploadFile | None, File()] = None,
    proof: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Take the picture, with the statement whose face it is."""
    bytes_of_picture = await _read(picture, PICTURE_MAX)
    bytes_of_proof = await _read(proof, PROOF_MAX)
    character, held = await _before(session, actor, character_id)
    try:
        file = await _picture(session, actor, bytes_of_picture, character.name)
        draft = await _draft(session, actor, character, values, bytes_of_proof)
        await service.set_picture(session, actor, character.id, file, consent=draft)
    except (InvalidInput, ValidationError) as mistake:
        await session.rollback()
        page = LikenessPage(character, held, values, is_consent=False, errors=_errors(mistake))
        return render(request, page, status=422)
    flash(request, f"{character.name} has a new picture.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/picture/removal")
async def remove_picture(request: Request, session: Write, actor: Who, character_id: str) -> Response:
    """Back to the letters of the name; the file itself stays in the store."""
    character = await service.set_picture(session, actor, character_id, None)
    flash(request, "The picture is removed.", "info")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/consents")
async def record_consent(
    request: Request,
    session: Write,
    actor: Who,
    character_id: str,
    values: Annotated[LikenessForm, Form()],
    proof: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep a statement of consent."""
    bytes_of_proof = await _read(proof, PROOF_MAX)
    character, held = await _before(session, actor, character_id)
    try:
        draft = await _draft(session, actor, character, values, bytes_of_proof)
        await service.add_consent(session, actor, character.id, draft or consents.synthetic())
    except (InvalidInput, ValidationError) as mistake:
        await session.rollback()
        page = LikenessPage(character, held, values, is_consent=True, errors=_errors(mistake))
        return render(request, page, status=422)
    flash(request, "The consent is on record.", "success")
    return go_to(request, f"/characters/{character.id}")


@router.post("/characters/{character_id}/consents/{consent_id}/revocation")
async def revoke_consent(request: Request, session: Write, actor: Who, character_id: str, consent_id: str) -> Response:
    """End a consent; the record of it stays."""
    await service.revoke_consent(session, actor, character_id, consent_id)
    flash(request, "The consent is revoked. Its record stays.", "info")
    return go_to(request, f"/characters/{character_id}")


async def _read(file: UploadFile | None, limit: int) -> bytes:
    """At most one byte over the limit, so that a huge file is noticed and not held."""
    return await file.read(limit + 1) if file is not None and file.filename else b""


async def _picture(session: AsyncSession, actor: Actor, data: bytes, name: str) -> MediaFile:
    if not data:
        raise InvalidInput("There is no picture yet.", "Drop one, or choose a file.", field="picture")
    if len(data) > PICTURE_MAX:
        raise InvalidInput(
            f"A picture may have {PICTURE_MAX // 1_000_000} MB.", "Choose a smaller one.", field="picture"
        )
    try:
        found = await asyncio.to_thread(probe.probe, data)
    except InvalidInput as broken:
        raise InvalidInput(broken.detail, broken.next_step, field="picture") from None
    if found.kind != "image":
        raise InvalidInput("This file is no picture.", "Choose a PNG, JPEG, WebP or GIF.", field="picture")
    return await media.store(session, actor, data, name=f"{name}, profile picture")


async def _draft(
    session: AsyncSession, actor: Actor, character: CharacterOut, values: LikenessForm, proof: bytes
) -> ConsentDraft | None:
    """The statement that the form makes; None when the one on record goes on."""
    if values.kind == KEEP:
        return None
    try:
        kind = ConsentKind(values.kind)
    except ValueError:
        raise InvalidInput("Whose face is it?", "Choose one of the answers.", field="kind") from None
    statement = values.statement.strip() or _STATEMENTS[kind]
    if kind is not ConsentKind.NAMED_PERSON:
        return ConsentDraft(kind=kind, statement=statement)
    if len(proof) > PROOF_MAX:
        raise InvalidInput(
            f"A proof may have {PROOF_MAX // 1_000_000} MB.", "Choose a smaller file.", field="proof_file_id"
        )
    ends = _last_moment(values.expires_on, character.timezone)
    file_id = ""
    if proof:
        file_id = (await media.store(session, actor, proof, name=f"Consent of {values.person_name.strip()}"[:200])).id
    return ConsentDraft(
        kind=kind, statement=statement, person_name=values.person_name, proof_file_id=file_id, expires_at=ends
    )


def _last_moment(text: str, zone: str) -> datetime | None:
    """The end of that day where the character lives; None for no day at all."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput(
            f"“{text[:20]}” is not a day.", "Choose one from the calendar.", field="expires_on"
        ) from None
    return clock.local_to_utc(day, time(23, 59, 59), zone)[0]


def _errors(mistake: InvalidInput | ValidationError) -> dict[str, str]:
    """The sentences by the names of the form's fields."""
    names = {"expires_at": "expires_on", "proof_file_id": "proof"}
    return {names.get(name, name): sentence for name, sentence in form_errors(mistake).items()}
