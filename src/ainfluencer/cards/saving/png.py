"""Writes the card chunks of a PNG or APNG. Pixels and all other chunks are copied, never decoded."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Collection, Mapping

from ainfluencer.cards.reading import exif, exif_cards
from ainfluencer.cards.reading.png import SIGNATURE, Chunk, chunks
from ainfluencer.cards.reading.values import Notes, Payload, Place

_END = b"\0\0\0\0IEND\xaeB`\x82"
_WORDS = ("chara", "ccv3")


def text_chunk(keyword: str, value: bytes) -> bytes:
    """A tEXt chunk with its check sum."""
    return chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Any chunk with its check sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))


def card_chunk(keyword: str, text: bytes) -> bytes:
    """A card's text as every reader expects it: base64 of UTF-8 JSON in a tEXt chunk."""
    return text_chunk(keyword, base64.b64encode(text))


def replaced(data: bytes, payload: Payload, texts: Mapping[str, bytes], notes: Notes) -> bytes:
    """The picture with these card texts by keyword (`chara`, `ccv3`), each in one tEXt chunk.

    A text takes the place of the chunk that was read, else of the first of its keyword, else it stands before the
    pixels. All other chunks of the two keywords go: exactly one of each is left for every reader.
    """
    at = {keyword: _spot(payload.places, keyword) for keyword in texts}
    ours = {place.offset for place in payload.places}
    new = {at[keyword]: card_chunk(keyword, text) for keyword, text in texts.items() if at[keyword]}
    before_pixels = [card_chunk(keyword, text) for keyword, text in texts.items() if not at[keyword]]
    out: list[bytes] = [SIGNATURE]
    last: Chunk | None = None
    for piece in chunks(data):
        if piece.kind in {b"IDAT", b"IEND"}:
            out += before_pixels
            before_pixels = []
        is_gone = piece.offset in ours or (piece.kind == b"eXIf" and is_card_text(data, piece))
        out.append(new[piece.offset] if piece.offset in new else b"" if is_gone else _copied(data, piece))
        last = piece
    out += before_pixels
    if last is not None and last.is_whole and last.kind != b"IEND":
        out.append(_END)
        notes.add("png_end_added", "The picture had no end chunk (IEND); one was added.")
    if len(ours) > len(texts):
        notes.add("chunks_united", f"{len(ours)} card chunks became {len(texts)}.")
    return b"".join([*out, data[last.end :] if last is not None and last.is_whole else b""])


def _copied(data: bytes, piece: Chunk) -> bytes:
    return data[piece.offset : piece.end]


def _spot(places: tuple[Place, ...], keyword: str) -> int:
    """The offset of the chunk that a keyword's text replaces; 0 when there is none."""
    own = [place for place in places if place.keyword.lower() == keyword]
    own.sort(key=lambda place: (not place.is_used, bool(place.problem)))
    return own[0].offset if own else 0


def embedded(picture: bytes, texts: Mapping[str, bytes], extra: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """A PNG without a card as one with it: the chunks stand before the pixels, where every reader finds them.

    `extra` are further text chunks (keyword, value), for assets. Card chunks that the picture has already go.
    """
    made = [card_chunk(keyword, text) for keyword, text in texts.items()]
    made += [text_chunk(keyword, value) for keyword, value in extra]
    out: list[bytes] = [SIGNATURE]
    for piece in chunks(picture):
        if piece.kind in {b"IDAT", b"IEND"}:
            out += made
            made = []
        if not is_card_text(picture, piece):
            out.append(_copied(picture, piece))
    return b"".join(out)


def with_texts(data: bytes, put: Mapping[str, bytes], drop: Collection[str] = ()) -> bytes:
    """The picture with these text chunks written anew in their places (new ones before the pixels), and others taken out."""
    waiting, there = dict(put), {_keyword(data, one) for one in chunks(data) if one.kind == b"tEXt"}
    out: list[bytes] = [SIGNATURE]
    end = len(SIGNATURE)
    for piece in chunks(data):
        end = min(piece.end, len(data))
        if piece.kind in {b"IDAT", b"IEND"}:
            new = [one for one in waiting if one not in there]
            out += [text_chunk(one, waiting.pop(one)) for one in new]
        keyword = _keyword(data, piece) if piece.kind == b"tEXt" else ""
        if keyword in waiting:
            out.append(text_chunk(keyword, waiting.pop(keyword)))
        elif not keyword or (keyword not in drop and keyword not in put):
            out.append(_copied(data, piece))
    out += [text_chunk(one, value) for one, value in waiting.items()]  # a picture that is cut off before its pixels
    return b"".join([*out, data[end:]])


def _keyword(data: bytes, piece: Chunk) -> str:
    return data[piece.start : piece.start + 80].split(b"\0", 1)[0].decode("latin-1")


def is_card_text(data: bytes, piece: Chunk) -> bool:
    """Whether a chunk carries a card or an asset of one, be it in the EXIF comment."""
    if piece.kind == b"eXIf":
        held = exif.comment(SIGNATURE + _copied(data, piece))
        return held is not None and exif_cards.card_in(held[0], Notes()) is not None
    if piece.kind not in {b"tEXt", b"zTXt", b"iTXt"}:
        return False
    keyword = data[piece.start : piece.start + 80].split(b"\0", 1)[0].decode("latin-1").strip().lower()
    return keyword in _WORDS or keyword.startswith("chara-ext-asset_")


def plain_picture(name: str) -> bytes:
    """A picture of one quiet colour, 400 by 600, for a card that has none. The colour follows from the name."""
    hue = zlib.crc32(name.encode("utf-8", "replace"))
    colour = bytes(96 + (hue >> shift & 63) for shift in (0, 8, 16))
    rows = (b"\0" + colour * 400) * 600
    header = struct.pack(">IIBBBBB", 400, 600, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + _END
