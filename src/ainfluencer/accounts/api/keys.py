"""API keys of the workspace."""

from __future__ import annotations

from fastapi import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.schemas import KeyIn, KeyOut, NewKeyOut
from ainfluencer.api.schemas import Page, Paged
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/keys", tags=["keys"])


@router.get("")
async def list_keys(who: Who, session: Read, paged: Paged) -> Page[KeyOut]:
    """Every key, ended ones too. Secrets are shown only when a key is made."""
    found = await queries.list_keys(session, who, limit=paged.limit, cursor=paged.cursor)
    return Page(items=[KeyOut.model_validate(k) for k in found.items], next_cursor=found.next_cursor)


@router.post("", status_code=201)
async def create_key(body: KeyIn, who: Who, session: Write, response: Response) -> NewKeyOut:
    """A new key in one's own name; keep the secret, it is not shown again."""
    key, secret = await service.create_key(session, who, body.name, body.scopes, expires_at=body.expires_at)
    response.headers["Cache-Control"] = "no-store"
    return NewKeyOut(key=KeyOut.model_validate(key), secret=secret)


@router.get("/{key_id}")
async def get_key(key_id: str, who: Who, session: Read) -> KeyOut:
    """One key."""
    return KeyOut.model_validate(await queries.get_key(session, who, key_id))


@router.delete("/{key_id}")
async def revoke_key(key_id: str, who: Who, session: Write) -> KeyOut:
    """End a key at once; it stays in the list with its date."""
    return KeyOut.model_validate(await service.revoke_key(session, who, key_id))
