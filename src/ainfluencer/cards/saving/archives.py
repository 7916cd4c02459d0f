"""Writes card.json and files into a CharX archive. The records of all other members are copied as they lie, compressed and in order."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import zip_directory

_ENTRY = struct.Struct("<4s6H3L5H2L")  # central directory entry
_LOCAL = struct.Struct("<4s5H3L2H")
_DATA_FOLLOWS, _UTF8 = 0x8, 0x800


@dataclass(frozen=True, slots=True)
class _Listed:
    """One entry of the central directory: its bytes, and its local record's place in the file."""

    raw: bytes
    name: bytes
    offset: int  # as it is written; the archive may begin later in the file


def with_card(data: bytes, text: bytes, name: str = "card.json") -> bytes:
    """The archive with another card.json. What stands before the archive (a JPEG) and after it stays."""
    return with_files(data, {name: text})


def with_files(data: bytes, put: Mapping[str, bytes], drop: Collection[str] = ()) -> bytes:
    """The archive with these members written anew or added at its end, and others taken out. All else stays as it lies.

    An archive in the zip64 form becomes a plain one: the largest file that is read needs no more.
    """
    found = zip_directory.find(data)
    if found is None:
        raise CardRefused(Reason.ZIP_BAD, "The archive is cut off.", "Download the file again.")
    shift = found.shift
    listed = _listed(data[found.start : found.start + found.size])
    new = {name.encode(): content for name, content in put.items()}
    gone = {name.encode() for name in drop}
    mine = {one.name: one for one in reversed(listed)}  # of several members of one name readers take the first
    starts = [*sorted(one.offset + shift for one in listed), found.start]
    out, at, entries = [data[: starts[0]]], starts[0], dict[int, bytes]()
    for start, stop, one in zip(starts, starts[1:], sorted(listed, key=lambda one: one.offset), strict=False):
        if one.name in gone or (one.name in new and one is not mine[one.name]):
            continue
        record, entry = _record(one, new[one.name]) if one.name in new else (data[start:stop], one.raw)
        entries[id(one)] = _placed(entry, at - shift)
        out.append(record)
        at += len(record)
    directory = [entries[id(one)] for one in listed if id(one) in entries]
    for name in [name for name in new if name not in mine]:
        record, entry = _record(_fresh(name), new[name])
        directory.append(_placed(entry, at - shift))
        out.append(record)
        at += len(record)
    catalogue = b"".join(directory)
    comment = data[found.end + zip_directory.END.size :]
    counts = (0, 0, len(directory), len(directory), len(catalogue), at - shift)
    tail = zip_directory.END.pack(zip_directory.SIGNATURE, *counts, found.comment_size)
    return b"".join([*out, catalogue, tail, comment])


def _fresh(name: bytes) -> _Listed:
    """A member that is not there yet, stored as it is: pictures and sounds are compressed already."""
    raw = _ENTRY.pack(b"PK\x01\x02", 20, 20, 0, zipfile.ZIP_STORED, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
    return _Listed(raw + name, name, 0)


def _listed(directory: bytes) -> list[_Listed]:
    out, at = [], 0
    while at + _ENTRY.size <= len(directory) and directory[at : at + 4] == b"PK\x01\x02":
        fields = _ENTRY.unpack_from(directory, at)
        size = _ENTRY.size + fields[10] + fields[11] + fields[12]
        name = directory[at + _ENTRY.size : at + _ENTRY.size + fields[10]]
        raw = zip_directory.plain(directory[at : at + size], _ENTRY)
        out.append(_Listed(raw, name, _ENTRY.unpack_from(raw)[16]))
        at += size
    return out


def _record(mine: _Listed, text: bytes) -> tuple[bytes, bytes]:
    """The new local record and its entry in the directory; method and date stay."""
    fields = list(_ENTRY.unpack_from(mine.raw))
    packed = text if fields[4] == zipfile.ZIP_STORED else zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed if isinstance(packed, bytes) else packed.compress(text) + packed.flush()
    fields[3] &= ~_DATA_FOLLOWS
    fields[4] = zipfile.ZIP_STORED if isinstance(packed, bytes) else zipfile.ZIP_DEFLATED
    fields[7:10] = [zlib.crc32(text), len(body), len(text)]
    entry = _ENTRY.pack(*fields) + mine.raw[_ENTRY.size :]
    local = _LOCAL.pack(b"PK\x03\x04", *fields[2:10], len(mine.name), 0)
    return local + mine.name + body, entry


def _placed(entry: bytes, at: int) -> bytes:
    """An entry of the directory whose record stands at that place."""
    return entry[: _ENTRY.size - 4] + struct.pack("<L", at) + entry[_ENTRY.size :]


def packed(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A new archive: texts deflated, pictures stored, all with the same date, so that equal cards are equal files."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith(".json") else zipfile.ZIP_STORED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()
