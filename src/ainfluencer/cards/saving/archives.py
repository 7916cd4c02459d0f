"""Writes card.json into a CharX archive. The records of all other members are copied as they lie, compressed and in order."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from ainfluencer.cards.errors import CardRefused, Reason

_END = struct.Struct("<4s4H2LH")  # end of central directory
_ENTRY = struct.Struct("<4s6H3L5H2L")  # central directory entry
_LOCAL = struct.Struct("<4s5H3L2H")
_ZIP64 = 0xFFFFFFFF
_DATA_FOLLOWS, _UTF8 = 0x8, 0x800


@dataclass(frozen=True, slots=True)
class _Listed:
    """One entry of the central directory: its bytes, and its local record's place in the file."""

    raw: bytes
    name: bytes
    offset: int  # as it is written; the archive may begin later in the file


def with_card(data: bytes, text: bytes, name: str = "card.json") -> bytes:
    """The archive with another card.json. What stands before the archive (a JPEG) and after it stays.

    Raises `CardRefused` for archives of more than 4 GB (zip64), which are copied member by member by nobody here.
    """
    end = data.rfind(b"PK\x05\x06")
    fields = _END.unpack_from(data, end)
    size, offset = fields[5], fields[6]
    if _ZIP64 in {size, offset}:
        raise CardRefused(Reason.ZIP_BAD, "The archive is in the zip64 form.", "Pack it again as a plain zip.")
    shift = end - size - offset  # bytes before the archive that its offsets do not count
    listed = _listed(data[end - size : end])
    mine = next(one for one in listed if one.name == name.encode())
    others = [one for one in listed if one.name != mine.name]
    record, entry = _record(mine, text)
    start = mine.offset + shift
    stop = min((one.offset + shift for one in listed if one.offset > mine.offset), default=end - size)
    grown = len(record) - (stop - start)
    directory = b"".join(
        entry if one is mine else _moved(one, grown if one.offset > mine.offset else 0)
        for one in listed
        if one is mine or one in others
    )
    number = len(others) + 1
    tail = _END.pack(fields[0], 0, 0, number, number, len(directory), offset + grown, fields[7])
    return b"".join([data[:start], record, data[stop : end - size], directory, tail, data[end + _END.size :]])


def _listed(directory: bytes) -> list[_Listed]:
    out, at = [], 0
    while at + _ENTRY.size <= len(directory) and directory[at : at + 4] == b"PK\x01\x02":
        fields = _ENTRY.unpack_from(directory, at)
        size = _ENTRY.size + fields[10] + fields[11] + fields[12]
        name = directory[at + _ENTRY.size : at + _ENTRY.size + fields[10]]
        out.append(_Listed(directory[at : at + size], name, fields[16]))
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


def _moved(one: _Listed, by: int) -> bytes:
    return one.raw[: _ENTRY.size - 4] + struct.pack("<L", one.offset + by) + one.raw[_ENTRY.size :]


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
