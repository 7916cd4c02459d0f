"""Reads any card or brief into a source: what it says, the character draft of it, and everything kept that came."""

from __future__ import annotations

import re
from pathlib import PurePath

from ainfluencer.cards import briefs, opening
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.library import character_words
from ainfluencer.cards.reading import limits, reader
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Notes, Payload
from ainfluencer.cards.schemas import CardSource

MAX_BRIEF = 1_000_000
_BASE64_FILE = re.compile(rb"\s*[A-Za-z0-9+/_-]{120,}[A-Za-z0-9+/_=\s-]*\Z")
# A file of these kinds is a card or nothing: taken for a brief, it would be refused for the wrong reason.
_NEVER_A_BRIEF = frozenset(
    {".json", ".png", ".apng", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".charx", ".byaf", ".zip", ".htm", ".html"}
)


def read_source(data: bytes, filename: str = "") -> CardSource:
    """Any card or brief as a character draft, with everything kept that came. Pure and safe for hostile files.

    Raises `CardRefused` with a stable reason, `InvalidInput` for a brief that cannot be meant, and `PolicyRefused` for
    a sexual card of somebody who reads as a minor.
    """
    if _is_card_file(data, filename):
        return _from_card(data, filename)
    return _from_brief(data, filename)


def _is_card_file(data: bytes, filename: str) -> bool:
    """Whether the bytes must be a card (or nothing); otherwise they are a typed brief."""
    if reader.is_picture(data) or len(data) > limits.MAX_FILE:
        return True
    if PurePath(filename).suffix.lower() in _NEVER_A_BRIEF and data.strip():
        return True
    head = data[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:1] in {b"{", b"[", b'"'} or head.startswith((b"\x00{", b"\x00[")):
        return not head.startswith(b"[") or b'"' in head or b"{" in head
    if _BASE64_FILE.match(data):
        return True
    is_text = not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return (is_text and (b"\0" in data or data.startswith(b"%PDF"))) or opening.is_yaml_card(data)


def _from_card(data: bytes, filename: str) -> CardSource:
    from ainfluencer.cards.understanding import drafting
    from ainfluencer.cards.understanding.safety import Rating

    opened = opening.open_card(data, filename)
    payload, card = opened.payload, opened.card
    understood = drafting.understand(card, payload.notes, _origin(payload, card))
    is_adult = understood.verdict.rating is Rating.EXPLICIT  # its words stay in the card
    draft = understood.draft if is_adult else character_words.overlaid(understood.draft, card)
    if not draft.name.strip():
        stem = re.sub(r"[_-]+|\.card$", " ", PurePath(filename).stem).strip()[:100]
        draft = draft.model_copy(update={"name": stem or "Unnamed character"})
    return CardSource(
        draft=draft,
        picture=payload.picture,
        kind="card",
        container=payload.container.value,
        spec=card.spec,
        spec_version=card.spec_version,
        payload=payload.text,
        encoding=payload.encoding,
        wrapping=payload.wrapping,
        warnings=tuple(payload.notes),
        evidence=understood.evidence,
        rating=understood.verdict.rating.value,
        data=data,
        filename=filename,
        card=card,
    )


def _origin(payload: Payload, card: Card) -> str:
    return f"card {card.spec.upper()} ({payload.container.value.upper()})"


def _from_brief(data: bytes, filename: str) -> CardSource:
    from ainfluencer.cards.understanding import drafting, from_brief

    if len(data) > MAX_BRIEF:
        raise CardRefused(
            Reason.TOO_LARGE, f"A brief may have {MAX_BRIEF // 1_000_000} MB of text.", "Send a short brief, or a card."
        )
    notes = Notes()
    text = reader.decode_text(data, notes)
    fields = briefs.parse(text)
    layout = "yaml" if PurePath(filename).suffix.lower() in {".yaml", ".yml"} else "markdown"
    draft, evidence = from_brief.draft_of(fields, f"brief ({'YAML' if layout == 'yaml' else 'text'})")
    verdict = drafting.judged([text], draft.tags, draft.age, "brief")
    return CardSource(
        draft=draft,
        picture=None,
        kind="brief",
        container=layout,
        spec="",
        spec_version="",
        payload=data,
        encoding="utf-8",
        wrapping=(),
        warnings=tuple(notes),
        evidence=evidence,
        rating=verdict.rating.value,
        data=data,
        filename=filename,
    )
