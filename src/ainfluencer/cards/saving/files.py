"""Writes a file whole or not at all: beside its place first, then in one step over it; permissions stay."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path

from ainfluencer.core.errors import InvalidInput


def write(target: Path, data: bytes) -> None:
    """Put `data` into the file. `InvalidInput` when the place does not allow it; what was there stays then."""
    place = Path(os.path.realpath(target))  # a link keeps pointing at its file
    temporary = ""
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(data)  # a pipe or a device: nothing can stand beside it
            return
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name[:40]}.", suffix=".part", dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _adopt_mode(temporary, place)
        os.replace(temporary, place)  # noqa: PTH105 - Path.replace says the same, and the name is a string here
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise not_writable(target, error) from None
    except BaseException:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise


def not_writable(target: Path, error: OSError) -> InvalidInput:
    """What is told of a place that does not take a file."""
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    advice = "Free some space, or choose another disk, and run it again." if is_full else "Choose another place."
    return InvalidInput(f"“{target}” cannot be written: {error.strerror}.", advice, code="not_writable")


def _adopt_mode(temporary: str, place: Path) -> None:
    """The permissions of the file that is replaced; for a new one, those that a plain file gets here."""
    if place.exists():
        shutil.copymode(place, temporary)
        return
    mask = os.umask(0)
    os.umask(mask)
    Path(temporary).chmod(stat.S_IMODE(0o666 & ~mask))
