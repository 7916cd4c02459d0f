"""Fixtures for every suite: a real database that starts empty, a workspace with an owner, no network."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from ainfluencer.accounts.models import Membership, User, Workspace
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.db.base import Base
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database

POSTGRES = os.environ.get("AINFLUENCER_TEST_POSTGRES", "")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh data folder; the process's settings are put back afterwards."""
    before = config.settings()
    yield config.use(replace(Settings(), data=tmp_path / "data"))
    config.use(before)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def db(request: pytest.FixtureRequest, settings: Settings) -> AsyncIterator[Database]:
    """The process's database with every table, on SQLite and (where one is told of) on PostgreSQL."""
    if request.param == "postgresql":
        if not POSTGRES:
            pytest.skip("AINFLUENCER_TEST_POSTGRES is not set")
        settings = config.use(replace(settings, database_url=POSTGRES))
    load_all()
    made = Database(settings)
    async with made.engine.begin() as connection:
        if request.param == "postgresql":
            await connection.execute(text("drop schema public cascade"))
            await connection.execute(text("create schema public"))
        await connection.run_sync(Base.metadata.create_all)
    use_database(made)
    yield made
    use_database(None)
    await made.close()


@pytest.fixture
async def workspace(db: Database) -> Workspace:
    """A workspace called Harbour."""
    async with db.writing() as session:
        made = Workspace(name="Harbour", timezone="Europe/Lisbon")
        session.add(made)
    return made


@pytest.fixture
async def owner(db: Database, workspace: Workspace) -> Actor:
    """Ada, the owner of the workspace."""
    return await person(db, workspace, "Ada", Role.OWNER)


async def person(db: Database, workspace: Workspace, name: str, role: Role) -> Actor:
    """A new user with that role, as an actor."""
    async with db.writing() as session:
        user = User(email=f"{name.lower()}@example.org", name=name, is_verified=True)
        session.add(user)
        await session.flush()
        session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=role))
    return Actor(workspace_id=workspace.id, role=role, user_id=user.id, name=name)
