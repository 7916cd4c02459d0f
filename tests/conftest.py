"""Fixtures for every suite: a real database that starts empty, a workspace with an owner, no network."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from sqlalchemy import Connection, text

from ainfluencer.accounts.models import Membership, User, Workspace
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.db.base import Base
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database
from ainfluencer.engine import events
from ainfluencer.operations import packs

# -- what may be left out, and how it is turned on --


def _find_chromium() -> str:
    told = os.environ.get("AINFLUENCER_TEST_CHROMIUM", "")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return told or next((path for name in names if (path := shutil.which(name))), "")


def _own_postgres() -> str:
    """The database that we were told of; each process of pytest-xdist gets one of its own beside it."""
    url, worker = os.environ.get("AINFLUENCER_TEST_POSTGRES", ""), os.environ.get("PYTEST_XDIST_WORKER", "")
    if not url or not worker or url.endswith("_" + worker):
        return url
    parts = urlsplit(url)
    name = f"{parts.path.removeprefix('/')}_{worker}"
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
            connection.execute(f'create database "{name}"')
    return urlunsplit(parts._replace(path="/" + name))


# As `core.log` has it. The default draws the local variables of every frame, for seconds in which an event loop stands still.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.dev.ConsoleRenderer(colors=False),
    ]
)

CHROMIUM = _find_chromium()
POSTGRES = os.environ["AINFLUENCER_TEST_POSTGRES"] = _own_postgres()
MODELS = Path(os.environ.get("AINFLUENCER_DATA") or "~/.ainfluencer").expanduser()
"""The data folder into which the launcher put the model packs; tests read them there and write nothing."""


def _missing(option_live: bool) -> dict[str, str]:
    """By marker: why its tests are left out."""
    has_packs = all(status.is_installed for status in packs.status(MODELS) if status.pack.is_required)
    reasons = {
        "postgres": ""
        if POSTGRES
        else "no PostgreSQL: set AINFLUENCER_TEST_POSTGRES=postgresql://user@host/an_empty_database",
        "browser": "" if CHROMIUM else "no Chromium: install one, or set AINFLUENCER_TEST_CHROMIUM=/path/to/it",
        "model": "" if has_packs else "no model packs: python launch.py models install",
        "live": "" if option_live else "real servers of other projects: python launch.py test --live",
    }
    return {marker: reason for marker, reason in reasons.items() if reason}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--live`: also the suite that starts real servers."""
    parser.addoption(
        "--live", action="store_true", help="also run tests/live, which starts real servers of other projects"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run, each with its reason."""
    missing = _missing(bool(config.getoption("--live")))
    for item in items:
        if "live" in item.path.relative_to(Path(__file__).parent).parts:
            item.add_marker("live")
            item.add_marker(pytest.mark.timeout(1800))  # the first test of a server waits until that is installed
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was left out."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    if reasons:
        terminalreporter.section("left out")
        for reason, number in reasons.most_common():
            terminalreporter.line(f"{number} tests: {reason}")


# -- settings and databases --


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Tests that use it carry the marker `browser`."""
    return CHROMIUM


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh data folder; the process's settings are put back afterwards."""
    before = config.settings()
    yield config.use(replace(Settings(), data=tmp_path / "data"))
    config.use(before)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def db(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """The process's database with every table, on SQLite and (where one is told of) on PostgreSQL."""
    load_all()
    events.reopen()  # an engine that ended in an earlier test closed the streams of this process
    if request.param == "postgresql":
        made = Database(config.use(replace(settings, database_url=POSTGRES)))
        async with made.engine.begin() as connection:
            await connection.run_sync(_empty)
    else:
        template = await _template(tmp_path_factory.getbasetemp())
        settings.data.mkdir(parents=True)
        shutil.copy(template, settings.data / "ainfluencer.db")
        made = Database(settings)
    use_database(made)
    yield made
    use_database(None)
    await made.close()


async def _template(folder: Path) -> Path:
    """A SQLite file with every table, made once per set of tables: copying it is fifty times quicker than making it."""
    data = folder / f"template-{_tables()}"
    file = data / "ainfluencer.db"
    if not file.exists():
        made = Database(replace(Settings(), data=data))
        async with made.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await made.close()
    return file


@cache
def _shape(_number: int) -> dict[str, set[str]]:
    return {name: {column.name for column in table.columns} for name, table in Base.metadata.tables.items()}


def _tables() -> int:
    return len(Base.metadata.tables)


def _empty(connection: Connection) -> None:
    """No row in any table; the tables are made anew only when an earlier test or version left others."""
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(text(_COLUMNS)):
        there.setdefault(table, set()).add(column)
    if there != _shape(_tables()):
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
        Base.metadata.create_all(connection)
        return
    asked = " union all ".join(f"select '{name}' where exists (select from \"{name}\")" for name in sorted(there))
    filled = [f'"{name}"' for name in connection.scalars(text(asked))]
    if filled:  # emptying every table would cost a tenth of a second in each test
        connection.execute(text(f"truncate {', '.join(filled)} restart identity cascade"))


_COLUMNS = """
select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
"""


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
