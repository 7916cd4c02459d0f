"""Reads the files that wait for an import: each a file of its own, or a member of a zip of many cards."""

from __future__ import annotations

import mmap
import struct
import zipfile
from pathlib import Path, PurePath
from types import TracebackType
from typing import Self

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.models import CardImport
from ainfluencer.cards.reading import limits, zip_directory
from ainfluencer.cards.reading.archives import DAMAGED
from ainfluencer.media import storage

MOST_MEMBERS = 20_000
MOST_DIRECTORY = 10_000_000  # bytes of a zip's list of members: 500 for each
MOST_ZIP_BYTES = 1_000_000_000
MOST_INFLATED = 20_000_000_000
_OWN_ARCHIVES = {"card.json", "manifest.json"}  # at the root of a zip, these make it a card itself


def members(waiting: str) -> list[str] | None:
    """The files of a zip; None when it is a card itself (CharX, BYAF). `CardRefused` for one that is too large or damaged."""
    with _opened(storage.waiting_path(waiting)) as archive:
        infos = [one for one in archive.infolist() if one.filename and not one.is_dir()]
    if {one.filename for one in infos} & _OWN_ARCHIVES:
        return None
    infos = [one for one in infos if not one.filename.startswith("__MACOSX/") and "/." not in f"/{one.filename}"]
    if sum(one.file_size for one in infos) > MOST_INFLATED:
        raise CardRefused(Reason.ZIP_BOMB, "The zip unpacks to more than 20 GB.", "Split it.")
    if not infos:
        raise CardRefused(Reason.EMPTY, "The zip is empty.")
    return list(dict.fromkeys(one.filename for one in infos))  # of twins the last counts, as unpacking would leave it


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            directory = zip_directory.find(data)
        if directory and (directory.entries > MOST_MEMBERS or directory.size > MOST_DIRECTORY):
            raise CardRefused(Reason.ZIP_MANY, f"The zip has more than {MOST_MEMBERS:,} files.", "Split it.")
        return zipfile.ZipFile(path)
    except (*DAMAGED, struct.error):
        raise CardRefused(Reason.ZIP_BAD, "The zip is damaged.", "Pack it again.") from None


class Uploads:
    """The bytes of one file after another. The zip read last stays open: its list of members is read once, not for each."""

    def __init__(self) -> None:
        self._waiting = ""
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def read(self, row: CardImport) -> bytes:
        """`CardRefused` for a member that is damaged, locked or too large, `NotFound` when the upload is gone."""
        path = storage.waiting_path(row.waiting)
        if not row.member:
            return path.read_bytes()
        if self._archive is None or self._waiting != row.waiting:
            self._close()
            self._archive, self._waiting = _opened(path), row.waiting
        try:
            with self._archive.open(row.member) as file:
                data = file.read(limits.MAX_FILE + 1)
        except (*DAMAGED, KeyError):
            name = PurePath(row.member).name[:60]
            raise CardRefused(Reason.ZIP_BAD, f"{name} in the zip is damaged or locked.", "Pack it again.") from None
        if len(data) > limits.MAX_FILE:
            raise CardRefused(Reason.TOO_LARGE, f"A card file may have {limits.MAX_FILE // 1_000_000} MB.")
        return data

    def _close(self) -> None:
        if self._archive is not None:
            self._archive.close()
        self._archive = None
