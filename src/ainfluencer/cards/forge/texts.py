"""Source files as plain text: text and Markdown as they are, JSON read as words, cards as their fields, books unpacked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from ainfluencer.cards import opening
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.forge import packed
from ainfluencer.cards.reading import archives, reader
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.storing import storable
from ainfluencer.core.errors import InvalidInput
from ainfluencer.media import probe
from ainfluencer.writing import dialogue, roleplay

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 8_000_000
_TEXT = frozenset({".txt", ".md", ".markdown", ".text", ""})
_CARDS = frozenset({".png", ".apng", ".charx", ".byaf", ".webp", ".jpg", ".jpeg", ".yaml", ".yml"})
KNOWN = "Use text or Markdown, JSON, DOCX, EPUB, HTML, a character card, or a picture (PNG, JPEG or WebP)."
_CHAR = re.compile(r"\{\{char\}\}|<BOT>|<CHAR>", re.IGNORECASE)
_NAMES = frozenset({"name", "full name", "first name", "last name", "surname", "nickname", "nicknames", "aliases"})
_SHOWN = frozenset({"PNG", "JPEG", "WEBP"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read. `card` is there when it holds a character card; only a picture has no `text`."""

    text: str
    kind: str  # text | card | picture
    title: str
    card: Card | None = None
    notes: tuple[str, ...] = field(default=())


def read(data: bytes, filename: str = "") -> Source:
    """The text of a source file. Raises `InvalidInput` with what can be used, `CardRefused` for a damaged card."""
    if len(data) > MAX_BYTES:
        raise InvalidInput(
            f"A source file may have {MAX_BYTES // 1_000_000} MB.", "Cut it into several files.", field="files"
        )
    name = PurePath(filename).name
    suffix = PurePath(name).suffix.lower()
    found = _read(data, name, suffix)
    found = replace(found, text=storable(found.text), title=storable(found.title))
    if found.kind != "picture" and not re.search(r"\w", found.text):
        raise InvalidInput(f"There are no words in {name or 'the source'}.", KNOWN, field="files", code="source_empty")
    return found


def _read(data: bytes, name: str, suffix: str) -> Source:
    if suffix in {".docx", ".epub", ".odt"} or (data.startswith(b"PK\x03\x04") and suffix != ".charx"):
        return _zipped(data, name, suffix)
    if suffix in _CARDS or reader.is_picture(data):
        return _card(data, name)
    if suffix == ".json":
        return _json(data, name)
    text = decode(data, name)
    if suffix in {".html", ".htm", ".xhtml"}:
        return _source(packed.words_of(text), name)
    if suffix not in _TEXT and "\0" in text:
        raise InvalidInput(f"{name} is not a file of words.", KNOWN, field="files", code="source_kind")
    return _source(text, name)


def decode(data: bytes, name: str) -> str:
    """Text in UTF-8 or UTF-16, else as Western European; `InvalidInput` for what is no text at all."""
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if b"\0" in data[:10_000] or data.startswith(b"%PDF"):
        raise InvalidInput(f"{name or 'The source'} is not a text.", KNOWN, field="files", code="source_kind")
    return data.decode("cp1252", "replace")


def _source(text: str, name: str, notes: tuple[str, ...] = ()) -> Source:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            f"{name or 'The source'} has {len(text):,} characters; {MAX_CHARACTERS:,} are read.",
            "Cut it into several files.",
            field="files",
        )
    return Source(text, "text", PurePath(name).stem or "Text", notes=notes)


def _card(data: bytes, name: str) -> Source:
    try:
        card = opening.open_card(data, name).card
    except CardRefused as refusal:
        if reader.is_picture(data) and refusal.reason in {"png_no_card", "picture_no_card"}:
            return _picture(data, name)
        raise
    return Source(card_text(card), "card", card.name or PurePath(name).stem, card=card)


def _picture(data: bytes, name: str) -> Source:
    """A picture without a card: a model that sees will say what it shows. `InvalidInput` for one that cannot be opened."""
    if probe.open_image(data).format not in _SHOWN:
        raise InvalidInput(f"{name} is a picture of a kind that no model is shown.", "Use PNG, JPEG or WebP.", field="files")  # fmt: skip
    return Source("", "picture", PurePath(name).stem or "Picture")


def unseen(name: str) -> InvalidInput:
    """The refusal of a picture that nobody can look at."""
    return InvalidInput(
        f"{name or 'The source'} is a picture without a card in it, and no connected maker looks at pictures.",
        "Connect a model that sees: one of Ollama's vision models, or an OpenAI-compatible server with “This model sees pictures”"
        " ticked. Or describe in words what the picture shows.",
        code="picture_unseen",
        field="files",
    )


def card_text(card: Card) -> str:
    """The words of a card as notes about its character, in the order in which people read them.

    Lists of attributes and dialogue, which card writers also keep in the description and in lore (W++, PList, Ali:Chat),
    become lines with a label, as they are no sentences. A description of a story's length is prose as it is.
    """
    from ainfluencer.cards.understanding import material, prose

    found = material.read(card)
    description, personality = found.description, found.personality
    listed = [(label.capitalize(), ", ".join(values)) for label, values in found.attributes.values.items()]
    if len(card.description) >= prose.CONSIDERED:
        description, personality, listed = card.description, card.personality, []
    examples, _ = _spoken(card.mes_example, card, found.own, is_dialogue=True)
    entries = [_spoken(entry.content, card, found.own) for entry in card.book.entries] if card.book else []
    within, _ = _spoken(roleplay.plain_markup(card.description), card, found.own)
    labelled = [("Name", card.name), *((label, text) for label, text in listed if label.lower() not in _NAMES)]
    labelled += [("Personality", personality), ("Scenario", card.scenario), ("Greeting", card.first_mes)]
    labelled += [("Opening", text) for text in card.alternate_greetings]
    labelled += [*within, *examples, *(line for lines, _ in entries for line in lines)]
    labelled += [("Lore", rest) for _, rest in entries]
    told = [f"{label}: {' '.join(text.split())}" for label, text in labelled if text.strip()]
    parts = [*told[:1], description, *told[1:]] if card.name.strip() else [description, *told]
    words = "\n\n".join(part for part in parts if part.strip())
    return _CHAR.sub(lambda _: card.name, words) if card.name.strip() else words


def _spoken(
    text: str, card: Card, own: frozenset[str], *, is_dialogue: bool = False
) -> tuple[list[tuple[str, str]], str]:
    """What the character says and does in a text, behind what was said to them, as labelled lines; and what is left."""
    from ainfluencer.cards.understanding import prose

    turns, rest = dialogue.split(prose.with_name(text, card.called), own, is_dialogue=is_dialogue)
    lines: list[tuple[str, str]] = []
    asked = ""
    for turn in turns:
        if turn.speaker is dialogue.Speaker.OWN:
            lines += [("Asked", asked)] if asked else []
            lines.append(("Says", turn.text))
        asked = turn.text.strip(' "“”') if turn.speaker is dialogue.Speaker.USER else ""
    return lines, rest


def _json(data: bytes, name: str) -> Source:
    try:
        return _card(data, name)
    except CardRefused:
        pass
    try:
        found = json.loads(decode(data, name))
    except (ValueError, RecursionError):
        raise InvalidInput(
            f"{name} is not valid JSON.", "Save it again, or send it as text.", field="files", code="json_invalid"
        ) from None
    return _source("\n".join(_strings(found)), name, ("Read as words: it is JSON, but not a character card.",))


def _strings(value: Any, depth: int = 0) -> list[str]:
    if depth > 30:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        lines: list[str] = []
        for key, one in value.items():
            lines += [f"{key}: {one}"] if isinstance(one, str | int | float) else _strings(one, depth + 1)
        return lines
    return [line for one in value for line in _strings(one, depth + 1)] if isinstance(value, list) else []


def _zipped(data: bytes, name: str, suffix: str) -> Source:
    """The words of a DOCX, ODT or EPUB; any other archive may be a card."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            words = packed.words_in(archive, name)
    except archives.DAMAGED:
        raise InvalidInput(
            f"{name} is damaged or locked.", "Save it again without a password.", field="files"
        ) from None
    if words is not None:
        return _source(words, name)
    if suffix in {".docx", ".epub", ".odt"}:
        raise InvalidInput(f"{name} is not a {suffix[1:].upper()} file.", KNOWN, field="files", code="source_kind")
    return _card(data, name)
