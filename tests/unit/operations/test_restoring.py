"""A restore is whole or nothing: damaged, foreign, newer and oversized backups change nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput, ProductError
from ainfluencer.db import migrate
from ainfluencer.engine import locks
from ainfluencer.operations import backups, doctor, postgres, restoring
from ainfluencer.operations.errors import DiskFull
from tests.conftest import POSTGRES


def fill(config: Settings, word: str) -> None:
    """A data folder whose files all say that word."""
    for name in ("media/ab/picture.png", "keys/secret.key"):
        file = config.data / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(word, "utf-8")
    with closing(sqlite3.connect(config.data / "ainfluencer.db")) as made:
        made.executescript(f"create table if not exists tides (word text); insert into tides values ('{word}');")


@pytest.fixture
def instance(settings: Settings) -> Settings:
    """A data folder that says “old”."""
    fill(settings, "old")
    return settings


def everything(config: Settings) -> dict[str, bytes]:
    """Every file but the locks and the backups."""
    skipped = {"backups", "engine.lock", "migrate.lock"}
    files = (p for p in config.data.rglob("*") if p.is_file() and not skipped & set(p.parts))
    return {p.relative_to(config.data).as_posix(): p.read_bytes() for p in files}


def rewritten(source: Path, target: Path, **changed: Any) -> Path:
    """A copy of a backup with other words in its manifest."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == backups.MANIFEST:
                data = json.dumps(json.loads(data) | changed).encode()
            new.writestr(name, data)
    return target


def spoiled(source: Path, target: Path, name: str) -> Path:
    """A copy in which one byte of a member is another one."""
    data = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        at = archive.getinfo(name).header_offset + 30 + len(name)
    data[at + 1] ^= 0xFF
    target.write_bytes(data)
    return target


@pytest.mark.parametrize("harm", ["cut", "flipped media", "flipped database", "text", "folder", "gone", "no manifest"])
def test_a_damaged_backup_changes_nothing(instance: Settings, tmp_path: Path, harm: str) -> None:
    good = backups.create(instance)
    bad = tmp_path / "bad.zip"
    match harm:
        case "cut":
            bad.write_bytes(good.read_bytes()[:-200])
        case "flipped media":
            spoiled(good, bad, "media/ab/picture.png")
        case "flipped database":
            spoiled(good, bad, "ainfluencer.db")
        case "text":
            bad.write_text("not a zip", "utf-8")
        case "folder":
            bad.mkdir()
        case "no manifest":
            with zipfile.ZipFile(bad, "w") as archive:
                archive.writestr("ainfluencer.db", b"")
    before = everything(instance)
    with pytest.raises(InvalidInput, match="not one of our backups") as refused:
        restoring.restore(instance, bad, force=True)
    assert refused.value.next_step
    assert everything(instance) == before


def test_a_database_that_is_no_database_is_refused(instance: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(backups.MANIFEST, json.dumps({"database": "sqlite"}))
        archive.writestr("ainfluencer.db", b"x" * 5000)
    before = everything(instance)
    with pytest.raises(InvalidInput, match="damaged"):
        restoring.restore(instance, bad, force=True)
    assert everything(instance) == before


def test_what_a_newer_version_saved_is_refused_here(instance: Settings, tmp_path: Path) -> None:
    newer = rewritten(backups.create(instance), tmp_path / "newer.zip", revision="f" * 12, version="9.0")
    before = everything(instance)
    with pytest.raises(Conflict, match="newer AInfluencer") as refused:
        restoring.restore(instance, newer, force=True)
    assert refused.value.reason == "database_newer"
    assert everything(instance) == before


def test_tables_of_a_newer_version_are_seen_without_the_manifest(instance: Settings, tmp_path: Path) -> None:
    with closing(sqlite3.connect(instance.data / "ainfluencer.db")) as made:
        made.executescript(
            "create table alembic_version (version_num text); insert into alembic_version values ('zz');"
        )
    old_kind = rewritten(backups.create(instance), tmp_path / "old.zip", revision="")
    with pytest.raises(Conflict, match="newer"):
        restoring.restore(instance, old_kind, force=True)


def test_a_backup_of_the_other_database_is_refused(instance: Settings, tmp_path: Path) -> None:
    other = rewritten(backups.create(instance), tmp_path / "other.zip", database="postgresql")
    with pytest.raises(Conflict, match="PostgreSQL"):
        restoring.restore(instance, other, force=True)


def test_nothing_is_restored_under_a_running_instance(instance: Settings) -> None:
    path = backups.create(instance)
    lock = locks.take(instance)
    try:
        with pytest.raises(ProductError, match="Another AInfluencer"):
            restoring.restore(instance, path, force=True)
    finally:
        lock.release()


def test_a_backup_that_does_not_fit_is_refused_before(instance: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = backups.create(instance)
    before = everything(instance)
    monkeypatch.setattr(restoring, "_ROOM_BYTES", 10**18)
    with pytest.raises(DiskFull):
        restoring.restore(instance, path, force=True)
    assert everything(instance) == before


def test_a_swap_that_fails_is_taken_back(instance: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = backups.create(instance)
    fill(instance, "new")
    before = everything(instance)
    rename, calls = Path.rename, list[Path]()

    def failing(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(DiskFull, match="No space left"):
        restoring.restore(instance, path, force=True)
    assert everything(instance) == before


def test_files_without_a_place_stay_outside(instance: Settings, tmp_path: Path) -> None:
    path = backups.create(instance)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("bin/evil.sh", "no")
        archive.writestr("instance.json", "no")
    target = replace(instance, data=tmp_path / "elsewhere")
    restoring.restore(target, path)
    assert {p.name for p in target.data.iterdir()} == {"ainfluencer.db", "media", "keys", "engine.lock"}


def test_a_file_from_before_1980_is_saved_too(instance: Settings) -> None:
    os.utime(instance.data / "keys" / "secret.key", (0, 0))
    with zipfile.ZipFile(backups.create(instance)) as archive:
        assert archive.read("keys/secret.key") == b"old"


@pytest.mark.parametrize("harm", ["no database", "torn pages"])
def test_no_backup_is_written_of_a_damaged_database(instance: Settings, harm: str) -> None:
    file = instance.data / "ainfluencer.db"
    with closing(sqlite3.connect(file)) as made:
        made.executemany("insert into tides values (?)", [("x" * 500,)] * 500)
        made.commit()
    whole = file.read_bytes()
    torn = whole[:8192] + b"".join(b"\xff" * 600 + whole[at + 600 : at + 4096] for at in range(8192, len(whole), 4096))
    file.write_bytes(b"no database" * 999 if harm == "no database" else torn)
    with pytest.raises(Conflict, match="damaged") as refused:
        backups.create(instance)
    assert "restore" in refused.value.next_step
    assert list((instance.data / "backups").iterdir()) == []
    (check,) = [one for one in doctor.examine(instance) if one.id == "database"]
    assert (check.state, "damaged" in check.detail) == ("problem", True)


def test_a_damaged_file_of_the_engine_is_left_out(instance: Settings) -> None:
    (instance.data / "engine.sqlite").write_bytes(b"no database" * 999)
    with zipfile.ZipFile(backups.create(instance)) as archive:
        assert "engine.sqlite" not in archive.namelist()


# -- PostgreSQL --

needs_client = pytest.mark.skipif(not shutil.which("pg_dump"), reason="no client programs of PostgreSQL (pg_dump)")


def test_the_password_stands_in_no_argument() -> None:
    dsn, env = postgres.access(
        Settings(database_url="postgresql+psycopg://ada%40x:p%40ss%2Fword@db.example:5433/studio?sslmode=require")
    )
    assert dsn == "postgresql://ada%40x@db.example:5433/studio?sslmode=require"
    assert env == {"PGPASSWORD": "p@ss/word"}
    assert postgres.access(Settings(database_url="postgresql://db/studio")) == ("postgresql://db/studio", {})


@pytest.fixture
def on_postgres(settings: Settings) -> Iterator[Settings]:
    """A data folder with a database of its own on the server of the tests."""
    name = f"{POSTGRES.rpartition('/')[2].partition('?')[0]}_restoring"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        admin.execute(f'create database "{name}"')
        try:
            yield replace(settings, database_url=f"{POSTGRES.rpartition('/')[0]}/{name}")
        finally:
            admin.execute(f'drop database "{name}" with (force)')


@pytest.mark.postgres
@needs_client
def test_postgresql_comes_back_and_the_present_one_is_kept(on_postgres: Settings) -> None:
    config = on_postgres
    migrate.upgrade(config)
    with psycopg.connect(config.database_url, autocommit=True) as session:
        session.execute(
            "insert into workspaces (id, name, timezone, created_at, updated_at) values ('w', 'Ada', 'UTC', now(), now())"
        )
    path = backups.create(config)
    with psycopg.connect(config.database_url, autocommit=True) as session:
        session.execute("update workspaces set name = 'Later'")
        session.execute("create table of_a_newer_version (id int)")
    with pytest.raises(Conflict, match="holds an instance"):
        restoring.restore(config, path)
    aside = restoring.restore(config, path, force=True)
    with psycopg.connect(config.database_url) as session:
        assert session.execute("select name from workspaces").fetchall() == [("Ada",)]
        assert session.execute("select to_regclass('of_a_newer_version')").fetchone() == (None,)
        with pytest.raises(Conflict, match="connections"):
            restoring.restore(config, path, force=True)
    assert aside is not None
    assert (aside / backups.DUMP).stat().st_size > 1000
    assert migrate.check(config) == []


@pytest.mark.postgres
@needs_client
def test_a_dump_that_cannot_be_read_changes_nothing(on_postgres: Settings, tmp_path: Path) -> None:
    migrate.upgrade(on_postgres)
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr(backups.MANIFEST, json.dumps({"database": "postgresql"}))
        archive.writestr(backups.DUMP, b"PGDMP" + b"x" * 500)
    with pytest.raises(InvalidInput, match="cannot be read"):
        restoring.restore(on_postgres, bad, force=True)
    assert migrate.check(on_postgres) == []
