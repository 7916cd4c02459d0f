"""Cards in the EXIF comment of a picture (tag 0x9286, in the first IFD too): TavernAI's WebP and JPEG, Backyard's PNG."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ainfluencer.cards.reading import png

USER_COMMENT = 0x9286
_EXIF_IFD = 0x8769
_CODES = (b"ASCII\0\0\0", b"UNICODE\0", b"\0\0\0\0\0\0\0\0", b"JIS\0\0\0\0\0")
_NUMBERS = re.compile(rb"\s*\d{1,3}(\s*,\s*\d{1,3})+\s*\Z")


def comment(data: bytes) -> tuple[bytes, int] | None:
    """The user comment's bytes and their place in the file; None when the picture has none."""
    for block, base in _exif_blocks(data):
        found = _user_comment(block)
        if found:
            value, offset = found
            return _plain(value), base + offset
    return None


def _exif_blocks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """TIFF blocks with their offset in the file."""
    if data.startswith(png.SIGNATURE):
        for chunk in png.chunks(data):
            if chunk.kind == b"eXIf":
                yield from _tiff(data[chunk.start : chunk.start + chunk.length], chunk.start)
    elif data[:4] == b"RIFF":
        position = 12
        while position + 8 <= len(data):
            kind, length = data[position : position + 4], int.from_bytes(data[position + 4 : position + 8], "little")
            if kind == b"EXIF":
                yield from _tiff(data[position + 8 : position + 8 + length], position + 8)
            position += 8 + length + (length & 1)
    elif data[:2] == b"\xff\xd8":
        position = 2
        while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] not in {0xDA, 0xD9}:
            length = int.from_bytes(data[position + 2 : position + 4], "big")
            if data[position + 1] == 0xE1:
                yield from _tiff(data[position + 4 : position + 2 + length], position + 4)
            position += 2 + max(length, 2)


def _tiff(block: bytes, base: int) -> Iterator[tuple[bytes, int]]:
    start = 6 if block[:6] == b"Exif\0\0" else 0
    if block[start : start + 4] in {b"II*\0", b"MM\0*"}:
        yield block[start:], base + start


def _user_comment(tiff: bytes) -> tuple[bytes, int] | None:
    order = "<" if tiff[:2] == b"II" else ">"
    waiting, seen = [_number(tiff, 4, order, "I")], set[int]()
    while waiting and len(seen) < 16:
        position = waiting.pop()
        if position in seen or position + 2 > len(tiff):
            continue
        seen.add(position)
        for entry in range(min(_number(tiff, position, order, "H"), 1000)):
            at = position + 2 + entry * 12
            if at + 12 > len(tiff):
                break
            tag, kind, count, value = struct.unpack_from(f"{order}HHII", tiff, at)
            if tag == USER_COMMENT and kind in {1, 2, 7} and count > 4 and value + count <= len(tiff):
                return tiff[value : value + count], value
            if tag == _EXIF_IFD:
                waiting.append(value)
    return None


def _number(data: bytes, at: int, order: str, kind: str) -> int:
    size = struct.calcsize(kind)
    return int(struct.unpack_from(order + kind, data, at)[0]) if at + size <= len(data) else 0


def _plain(value: bytes) -> bytes:
    """Without the character code; bytes that were written as decimal numbers joined by commas become bytes."""
    code = value[:8]
    body = value[8:] if code in _CODES else value
    body = body.rstrip(b"\0 ") if code != b"UNICODE\0" else body
    if code == b"UNICODE\0":
        for encoding in ("utf-16-le", "utf-16-be"):
            text = body.decode(encoding, "ignore").strip("\0 \ufeff")
            if text[:1] in {"{", "["}:
                return text.encode("utf-8", "surrogatepass")
    if _NUMBERS.match(body):
        numbers = [int(n) for n in body.split(b",")]
        if max(numbers) < 256:
            return bytes(numbers)
    return body
