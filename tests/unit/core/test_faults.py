"""What the machine lacks is said as such, however deep it lies."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from ainfluencer.core import faults
from ainfluencer.core.faults import fault_of


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), faults.DISK_FULL),
        (OSError(errno.EROFS, "Read-only file system"), faults.READ_ONLY),
        (PermissionError(errno.EACCES, "Permission denied"), faults.READ_ONLY),
        (OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full")), faults.DISK_FULL),
        (sqlite3.OperationalError("attempt to write a readonly database"), faults.READ_ONLY),
        (sqlite3.OperationalError("database is locked"), faults.BUSY),
        (psycopg.OperationalError("connection failed: Connection refused"), faults.AWAY),
        (psycopg.errors.DiskFull("could not extend file: No space left on device"), faults.DISK_FULL),
        (psycopg.errors.AdminShutdown("terminating connection"), faults.AWAY),
        (ConnectionResetError("gone"), faults.BUSY),
        (ValueError("the disk is full of joy"), None),
        (FileNotFoundError(errno.ENOENT, "No such file"), None),
        (OperationalError("select", {}, sqlite3.OperationalError("no such table: tides")), None),
        (psycopg.errors.UniqueViolation("duplicate key value violates unique constraint"), faults.MEANWHILE),
        (sqlite3.IntegrityError("UNIQUE constraint failed: posts.id"), faults.MEANWHILE),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"), faults.UNSTORABLE),
        (sqlite3.IntegrityError("NOT NULL constraint failed: posts.id"), None),
    ],
)
def test_faults(error: Exception, fault: faults.Fault | None) -> None:
    assert fault_of(error) is fault


@pytest.mark.parametrize("content", [b"x" * 4096, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_file_is_seen(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError) as met:
        sqlite3.connect(tmp_path / "a.db").execute("select * from sqlite_master")
    assert fault_of(DatabaseError("select", {}, met.value)) is faults.DAMAGED
