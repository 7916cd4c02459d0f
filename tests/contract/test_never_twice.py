"""A worker is killed with SIGKILL at every step of a delivery; afterwards every post is on its platform exactly once.
Where the platform can neither be asked nor keeps our key, a person is asked, and nothing is ever sent twice.
"""

# All cases run beside each other before the first test, each with a database and a platform of its own, because
# nearly all of their time is spent waiting for a worker to come back.

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import uvicorn
from sqlalchemy import select

from ainfluencer.accounts.models import Workspace
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.db.base import Base
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database
from ainfluencer.publishing.models import Delivery
from ainfluencer.stage.models import StagePost
from tests.conftest import POSTGRES
from tests.support import doubles, posting, stage
from tests.support.doubles import Platform

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

ROOT = Path(__file__).parents[2]
LABEL = "\n\nMade with AI."


@dataclass(slots=True)
class Case:
    """What is killed where; afterwards: how each worker ended, what is public, and what our rows say."""

    name: str
    slug: str
    count: int
    points: tuple[str, ...]
    faults: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    public: Counter[str] = field(default_factory=Counter)
    states: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def were_killed(self) -> bool:
        """Whether every worker died where it should, and the last one came to its end."""
        return self.ends == {**dict.fromkeys(self.points, -9), "end": 0}


SLOW = {"seconds": 0.3}  # the answer comes after the middle of the call
EVERY_STEP = (
    "look.after",
    "begin.before",
    "begin.after",  # marked as sending, and nothing went out
    "ask.before",
    "call.middle@2",  # the first is sent again and done; the second is there and its answer was never read
    "ask.after",
    "record.before",
    "record.after",
    "call.after",  # answered, and not recorded
)


def _cases() -> list[Case]:
    cases = [
        Case("asked", "pier", 5, EVERY_STEP, SLOW),
        Case("lost", "pier", 3, ("call.after@2", "ask.after", "begin.after"), {"lose_after": 1}),
        Case("key", "quay", 2, ("begin.after", "call.middle", "call.after", "record.before", "record.after@2"), SLOW),
        Case("nobody", "mole", 4, ("begin.after", "call.middle", "record.before", "record.after"), SLOW),
        Case("stage", "stage", 3, ("begin.after", "call.after", "ask.after", "record.before", "record.after")),
    ]
    if POSTGRES:
        url = _own_database("never_twice")
        cases.append(Case("postgres", "pier", 2, ("begin.after", "call.after"), settings={"database_url": url}))
    return cases


def _own_database(name: str) -> str:
    """An empty database beside the one that we were told of: other tests use that one meanwhile."""
    _drop_database(name)
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))


def _drop_database(name: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    """Every case, played to its end."""
    before = config.settings()
    doubles.install()
    load_all()
    made = _cases()
    asyncio.run(_play(made, tmp_path_factory.mktemp("never_twice")))
    yield {case.name: case for case in made}
    use_database(None)
    doubles.uninstall()
    config.use(before)
    if POSTGRES:
        _drop_database("never_twice")


async def _play(cases: list[Case], folder: Path) -> None:
    async with AsyncExitStack() as stack:
        worlds = {case.name: await stack.enter_async_context(_world(case, folder)) for case in cases}
        use_database(worlds["stage"].db)  # the Stage serves from its own case's database
        config.use(worlds["stage"].db.config)
        orders = [
            {"name": case.name, "data": str(folder / case.name), "points": case.points, **case.settings}
            for case in cases
        ]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.support.killing", json.dumps(orders)),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        for case in cases:
            lines = [line.split() for line in out.decode().splitlines() if line.startswith(f"{case.name} ")]
            case.ends = {point: int(end) for _, point, end in lines}
            case.public, case.states = await worlds[case.name].outcome()


@dataclass(slots=True)
class World:
    """The database of a case and its platform (None: the Stage, which is in the database)."""

    db: Database
    platform: Platform | None

    async def outcome(self) -> tuple[Counter[str], list[tuple[str, bool]]]:
        """The texts that are public, and the states of the deliveries in the order of their posts."""
        async with self.db.reading() as session:
            rows = await session.execute(select(Delivery.state, Delivery.is_unknown).order_by(Delivery.id))
            states = [(str(row.state), row.is_unknown) for row in rows]
            if self.platform is not None:
                return self.platform.texts(), states
            mine = select(StagePost.text).where(StagePost.text.startswith("Post "))  # the audience answers
            return Counter(await session.scalars(mine)), states


@asynccontextmanager
async def _world(case: Case, folder: Path) -> AsyncIterator[World]:
    settings = replace(Settings(), data=folder / case.name, allow_private_urls=True, **case.settings)
    db = Database(config.use(settings))
    await _tables(db, folder)
    async with db.writing() as session:
        workspace = Workspace(name="Harbour")
        session.add(workspace)
    ada = Actor(workspace.id, Role.OWNER, name="Ada")
    mira = await posting.add_character(db, ada)
    async with AsyncExitStack() as stack:
        platform = None
        if case.slug == "stage":
            case.settings["stage_url"] = await stack.enter_async_context(_served())
            channel = (await stage.channel(db, ada, mira)).id
        else:
            platform = Platform(**case.faults)
            await stack.enter_async_context(platform.server)
            channel = await posting.add_channel(db, ada, case.slug, platform.url)
        posts = [await posting.add_post(db, ada, mira, [channel], caption=f"Post {n}") for n in range(case.count)]
        for post in posts:
            await posting.approved(db, ada, post.id, now=True)
        yield World(db, platform)
    await db.close()


async def _tables(db: Database, folder: Path) -> None:
    """Every table; on SQLite made once and copied."""
    template = folder / "template.db"
    if db.config.is_sqlite and template.exists():
        db.config.data.mkdir(parents=True, exist_ok=True)
        shutil.copy(template, db.config.data / "ainfluencer.db")
        return
    async with db.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    if db.config.is_sqlite:
        await db.engine.dispose()  # the last to leave writes everything into the one file
        shutil.copy(db.config.data / "ainfluencer.db", template)


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    """The Stage's API on a loopback socket."""
    server = uvicorn.Server(uvicorn.Config(stage.stage_app(), port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has no event to wait for
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


def test_killed_at_every_step_and_asked(cases: dict[str, Case]) -> None:
    case = cases["asked"]
    assert case.were_killed, str(case.ends)
    assert case.public == Counter(f"Post {n}{LABEL}" for n in range(5))
    assert set(case.states) == {("published", False)}


def test_killed_and_answers_lost(cases: dict[str, Case]) -> None:
    case = cases["lost"]
    assert case.were_killed, str(case.ends)
    assert case.public == Counter(f"Post {n}{LABEL}" for n in range(3))
    assert set(case.states) == {("published", False)}


def test_killed_where_the_platform_keeps_our_key(cases: dict[str, Case]) -> None:
    case = cases["key"]
    assert case.were_killed, str(case.ends)
    assert case.public == Counter(["Post 0", "Post 1"])
    assert set(case.states) == {("published", False)}


def test_killed_where_nobody_can_tell(cases: dict[str, Case]) -> None:
    case = cases["nobody"]
    assert case.were_killed, str(case.ends)
    assert max(case.public.values()) == 1
    assert sorted(case.states) == [("needs_person", True)] * 3 + [("published", False)]


def test_killed_on_the_stage(cases: dict[str, Case]) -> None:
    case = cases["stage"]
    assert case.were_killed, str(case.ends)
    assert case.public == Counter(f"Post {n}" for n in range(3))
    assert set(case.states) == {("published", False)}


@pytest.mark.postgres
def test_killed_on_postgresql(cases: dict[str, Case]) -> None:
    case = cases["postgres"]
    assert case.were_killed, str(case.ends)
    assert case.public == Counter(f"Post {n}{LABEL}" for n in range(2))
    assert set(case.states) == {("published", False)}
