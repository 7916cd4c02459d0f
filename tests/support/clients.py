"""Signed-in clients for tests: `client_for(app, actor)` speaks to the app in this process, as that person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI

from ainfluencer.accounts import service
from ainfluencer.accounts.access import resolve_actor
from ainfluencer.accounts.api import router as accounts_router
from ainfluencer.accounts.models import User
from ainfluencer.accounts.schemas import Client
from ainfluencer.api.api import router as about_router
from ainfluencer.api.wiring import install
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database
from ainfluencer.web import security


def small_app(*routers: APIRouter) -> FastAPI:
    """An app that speaks our way, guarded as the real one, with these routers beside accounts and the API itself."""
    app = FastAPI(version="0", openapi_url="/api/v2/openapi.json", docs_url=None, redoc_url=None)
    install(app)
    app.state.resolve_actor = resolve_actor
    for router in (about_router, accounts_router, *routers):
        app.router.routes.extend(router.routes)
    app.add_middleware(security.Guard)
    return app


async def token_for(actor: Actor) -> str:
    """The token of a fresh session of that person in that workspace."""
    async with database().writing() as session:
        user = await session.get_one(User, actor.user_id)
        made = await service.open_session(session, user, Client(), workspace_id=actor.workspace_id)
    return made.token


@asynccontextmanager
async def client_for(
    app: FastAPI, actor: Actor | None = None, *, address: str = "127.0.0.1", cookies: dict[str, str] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app; with an actor, it sends a bearer token of theirs."""
    headers = {"Authorization": f"Bearer {await token_for(actor)}"} if actor else {}
    transport = httpx.ASGITransport(app=app, client=(address, 50000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=headers, cookies=cookies
    ) as client:
        yield client
