"""Accounts of the Stage that several workers open at the same moment."""

from __future__ import annotations

import asyncio

from ainfluencer.core.actor import Actor
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import Database
from ainfluencer.stage import service
from ainfluencer.stage.schemas import Profile

MIRA = Profile(handle="mira", name="Mira", bio="A potter.")


async def opened(db: Database, owner: Actor, character_id: str) -> tuple[str, str]:
    async with db.writing() as session:
        account = await service.sign_in(session, owner.workspace_id, character_id, MIRA)
        return account.id, account.handle


async def test_one_character_has_one_account(db: Database, owner: Actor) -> None:
    character_id = new_id()
    found = await asyncio.gather(*(opened(db, owner, character_id) for _ in range(5)))
    assert len(set(found)) == 1
    assert found[0][1] == "mira"


async def test_characters_of_one_name_have_handles_of_their_own(db: Database, owner: Actor) -> None:
    found = await asyncio.gather(*(opened(db, owner, new_id()) for _ in range(5)))
    assert {handle for _, handle in found} == {"mira", "mira2", "mira3", "mira4", "mira5"}
