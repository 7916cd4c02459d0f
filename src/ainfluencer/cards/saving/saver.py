"""The front door of saving: the file as it came and an edited card in, the new file out."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from ainfluencer.cards.converting import versions
from ainfluencer.cards.converting.losses import NAMESPACE
from ainfluencer.cards.editing import transport
from ainfluencer.cards.editing.document import Document
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.editing.fields import RANK
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import decoding, limits, png, yamls
from ainfluencer.cards.reading.shape import is_card
from ainfluencer.cards.reading.values import Container, Notes, Payload
from ainfluencer.cards.saving import archives
from ainfluencer.cards.saving import png as pictures
from ainfluencer.core.errors import InvalidInput

_NO_LETTER = re.compile(r"[\ud800-\udfff]")
READ_ONLY = {
    Container.WEBP: "a WebP picture",
    Container.JPEG: "a JPEG picture",
    Container.EXIF_PNG: "the EXIF of a picture",
    Container.BYAF: "a Backyard archive",
}


def save(data: bytes, payload: Payload, editor: CardEditor, notes: Notes) -> bytes:
    """The file with the editor's changes; an unedited card gives back `data` itself.

    `notes` takes what was mended on the way. Raises `InvalidInput` (code `read_only_container`) for containers that
    are only read, and `CardRefused` when the new text is larger than any reader accepts.
    """
    if not editor.is_changed:
        return data
    if payload.encoding == "utf-8" or payload.container is Container.JSON:
        text = editor.text()
    else:
        # A byte that is no letter would make all of it unreadable as UTF-8; the reader showed it as � before.
        text = _NO_LETTER.sub("\ufffd", editor.document.text).encode()
    if payload.container is Container.YAML:
        _check_yaml(text)
    return _put(data, payload, editor, text, notes, _wrapped)


def _check_yaml(text: bytes) -> None:
    """`InvalidInput` for the few values that ruamel writes and nobody can read, such as “: x” between braces."""
    try:
        yamls.load(text.decode("utf-8-sig", "replace"))
    except CardRefused:
        raise InvalidInput(
            "This value cannot be written into this YAML.", "Convert the card to JSON first.", code="value_invalid"
        ) from None


def rewritten(data: bytes, payload: Payload, editor: CardEditor, notes: Notes) -> bytes:
    """The file with its card written anew as every program wants it: strict JSON in UTF-8, one layer of base64 in a picture.

    Envelopes stay, for they hold more than the card.
    """
    document = editor.document
    text = document.strict() if isinstance(document, Document) else document.text
    return _put(data, payload, editor, _NO_LETTER.sub("\ufffd", text).encode(), notes, lambda plain, _: plain)


def _put(
    data: bytes,
    payload: Payload,
    editor: CardEditor,
    text: bytes,
    notes: Notes,
    wrap: Callable[[bytes, Payload], bytes],
) -> bytes:
    check_writable(payload.container)
    if len(text) > limits.MAX_PAYLOAD:
        raise CardRefused(Reason.TOO_LARGE, "The card's text would be too large to be read again.")
    if payload.container in {Container.PNG, Container.APNG}:
        return pictures.replaced(data, payload, _chunk_texts(data, payload, editor, text, notes), notes)
    if payload.container in {Container.CHARX, Container.JPEG_CHARX}:
        if "module.risum" in payload.members and "character_book" in editor.touched:
            notes.add(
                "risu_module_kept",
                "Risu reads the lorebook of module.risum, which is kept as it was; other programs read the new one.",
            )
        return archives.with_card(data, text)
    return wrap(text, payload)


def check_writable(container: Container) -> None:
    """`InvalidInput` for a container that is only read."""
    if container in READ_ONLY:
        raise InvalidInput(
            f"A card in {READ_ONLY[container]} cannot be changed in place.",
            "Convert it first: ainfluencer card convert IN OUT.png.",
            code="read_only_container",
        )


def _wrapped(text: bytes, payload: Payload) -> bytes:
    """The layers of a JSON file put back on, from the inside out."""
    for layer in reversed(payload.wrapping):
        if layer == "base64":
            text = base64.b64encode(text)
        elif layer == "json string":
            text = json.dumps(text.decode("utf-8", "surrogatepass")).encode()
    return text


def _chunk_texts(data: bytes, payload: Payload, editor: CardEditor, text: bytes, notes: Notes) -> dict[str, bytes]:
    """The texts by keyword: the one that was read, and the other keyword's copy brought into step where there is one."""
    used = next(place for place in payload.places if place.is_used)
    keyword = used.keyword.lower()
    texts = {keyword: text}
    found, _ = png.text_chunks(data, Notes(), keywords=frozenset({"chara", "ccv3"}))
    copies = [one for one in found if one.keyword.lower() != keyword]
    if copies:
        readable = next((made for one in copies if (made := _copy(one, editor)) is not None), None)
        if readable is None:
            notes.add("chunk_dropped", f"The unreadable {copies[0].keyword} chunk was left out.")
        else:
            texts[copies[0].keyword.lower()] = readable
    return texts


def _copy(chunk: png.TextChunk, editor: CardEditor) -> bytes | None:
    """The second copy of the card with the touched fields of the first; None when it cannot be read."""
    if chunk.problem:
        return None
    try:
        decoded = decoding.decode(chunk.value, Notes(), in_chunk=True)
    except CardRefused:
        return None
    stored = transport.taken(decoded.text, decoded.encoding)
    document = Document(stored.text, encoding="utf-8")
    if not isinstance(document.root, dict) or not is_card(document.root):
        return None
    _follow(document, editor)
    return _NO_LETTER.sub("\ufffd", document.text).encode()


def _follow(document: Document, editor: CardEditor) -> None:
    root: dict[str, Any] = document.root
    is_nested = isinstance(root.get("data"), dict)
    rank = versions.rank_of(root)
    data, touched = editor.data, list(editor.touched)
    if rank == 2 and editor.rank == 3:  # what V2 has no place for waits where a conversion lays it
        data = versions.converted(editor.card, 2)[0]["data"]
        touched += ["extensions"] if NAMESPACE in (document.get(("data", "extensions")) or {}) else []
    for name in dict.fromkeys(touched):
        path = ("data", name) if is_nested else (name,)
        if RANK[name] > rank and not document.has(path):
            continue
        if name in data:
            document.set(path, data[name])
        elif document.has(path):
            document.remove(path)
        if is_nested and name in root and name in data:
            document.set((name,), data[name])
