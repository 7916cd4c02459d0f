"""Backups: what is inside, what comes back, what is refused, which are forgotten."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.operations import backups, restoring


@pytest.fixture
def instance(settings: Settings) -> Settings:
    """A data folder with a database, a picture, a small copy of it, a key and models."""
    for name in ("media/ab/picture.png", "media/variants/ab/small.webp", "keys/secret.key", "models/big/model.gguf"):
        file = settings.data / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    with closing(sqlite3.connect(settings.data / "ainfluencer.db")) as made:
        made.execute("create table tides (height int)")
        made.execute("insert into tides values (3)")
        made.commit()
    return settings


def test_a_backup_holds_the_instance_but_not_what_can_be_had_again(instance: Settings) -> None:
    said: list[str] = []
    path = backups.create(instance, tell=lambda _part, words: said.append(words))
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert {"ainfluencer.db", "media/ab/picture.png", "keys/secret.key", "backup.json"} <= names
    assert not any("variants" in name or name.startswith("models/") for name in names)
    assert said[0] == "Copying the database"
    assert not list(path.parent.glob("*.part"))


def test_what_was_saved_comes_back_elsewhere(instance: Settings, tmp_path: Path) -> None:
    path = backups.create(instance)
    other = replace(instance, data=tmp_path / "elsewhere")
    restoring.restore(other, path)
    with closing(sqlite3.connect(other.data / "ainfluencer.db")) as found:
        assert found.execute("select height from tides").fetchall() == [(3,)]
    assert (other.data / "media/ab/picture.png").read_bytes() == b"media/ab/picture.png"


def test_an_instance_is_replaced_only_by_force_and_kept_beside(instance: Settings) -> None:
    path = backups.create(instance)
    (instance.data / "keys/secret.key").write_text("later", "utf-8")
    with pytest.raises(Conflict, match="holds an instance"):
        restoring.restore(instance, path)
    restoring.restore(instance, path, force=True)
    assert (instance.data / "keys/secret.key").read_text("utf-8") == "keys/secret.key"
    aside = next(instance.data.glob("before-restore-*"))
    assert (aside / "keys/secret.key").read_text("utf-8") == "later"


def test_a_stranger_s_file_is_refused(instance: Settings, tmp_path: Path) -> None:
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as archive:
        archive.writestr("backup.json", "{}")
        archive.writestr("../outside.txt", "no")
    with pytest.raises(InvalidInput, match="not one of our backups"):
        restoring.restore(replace(instance, data=tmp_path / "new"), evil)
    assert not (tmp_path / "outside.txt").exists()


def test_listed_deleted_and_only_ours(instance: Settings) -> None:
    mine = backups.create(instance)
    (mine.parent / "holiday.zip").write_bytes(b"not ours")
    assert [b.name for b in backups.listed(instance)] == [mine.name]
    with pytest.raises(NotFound):
        backups.delete(instance, "holiday.zip")
    with pytest.raises(NotFound):
        backups.get(instance, "../ainfluencer.db")
    assert backups.delete(instance, mine.name) > 0
    assert backups.listed(instance) == ()


def test_only_the_oldest_automatic_ones_are_forgotten(instance: Settings) -> None:
    folder = instance.data / "backups"
    folder.mkdir()
    for day in range(1, 6):
        file = folder / f"daily-2026110{day}-030000.zip"
        file.write_bytes(b"x")
        os.utime(file, (1_800_000_000 + day, 1_800_000_000 + day))
    (folder / "ainfluencer-20260101-120000.zip").write_bytes(b"x")
    assert backups.forget_daily(instance, 2) == 3
    assert {b.name for b in backups.listed(instance)} == {
        "daily-20261105-030000.zip",
        "daily-20261104-030000.zip",
        "ainfluencer-20260101-120000.zip",
    }
