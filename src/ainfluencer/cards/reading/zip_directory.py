"""Where a zip archive keeps its list of members: the records at its end, also in the zip64 form (APPNOTE 6.3.10, 4.3.14-4.3.16)."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

END = struct.Struct("<4s4H2LH")
"""End of central directory: signature, disks, entries here and in all, size, offset, length of the comment."""

SIGNATURE = b"PK\x05\x06"
_FARTHEST = 70_000  # the record and a comment of 65,535 bytes
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_SIZE = 20
_FULL32 = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Directory:
    """The central directory of an archive. Places are in the file; `offset` is the place of `start` as the archive writes it."""

    start: int
    size: int
    entries: int
    offset: int
    end: int  # of the classic end record, behind which only a comment follows
    comment_size: int

    @property
    def shift(self) -> int:
        """Bytes before the archive that its own offsets do not count, such as a JPEG."""
        return self.start - self.offset


def find(data: bytes | mmap.mmap) -> Directory | None:
    """The directory that ends this file; None when there is none.

    A damaged one may claim to be larger than the file: then `start` is below 0.
    """
    at = data.rfind(SIGNATURE, max(0, len(data) - _FARTHEST))
    if at < 0 or at + END.size > len(data):
        return None
    _, _, _, _, entries, size, offset, comment_size = END.unpack_from(data, at)
    stop = at
    has_locator = data[max(0, at - _LOCATOR_SIZE) : at].startswith(b"PK\x06\x07")
    wide = data.rfind(b"PK\x06\x06", max(0, at - _FARTHEST), at) if has_locator else -1
    if 0 <= wide <= at - _END64.size:
        stop = wide
        entries, size, offset = _END64.unpack_from(data, stop)[7:]
    return Directory(stop - size, size, entries, offset, at, comment_size)


def plain(entry: bytes, fixed: struct.Struct) -> bytes:
    """A directory entry whose sizes and offset stand in their own fields, not in a zip64 extra field (header id 1)."""
    fields = list(fixed.unpack_from(entry))
    name_end = fixed.size + fields[10]
    extras, at = entry[name_end : name_end + fields[11]], 0
    kept = b""
    while at + 4 <= len(extras):
        kind, size = struct.unpack_from("<HH", extras, at)
        body = extras[at + 4 : at + 4 + size]
        if kind == 1:
            wide = [n for (n,) in struct.iter_unpack("<Q", body[: len(body) // 8 * 8])]
            for place in (9, 8, 16):  # size, packed size, offset: in this order, each only where its own field is full
                if fields[place] == _FULL32 and wide:
                    fields[place] = min(wide.pop(0), _FULL32)
        else:
            kept += extras[at : at + 4 + size]
        at += 4 + size
    kept += extras[at:]
    fields[11] = len(kept)
    return fixed.pack(*fields) + entry[fixed.size : name_end] + kept + entry[name_end + len(extras) :]
