"""What the edges of an import share: bytes in, read, refusals kept; and a shelf between the preview and the creation."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from fastapi import UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import service
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.library import examining
from ainfluencer.cards.reading import limits
from ainfluencer.cards.schemas import CardSource
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused
from ainfluencer.core.ids import new_id
from ainfluencer.media import service as media
from ainfluencer.media.models import MediaFile

KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"[0-9A-Za-z]{26}")


async def uploaded(file: UploadFile | None, text: str) -> tuple[bytes, str]:
    """Bytes and name of an upload or of typed text; `CardRefused` when it is too large or there is none."""
    if file is not None and (file.filename or not text.strip()):
        data = await file.read(limits.MAX_FILE + 1)
        if len(data) > limits.MAX_FILE:
            raise CardRefused(Reason.TOO_LARGE, f"A card file may have {limits.MAX_FILE // 1_000_000} MB.")
        return data, file.filename or ""
    return text.encode("utf-8", "replace"), "brief.md"


def attachment(filename: str) -> str:
    """The header that gives a download its name."""
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}"


async def read(actor: Actor, data: bytes, filename: str) -> CardSource:
    """`service.read_source` beside the event loop; a refusal by policy is kept in the audit trail.

    Call it with no transaction open: the record has one of its own, since that of the request is rolled back.
    """
    try:
        return await asyncio.to_thread(service.read_source, data, filename)
    except PolicyRefused as refusal:
        await examining.record_refusal(actor, refusal, data, filename)
        raise


async def store_picture(session: AsyncSession, actor: Actor, source: CardSource) -> MediaFile | None:
    """The card's picture in the media store; a picture that does not decode is left out, the words still come."""
    if source.picture is None:
        return None
    try:
        return await media.store(session, actor, source.picture, filename=source.filename, name=source.draft.name)
    except InvalidInput:
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file between its preview and its creation; `then` is where the person wants to go afterwards."""

    token: str
    data: bytes
    filename: str
    then: str = ""


def _shelf(actor: Actor) -> Path:
    return settings().data / "imports" / actor.workspace_id


def keep(actor: Actor, data: bytes, filename: str, then: str = "") -> str:
    """Put a file on the shelf of this workspace for a day; answers its token."""
    shelf = _shelf(actor)
    shelf.mkdir(parents=True, exist_ok=True)
    oldest = clock.now().timestamp() - KEPT_SECONDS
    for old in shelf.iterdir():
        if old.stat().st_mtime < oldest:
            old.unlink(missing_ok=True)
    token = new_id()
    (shelf / f"{token}.bin").write_bytes(data)
    note = json.dumps({"filename": Path(filename).name[:255], "then": then})
    (shelf / f"{token}.json").write_text(note, encoding="utf-8")
    return token


def waiting(actor: Actor, token: str) -> Waiting:
    """What `keep` put there, for people of the same workspace only; `NotFound` when it is gone."""
    shelf = _shelf(actor)
    note_file = shelf / f"{token}.json"
    if not _TOKEN.fullmatch(token) or not note_file.exists():
        raise NotFound("This preview has ended.", "Drop the file again.")
    note = json.loads(note_file.read_text(encoding="utf-8"))
    return Waiting(token, (shelf / f"{token}.bin").read_bytes(), note["filename"], note["then"])


def forget(actor: Actor, token: str) -> None:
    """Take a file off the shelf once its character is there."""
    for suffix in ("bin", "json"):
        (_shelf(actor) / f"{token}.{suffix}").unlink(missing_ok=True)
