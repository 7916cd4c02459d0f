"""What a route may ask for: a session, the actor. The transaction ends before the answer leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database


async def reading() -> AsyncIterator[AsyncSession]:
    """A session for questions."""
    async with database().reading() as session:
        yield session


async def writing() -> AsyncIterator[AsyncSession]:
    """The one transaction of a changing request: committed before the answer is sent, rolled back on any error."""
    async with database().writing() as session:
        yield session


async def current_actor(request: Request) -> Actor:
    """Who asks. `accounts` supplies the resolver when the app is wired (`app.state.resolve_actor`)."""
    actor: Actor = await request.app.state.resolve_actor(request)
    return actor


# scope="function": the code after `yield` (the commit) runs before the response leaves, so nobody reads stale rows.
Read = Annotated[AsyncSession, Depends(reading, scope="function")]
Write = Annotated[AsyncSession, Depends(writing, scope="function")]
Who = Annotated[Actor, Depends(current_actor)]
