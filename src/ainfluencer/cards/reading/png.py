"""The text chunks of a PNG or APNG, without decoding its pixels (PNG specification, third edition, 2025)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.values import Notes

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">I4s")
_TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its place in the file and its kind. `end` is past its check sum."""

    kind: bytes
    offset: int
    length: int
    is_whole: bool

    @property
    def start(self) -> int:
        """Where its data begins."""
        return self.offset + 8

    @property
    def end(self) -> int:
        """Where the next chunk begins."""
        return self.offset + 12 + self.length


def chunks(data: bytes) -> Iterator[Chunk]:
    """Every chunk up to IEND or the end of the file; the last one may be cut (`is_whole` false)."""
    position, size, count = len(SIGNATURE), len(data), 0
    while position + 8 <= size:
        length, kind = _HEAD.unpack_from(data, position)
        count += 1
        if count > limits.MAX_CHUNKS:
            raise CardRefused(Reason.PNG_MANY_CHUNKS, "This PNG has more chunks than any honest picture.")
        chunk = Chunk(kind, position, length, position + 12 + length <= size)
        yield chunk
        if kind == b"IEND" or not chunk.is_whole:
            return
        position = chunk.end


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A text chunk: keyword and value, or the reason why its value cannot be had."""

    chunk: Chunk
    keyword: str
    value: bytes
    problem: str = ""


def text_chunks(data: bytes, notes: Notes, *, keywords: frozenset[str]) -> tuple[list[TextChunk], bool]:
    """The tEXt, zTXt and iTXt chunks of those keywords (compared without case), and whether the file is animated.

    Notes a missing IEND, bytes after it, wrong check sums of text chunks, and how many other text chunks there are.
    """
    found: list[TextChunk] = []
    is_animated, others, last, inflated = False, 0, None, 0
    for chunk in chunks(data):
        last = chunk
        if chunk.kind == b"acTL":
            is_animated = True
        if chunk.kind not in _TEXT_KINDS:
            continue
        body = data[chunk.start : chunk.start + chunk.length]
        keyword = body[:80].split(b"\0", 1)[0].decode("latin-1").strip()
        if keyword.lower() not in keywords:
            others += 1
            continue
        if len(found) < limits.MAX_TEXT_CHUNKS:
            found.append(_read(chunk, keyword, body, data, notes))
            inflated += len(found[-1].value) if len(found[-1].value) > chunk.length else 0
            if inflated > limits.MAX_PAYLOAD:
                raise CardRefused(Reason.INFLATED, "The compressed chunks of this picture grow beyond every limit.")
    _note_ending(data, last, notes)
    if others:
        notes.add(
            "other_text_chunks", f"The picture holds {others} other text chunk{'s' * (others > 1)}; they are kept."
        )
    return found, is_animated


def _note_ending(data: bytes, last: Chunk | None, notes: Notes) -> None:
    if last is None or not last.is_whole:
        notes.add("png_cut", "The picture is cut off inside a chunk.")
    elif last.kind != b"IEND":
        notes.add("png_no_iend", "The picture has no end chunk (IEND).")
    elif last.end < len(data):
        notes.add("png_trailing_bytes", f"{len(data) - last.end} bytes follow the end of the picture.")


def _read(chunk: Chunk, keyword: str, body: bytes, data: bytes, notes: Notes) -> TextChunk:
    if not chunk.is_whole:
        return TextChunk(chunk, keyword, b"", "cut off")
    stored = int.from_bytes(data[chunk.end - 4 : chunk.end], "big")
    if zlib.crc32(body, zlib.crc32(chunk.kind)) != stored:
        notes.add("png_bad_crc", f"The check sum of the {keyword} chunk is wrong.")
    _, _, rest = body.partition(b"\0")
    try:
        return TextChunk(chunk, keyword, _value(chunk.kind, rest))
    except zlib.error:
        return TextChunk(chunk, keyword, b"", "compressed data damaged")


def _value(kind: bytes, rest: bytes) -> bytes:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return inflate(rest[1:])
    is_compressed = rest[:1] == b"\1"
    text = rest[2:].split(b"\0", 2)[-1]  # language tag and translated keyword come first
    return inflate(text) if is_compressed else text


def inflate(data: bytes) -> bytes:
    """Inflate zlib data with a ceiling; `CardRefused` when more than the payload limit would come out."""
    machine = zlib.decompressobj()
    out = machine.decompress(data, limits.MAX_PAYLOAD)
    if machine.unconsumed_tail:
        raise CardRefused(Reason.INFLATED, "A compressed chunk of this picture grows beyond every limit.")
    return out
