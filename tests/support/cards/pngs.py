"""Builds PNG and APNG files chunk by chunk, right and wrong, without a picture library."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes, *, crc: int | None = None) -> bytes:
    """One chunk with its right (or the given) check sum."""
    sum_ = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", sum_)


def text(keyword: str, value: bytes) -> bytes:
    """A tEXt chunk."""
    return chunk(b"tEXt", keyword.encode() + b"\0" + value)


def ztext(keyword: str, value: bytes) -> bytes:
    """A zTXt chunk."""
    return chunk(b"zTXt", keyword.encode() + b"\0\0" + zlib.compress(value))


def itext(keyword: str, value: bytes, *, compressed: bool = False) -> bytes:
    """An iTXt chunk."""
    body = zlib.compress(value) if compressed else value
    return chunk(b"iTXt", keyword.encode() + b"\0" + bytes([compressed]) + b"\0en\0\0" + body)


def b64(card: Any) -> bytes:
    """A card as SillyTavern stores it."""
    raw = card if isinstance(card, bytes) else json.dumps(card, ensure_ascii=False).encode()
    return base64.b64encode(raw)


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\x10\x80\x80\x20\x90\x90" * 2))
END = chunk(b"IEND", b"")
ANIMATION = chunk(b"acTL", struct.pack(">II", 1, 0))


def png(*before_end: bytes, first: bytes = b"", end: bytes = END) -> bytes:
    """A 2×2 picture with these chunks behind its pixels and `first` before them."""
    return SIGNATURE + HEADER + first + PIXELS + b"".join(before_end) + end
