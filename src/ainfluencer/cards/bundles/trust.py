"""Whose keys are known: a person says once whether a key is trusted or blocked; our own always is."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards.bundles.models import CardBundleKey
from ainfluencer.cards.bundles.schemas import KeyIn, KeyOut, Trust
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused

MOST_KEYS = 1000


class Known:
    """The keys of a workspace, asked once and looked up often. `ours` is the fingerprint of the studio's own key."""

    def __init__(self, rows: Mapping[str, CardBundleKey], ours: str) -> None:
        self._rows = rows
        self._ours = ours

    def trust(self, fingerprint: str) -> Trust:
        """What is known of a key."""
        if fingerprint and fingerprint == self._ours:
            return "ours"
        row = self._rows.get(fingerprint)
        return "unknown" if row is None else "blocked" if row.state == "blocked" else "trusted"

    def label(self, fingerprint: str) -> str:
        """What people here call the key."""
        row = self._rows.get(fingerprint)
        return row.label if row else ""

    def warning(self, fingerprint: str, author: str) -> str:
        """A sentence where an unknown key signs for somebody whose trusted key is another one."""
        named = author.strip().casefold()
        others = [
            one for one in self._rows.values() if one.state == "trusted" and one.label.strip().casefold() == named
        ]
        if not named or self.trust(fingerprint) != "unknown" or not others:
            return ""
        return f"{author.strip()} is known here by another key, {others[0].fingerprint}. Ask them before you trust this one."

    def check(self, fingerprint: str) -> None:
        """`PolicyRefused` (key_blocked) for a blocked key."""
        if self.trust(fingerprint) == "blocked":
            named = self.label(fingerprint)
            raise PolicyRefused(
                f"The bundle is signed by a blocked key: {fingerprint}{f' ({named})' if named else ''}.",
                "Forget or trust the key first, if it was blocked by mistake.",
                code="key_blocked",
            )


async def known(session: AsyncSession, actor: Actor) -> Known:
    """The keys of the workspace, and our own."""
    return Known({row.fingerprint: row for row in await _rows(session, actor)}, _own_fingerprint())


def _own_fingerprint() -> str:
    """Of the key that signs here; empty while nothing was ever signed, for looking must not make a key."""
    from ainfluencer.cards.bundles import keys

    path = settings().data / "keys" / keys.NAME
    try:
        return keys.fingerprint(keys.public_of(keys.read(path))) if path.exists() else ""
    except InvalidInput:  # a damaged key is told where something is to be signed
        return ""


async def _rows(session: AsyncSession, actor: Actor) -> list[CardBundleKey]:
    question = select(CardBundleKey).where(CardBundleKey.workspace_id == actor.workspace_id)
    return list(await session.scalars(question.order_by(CardBundleKey.label, CardBundleKey.id).limit(MOST_KEYS)))


def _out(row: CardBundleKey) -> KeyOut:
    return KeyOut.model_validate(row, from_attributes=True)


async def list_keys(session: AsyncSession, actor: Actor) -> list[KeyOut]:
    """Every key that somebody decided about."""
    return [_out(row) for row in await _rows(session, actor)]


async def decide(session: AsyncSession, actor: Actor, wanted: KeyIn) -> KeyOut:
    """Trust or block a key; what was decided before is replaced."""
    actor.require(Right.MANAGE)
    if wanted.fingerprint == _own_fingerprint():
        raise InvalidInput("This is the studio’s own key.", "It is always known.", code="own_key", field="fingerprint")
    row = await session.scalar(
        select(CardBundleKey).where(
            CardBundleKey.workspace_id == actor.workspace_id, CardBundleKey.fingerprint == wanted.fingerprint
        )
    )
    if row is None:
        row = CardBundleKey(workspace_id=actor.workspace_id, fingerprint=wanted.fingerprint)
        session.add(row)
    row.label, row.state, row.added_by = wanted.label or row.label or "", wanted.state, actor.name[:200]
    await session.flush()
    accounts.record(
        session, actor, f"bundle.key_{wanted.state}", subject=("bundle_key", row.id), fingerprint=wanted.fingerprint
    )
    return _out(row)


async def forget(session: AsyncSession, actor: Actor, key_id: str) -> None:
    """Let go of a decision: the key is unknown again. `NotFound` when there was none."""
    actor.require(Right.MANAGE)
    row = await session.scalar(
        select(CardBundleKey).where(CardBundleKey.workspace_id == actor.workspace_id, CardBundleKey.id == key_id)
    )
    if row is None:
        raise NotFound("There is no such key.", "Look at the list of known keys.")
    accounts.record(session, actor, "bundle.key_forgotten", subject=("bundle_key", row.id), fingerprint=row.fingerprint)
    await session.delete(row)
