"""Faults of the machine that a person can end: a full disk, a folder that cannot be written, a damaged database."""

from __future__ import annotations

import errno
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What the machine lacks, in the words of a refusal."""

    code: str
    status: int
    detail: str
    next_step: str


DISK_FULL = Fault(
    "disk_full",
    507,
    "The disk is full, so nothing was saved.",
    "Free some space on the disk of the data folder and send it again.",
)
READ_ONLY = Fault(
    "data_read_only",
    503,
    "The data folder cannot be written, so nothing was saved.",
    "Let the user that runs the studio write there (or mount the disk for writing) and send it again.",
)
DAMAGED = Fault(
    "database_damaged",
    503,
    "The database file is damaged and cannot be read.",
    "Stop the studio and restore a backup: ainfluencer restore FILE --force. The newest lie in the folder backups.",
)
BUSY = Fault("busy", 503, "Something that is needed for this does not answer just now.", "Try again in a moment.")
AWAY = Fault(
    "database_away",
    503,
    "The database does not answer.",
    "Check that PostgreSQL runs and that AINFLUENCER_DATABASE_URL is right; then try again.",
)
MEANWHILE = Fault(
    "conflict", 409, "The same thing was made or changed by somebody else at this very moment.", "Send it again."
)
UNSTORABLE = Fault(
    "invalid_input",
    422,
    "What was sent holds a character that no text can hold (NUL).",
    "Take it out and send it again.",
)

_NUMBERS = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}
# SQLite says it in words only (https://sqlite.org/rescode.html); psycopg repeats those of the system.
_WORDS = {
    "disk is full": DISK_FULL,
    "no space left on device": DISK_FULL,
    "readonly database": READ_ONLY,
    "unable to open database file": READ_ONLY,
    "disk image is malformed": DAMAGED,
    "file is not a database": DAMAGED,
    "database is locked": BUSY,
    "unique constraint failed": MEANWHILE,
    "violates unique constraint": MEANWHILE,
    "cannot contain nul": UNSTORABLE,
    "unsupported unicode escape sequence": UNSTORABLE,
}


def fault_of(error: BaseException) -> Fault | None:
    """The fault behind an exception, also behind one of the database layer; None when it is another kind."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, OSError) and original.errno in _NUMBERS:
        return _NUMBERS[original.errno]
    text = str(original).lower()
    is_database = type(original).__module__.partition(".")[0] in {"sqlite3", "psycopg"}
    found = (fault for words, fault in _WORDS.items() if is_database and words in text)
    if fault := next(found, None):
        return fault
    # psycopg files everything that is no fault of the statement under OperationalError: server away, shut down, too many.
    if any(_is_operational(kind) for kind in type(original).__mro__):
        return AWAY
    return BUSY if isinstance(original, ConnectionError) else None


def _is_operational(kind: type) -> bool:
    return kind.__module__.startswith("psycopg") and kind.__name__ == "OperationalError"
