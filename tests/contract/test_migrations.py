"""Migrations lead to exactly the models, lose nothing on the way, and never run twice at once."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict
from ainfluencer.db import migrate, revisions
from ainfluencer.db.models import load_all
from tests.conftest import POSTGRES

FIRST = '''"""First."""
import sqlalchemy as sa
from alembic import op

revision = "1111"
down_revision = None


def upgrade() -> None:
    op.create_table("parents", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(10)))
    op.create_table(
        "children",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("parents.id", ondelete="CASCADE", name="fk_c"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("children")
    op.drop_table("parents")
'''
SECOND = '''"""Second: rebuilds a table that others point to."""
import sqlalchemy as sa
from alembic import op

revision = "2222"
down_revision = "1111"


def upgrade() -> None:
    with op.batch_alter_table("parents", recreate="always") as batch:
        batch.alter_column("name", type_=sa.String(80))
    {more}


def downgrade() -> None:
    pass
'''


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A folder of migrations with a first step."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "first.py").write_text(FIRST, "utf-8")
    return folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with an empty database."""
    load_all()
    if request.param == "postgresql":
        settings = config.use(replace(settings, database_url=POSTGRES))
        engine = migrate._engine(settings)
        with engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        engine.dispose()
    return settings


def file_of(settings: Settings) -> Path:
    return settings.data / "ainfluencer.db"


def add_second(steps: Path, more: str = "") -> None:
    (steps / "second.py").write_text(SECOND.format(more=more), "utf-8")


def run(settings: Settings, sql: str) -> list[tuple[object, ...]]:
    engine = migrate._engine(settings)
    try:
        with engine.begin() as connection:
            done = connection.execute(text(sql))
            return [tuple(row) for row in done] if done.returns_rows else []
    finally:
        engine.dispose()


def test_from_empty_the_steps_give_exactly_the_models(empty: Settings) -> None:
    if migrate.head() is None:
        pytest.fail("there is no migration yet: python -m ainfluencer db revision")
    assert migrate.upgrade(empty) == migrate.head() == revisions.newest() == revisions.current(empty)
    assert migrate.check(empty) == []
    assert migrate.upgrade(empty) == migrate.head(), "a second start changes nothing"


def test_there_is_one_line_of_steps_with_dated_names() -> None:
    names = sorted(p.stem for p in (migrate.FOLDER / "versions").glob("2*.py"))
    assert all(name[:16].replace("_", "").isdigit() for name in names)


def test_a_step_written_from_the_models_builds_them(empty: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    written = migrate.revision("the first tables", versions=folder)
    assert written is not None
    assert written.stem[:16].replace("_", "").isdigit()
    assert written.stem.endswith("_the_first_tables")
    assert "ainfluencer" not in written.read_text("utf-8").replace("AInfluencer", ""), "a step stands on its own"
    migrate.upgrade(empty, versions=folder)
    assert migrate.check(empty) == []
    assert migrate.revision("nothing", versions=folder) is None


def test_drift_is_told(empty: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    folder.mkdir()
    migrate.revision("first", versions=folder)
    migrate.upgrade(empty, versions=folder)
    run(empty, "alter table workspaces add column surprise integer")
    assert "surprise" in str(migrate.check(empty))


def test_a_rebuilt_table_keeps_its_children(settings: Settings, steps: Path) -> None:
    migrate.upgrade(settings, versions=steps)
    run(settings, "insert into parents values (1, 'a')")
    run(settings, "insert into children values (7, 1)")
    add_second(steps)
    assert migrate.upgrade(settings, versions=steps) == "2222"
    assert run(settings, "select id, parent_id from children") == [(7, 1)]


def test_a_copy_of_the_file_is_taken_before(settings: Settings, steps: Path) -> None:
    migrate.upgrade(settings, versions=steps)
    assert not list((settings.data / "backups").glob("*")), "an empty database needs no copy"
    run(settings, "insert into parents values (1, 'a')")
    add_second(steps)
    migrate.upgrade(settings, versions=steps)
    copies = list((settings.data / "backups").glob("before-migration-*-1111.db"))
    assert len(copies) == 1
    with closing(sqlite3.connect(copies[0])) as copy:
        assert copy.execute("select name from parents").fetchall() == [("a",)]
        assert copy.execute("select version_num from alembic_version").fetchall() == [("1111",)]


@pytest.mark.parametrize("more", ["raise RuntimeError", "op.execute('delete from parents')"])
def test_a_failing_step_changes_nothing(settings: Settings, steps: Path, more: str) -> None:
    migrate.upgrade(settings, versions=steps)
    run(settings, "insert into parents values (1, 'a')")
    run(settings, "insert into children values (7, 1)")
    before = run(settings, "select name, sql from sqlite_master order by name")
    add_second(steps, more)
    with pytest.raises((RuntimeError, Conflict)):
        migrate.upgrade(settings, versions=steps)
    assert revisions.current(settings) == "1111"
    assert run(settings, "select name, sql from sqlite_master order by name") == before
    assert run(settings, "select id, parent_id from children") == [(7, 1)]


def test_a_newer_database_is_left_alone(settings: Settings, steps: Path) -> None:
    migrate.upgrade(settings, versions=steps)
    run(settings, "update alembic_version set version_num = '9999'")
    with pytest.raises(Conflict) as refused:
        migrate.upgrade(settings, versions=steps)
    assert refused.value.reason == "database_newer"


def test_two_processes_that_start_together(settings: Settings, steps: Path) -> None:
    results: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: results.append(migrate.upgrade(settings, versions=steps))) for _ in range(3)
    ]
    lock = FileLock(settings.data / "migrate.lock")
    settings.data.mkdir(parents=True)
    with lock:
        for thread in threads[:1]:
            thread.start()
        threads[0].join(0.15)
        assert results == [], "it waits for the lock"
    threads[0].join(10)
    assert results == ["1111"]
    assert migrate.upgrade(settings, versions=steps) == "1111"


def test_a_lock_that_stays_taken_is_said(settings: Settings, steps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_SECONDS", 0.05)
    settings.data.mkdir(parents=True)
    with FileLock(settings.data / "migrate.lock"), pytest.raises(Conflict) as refused:
        migrate.upgrade(settings, versions=steps)
    assert refused.value.reason == "migration_running"


def test_only_the_newest_copies_are_kept(settings: Settings, steps: Path) -> None:
    migrate.upgrade(settings, versions=steps)
    for _ in range(migrate.KEPT_COPIES + 2):
        migrate._copy_before(settings, "1111")
    assert len(list((settings.data / "backups").iterdir())) == migrate.KEPT_COPIES
