"""The whole application over two workspaces that have one of everything each."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ainfluencer import main
from ainfluencer.accounts import service as accounts
from ainfluencer.accounts.models import User
from ainfluencer.accounts.schemas import Client
from ainfluencer.api import limits
from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.db.base import Base
from ainfluencer.db.session import Database, use_database
from ainfluencer.engine.runtime import Engine
from tests.support.crawl import Example, Route, bodies, harvest, routes, rows
from tests.support.seeding import World, new_world, seed


@dataclass(slots=True, repr=False)
class Worlds:
    """Two full workspaces and an empty one, a token for the owner of each, and the rows that were there."""

    app: FastAPI
    data: Path
    full: World
    other: World
    empty: World
    tokens: dict[str, str] = field(default_factory=dict)
    before: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)

    @asynccontextmanager
    async def client(self, world: World | None = None, *, token: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """Speaks to the app as the owner of that world, or as nobody."""
        token = token or (self.tokens[world.mark] if world else "")
        headers = {"accept": "text/html,application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        transport = httpx.ASGITransport(app=self.app, client=("127.0.0.1", 50000), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as made:
            yield made

    def body(self, route: Route) -> dict[str, Any]:
        """A plausible body for the route, about the full workspace."""
        return deepcopy(self.bodies.get(str(route), {}))


@pytest.fixture(scope="session")
def whole_app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application as it is served, without its engine."""
    before = config.settings()
    settings = replace(Settings(), data=tmp_path_factory.mktemp("app"))
    app = main.create_app(settings)
    app.state.engine = Engine(settings)
    config.use(before)
    return app


@pytest.fixture(scope="session")
def made_worlds(whole_app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The worlds, made once; tests get copies."""
    before = config.settings()
    settings = config.use(replace(Settings(), data=tmp_path_factory.mktemp("worlds") / "data"))
    made = asyncio.run(_make(whole_app, settings))
    config.use(before)
    return made


async def _make(app: FastAPI, settings: Settings) -> Worlds:
    db = Database(settings)
    use_database(db)
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    full, other, empty = [await new_world(db, mark) for mark in ("Zephyrine", "Quibberly", "Wistfield")]
    await seed(db, full)
    await seed(db, other)
    worlds = Worlds(app, settings.data, full, other, empty)
    for world in (full, other, empty):
        worlds.tokens[world.mark] = await _token(db, world)
    worlds.bodies = await _bodies(worlds)
    worlds.before = rows(settings.data)
    await db.close()
    use_database(None)
    return worlds


async def _token(db: Database, world: World) -> str:
    async with db.writing() as session:
        user = await session.get_one(User, world.actor.user_id)
        made = await accounts.open_session(session, user, Client(ip="127.0.0.1"), workspace_id=world.workspace_id)
    return made.token


async def _bodies(worlds: Worlds) -> dict[str, dict[str, Any]]:
    """The API's bodies from its description; the pages' from their own forms, else from the names of their fields."""
    ids = worlds.full.ids
    made = bodies(worlds.app, ids)
    for route in routes():
        if route.kind == "page" and route.method == "POST":
            made[str(route)] = {"data": {name: Example({}, ids)({"type": "string"}, name) for name in route.form}}
    async with worlds.client(worlds.full) as client:
        for key, data in (await harvest(client, ids)).items():
            made.setdefault(key, {"data": {}}).setdefault("data", {}).update(data)
    return made


@pytest.fixture
async def worlds(made_worlds: Worlds, settings: Settings) -> AsyncIterator[Worlds]:
    """A copy of the worlds that the test may change."""
    shutil.copytree(made_worlds.data, settings.data, copy_function=_link)
    database = settings.data / "ainfluencer.db"
    database.unlink()
    shutil.copyfile(made_worlds.data / "ainfluencer.db", database)
    made_worlds.app.state.limits = limits.Limits()
    db = Database(settings)
    use_database(db)
    yield replace(made_worlds, data=settings.data)
    use_database(None)
    await db.close()


def _link(source: str, target: str) -> None:
    if Path(source).name.startswith("ainfluencer.db"):
        shutil.copyfile(source, target)
    else:
        os.link(source, target)
