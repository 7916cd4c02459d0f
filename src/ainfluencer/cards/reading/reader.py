"""The front door of reading: bytes in, a payload out, whatever the container."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import archives, exif, exif_cards, limits, png, yamls
from ainfluencer.cards.reading.decoding import Decoded, decode
from ainfluencer.cards.reading.shape import find_card, is_lorebook
from ainfluencer.cards.reading.values import Container, Notes, Payload, Place

_KEYWORDS = frozenset({"chara", "ccv3"})
_YAML_ENDINGS = {".yaml", ".yml"}


def read(data: bytes, filename: str = "") -> Payload:
    """The card in a file of any container.

    The file's own first bytes decide what it is; the name only tells YAML from other text.
    Raises `CardRefused` with a stable reason. Never writes, never decodes pixels, bounded in time and memory.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise CardRefused(Reason.EMPTY, "The file is empty.")
    if len(data) > limits.MAX_FILE:
        raise CardRefused(
            Reason.TOO_LARGE,
            f"The file has {len(data) // 1_000_000} MB; {limits.MAX_FILE // 1_000_000} MB is the most.",
        )
    notes = Notes()
    if data.startswith(png.SIGNATURE):
        return _from_png(data, notes)
    if archives.starts_zip(data):
        return archives.read_archive(data, notes)
    if data.startswith(b"\xff\xd8") or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return _from_picture(data, notes)
    if PurePath(filename).suffix.lower() in _YAML_ENDINGS:
        return _from_yaml(data, notes)
    return _from_json(data, notes)


def is_picture(data: bytes) -> bool:
    """Whether these bytes are a picture or archive that could carry a card (and so are not a typed brief)."""
    return data.startswith((png.SIGNATURE, b"\xff\xd8", b"RIFF", b"GIF8", b"PK", b"BM"))


def _from_json(data: bytes, notes: Notes) -> Payload:
    try:
        decoded = decode(data, notes, in_chunk=False)
    except CardRefused as refusal:
        if refusal.reason == Reason.PAYLOAD_BAD:
            raise CardRefused(Reason.NOT_A_CARD, "This file is not a character card.") from None
        raise
    place = Place("", "whole", 0, len(data), is_used=True)
    return _payload(Container.JSON, decoded, (place,), notes)


def _payload(
    container: Container, decoded: Decoded, places: tuple[Place, ...], notes: Notes, picture: bytes | None = None
) -> Payload:
    card, path = find_card(decoded.root, notes)
    if card is None:
        raise _no_card(decoded.root)
    wrapping = decoded.wrapping + tuple(f"envelope:{key}" for key in path)
    return Payload(container, decoded.text, card, decoded.root, decoded.encoding, wrapping, places, notes, picture)


def _no_card(root: Any) -> CardRefused:
    if is_lorebook(root) or (isinstance(root, dict) and is_lorebook(root.get("data"))):
        return CardRefused(Reason.LOREBOOK, "This file is a lorebook, not a character.")
    return CardRefused(Reason.NOT_A_CARD, "The file can be read, but it does not describe a character.")


def _from_png(data: bytes, notes: Notes) -> Payload:
    found, is_animated = png.text_chunks(data, notes, keywords=_KEYWORDS)
    if not found:
        if in_exif := _from_exif(data, Container.EXIF_PNG, notes):
            return in_exif
        if any(n.code == "png_cut" for n in notes):
            raise CardRefused(Reason.PNG_TRUNCATED, "The picture is cut off and holds no card.")
        raise CardRefused(Reason.PNG_NO_CARD, "This picture holds no character card.")
    # Both present: ccv3 is the one that counts; within a keyword the first that can be decoded (guide 1.2, 1.4).
    order = sorted(range(len(found)), key=lambda i: (found[i].keyword.lower() != "ccv3", i))
    problems: dict[int, str] = {}
    payload: Payload | None = None
    refusal: CardRefused | None = None
    used = -1
    for index in order:
        payload, refused = _try_chunk(found[index], notes, data, Container.APNG if is_animated else Container.PNG)
        if payload is not None:
            used = index
            break
        problems[index] = refused.detail if refused else ""
        refusal = refusal or refused
    if payload is None:
        raise refusal or CardRefused(Reason.PNG_NO_CARD, "This picture holds no character card.")
    _note_choice(found, used, problems, notes)
    payload.places = tuple(
        Place(t.keyword, t.chunk.kind.decode("latin-1"), t.chunk.offset, t.chunk.length, i == used, problems.get(i, ""))
        for i, t in enumerate(found)
    )
    return payload


def _try_chunk(
    text: png.TextChunk, notes: Notes, data: bytes, container: Container
) -> tuple[Payload | None, CardRefused | None]:
    if text.problem:
        reason = Reason.PNG_TRUNCATED if text.problem == "cut off" else Reason.PAYLOAD_BAD
        return None, CardRefused(reason, f"The picture's {text.keyword} chunk is unreadable: {text.problem}.")
    own = Notes()
    try:
        decoded = decode(text.value, own, in_chunk=True)
        payload = _payload(container, decoded, (), notes, picture=data)
    except CardRefused as refusal:
        return None, refusal
    for note in own:
        notes.add(note.code, note.detail)
    return payload, None


def _note_choice(found: list[png.TextChunk], used: int, problems: dict[int, str], notes: Notes) -> None:
    keywords = [t.keyword.lower() for t in found]
    for index in sorted(problems):
        notes.add("chunk_undecodable", f"The {found[index].keyword} chunk cannot be read; the next one was taken.")
    for keyword in sorted(set(keywords)):
        number = keywords.count(keyword)
        if number > 1:
            notes.add("duplicate_chunk", f"There are {number} {keyword} chunks; the first readable one counts.")
    if found[used].keyword not in _KEYWORDS:
        notes.add(
            "keyword_case", f"The chunk is called {found[used].keyword} instead of {found[used].keyword.lower()}."
        )
    if found[used].chunk.kind != b"tEXt":
        notes.add("compressed_chunk", f"The card lies in a {found[used].chunk.kind.decode('latin-1')} chunk.")


def _from_picture(data: bytes, notes: Notes) -> Payload:
    is_jpeg = data.startswith(b"\xff\xd8")
    if is_jpeg and archives.has_appended_zip(data):
        payload = archives.read_archive(data, notes, is_jpeg=True)
        payload.picture = payload.picture or data
        return payload
    container = Container.JPEG if is_jpeg else Container.WEBP
    in_exif = _from_exif(data, container, notes)
    if in_exif is None:
        raise CardRefused(Reason.PICTURE_NO_CARD, "This picture holds no character card.")
    return in_exif


def _from_exif(data: bytes, container: Container, notes: Notes) -> Payload | None:
    held = exif.comment(data)
    if held is None:
        return None
    raw, offset = held
    decoded = exif_cards.card_in(raw, notes)
    if decoded is None:
        return None
    place = Place("UserComment", "exif", offset, len(raw), is_used=True)
    return _payload(container, decoded, (place,), notes, picture=data)


def _from_yaml(data: bytes, notes: Notes) -> Payload:
    text, encoding = _decoded(data, notes)
    root = yamls.load(text)
    card, path = find_card(root, notes)
    if card is None:
        raise _no_card(root)
    wrapping = tuple(f"envelope:{key}" for key in path)
    place = Place("", "whole", 0, len(data), is_used=True)
    return Payload(Container.YAML, data, card, root, encoding, wrapping, (place,), notes)


def decode_text(data: bytes, notes: Notes) -> str:
    """Plain text of a typed file: UTF-8 or UTF-16 by its mark, else Windows-1252."""
    return _decoded(data, notes)[0]


def _decoded(data: bytes, notes: Notes) -> tuple[str, str]:
    """The text and its encoding."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        notes.add("not_utf8", "The text is not UTF-8; it was read as Windows-1252.")
        return data.decode("cp1252", "replace"), "cp1252"
