"""API keys: made once, shown once, ended at any time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries
from ainfluencer.accounts.models import ApiKey
from ainfluencer.accounts.schemas import clean_name
from ainfluencer.accounts.service.audit import record
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.crypto import digest, new_token
from ainfluencer.core.errors import InvalidInput, NotAllowed


async def create_key(
    session: AsyncSession, actor: Actor, name: str, scopes: Collection[Right], *, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key of the actor and its secret, which exists only here. Scopes beyond the actor's own are refused."""
    actor.require(Right.OWN)
    if actor.user_id is None:
        raise NotAllowed("Only a person can make an API key.")
    if not scopes:
        raise InvalidInput("A key needs at least one scope.", field="scopes")
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= clock.now()):
        raise InvalidInput(
            "The key would have expired already.", "Choose a moment in the future, with its offset.", field="expires_at"
        )
    for scope in scopes:
        actor.require(scope)
    secret = new_token("k")
    key = ApiKey(
        workspace_id=actor.workspace_id,
        user_id=actor.user_id,
        name=clean_name(name),
        prefix=secret[:10],
        secret_hash=digest(secret),
        scopes=[str(right) for right in Right if right in scopes],
        expires_at=expires_at,
    )
    session.add(key)
    await session.flush()
    record(session, actor, "key.created", subject=("api_key", key.id), name=key.name, scopes=key.scopes)
    return key, secret


async def revoke_key(session: AsyncSession, actor: Actor, key_id: str) -> ApiKey:
    """End a key; it stays in the list with the date. Ending it twice changes nothing."""
    actor.require(Right.OWN)
    key = await queries.get_key(session, actor, key_id)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        record(session, actor, "key.revoked", subject=("api_key", key.id), name=key.name)
    return key
