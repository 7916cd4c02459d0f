"""Looks at a card file once, with no database: what it is, what it says, how good it is, whether it may come in."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import opening
from ainfluencer.cards.library import fingerprints
from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Container, Notes
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput, PolicyRefused
from ainfluencer.db.session import database
from ainfluencer.media import storage
from ainfluencer.media.probe import Probe, probe

if TYPE_CHECKING:
    from ainfluencer.cards.understanding.safety import Verdict

MAX_WORDS = 20_000
"""Characters of a card by which it is found."""

_PICTURES = {
    **dict.fromkeys((Container.PNG, Container.APNG, Container.EXIF_PNG), "image/png"),
    Container.WEBP: "image/webp",
}
_SEARCHED = ("creator", "description", "personality", "scenario", "first_mes", "creator_notes", "character_version")


@dataclass(frozen=True, slots=True)
class Measured:
    """The columns of a card that follow from what it says."""

    name: str
    name_key: str
    creator: str
    creator_key: str
    tags: list[str]
    container: str
    spec: str
    spec_version: str
    summary: dict[str, Any]
    warnings: list[dict[str, str]]
    rating: str
    lorebook_entries: int
    greetings: int
    permanent_tokens: int
    worst_tokens: int
    score: int
    text_sha256: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may come into the library; nothing is stored yet. `words` are folded, for finding it."""

    opened: OpenCard
    filename: str
    sha256: str
    measured: Measured
    words: str
    picture: Probe | None  # of the payload's picture; None when there is none, or it does not decode

    @property
    def mime(self) -> str:
        """Under which kind the file lies in the media store: that of its picture where it is one itself."""
        return _PICTURES.get(self.opened.payload.container, "application/octet-stream") if self.picture else _PLAIN


_PLAIN = "application/octet-stream"


def examine(data: bytes, filename: str = "") -> Examined:
    """Read, judge, lint and fingerprint a card file. Takes tens of milliseconds: call it beside the event loop.

    Raises `CardRefused` with a stable reason, and `PolicyRefused` for a sexual card of somebody who reads as a minor.
    """
    from ainfluencer.cards.understanding import drafting

    opened = opening.open_card(data, filename)
    verdict = drafting.rated(opened.card, Notes())
    return Examined(
        opened,
        PurePath(filename).name[:255],
        storage.sha256(data),
        _measured(opened, verdict, filename),
        _words(opened.card),
        _probed(opened),
    )


async def examine_for(actor: Actor, data: bytes, filename: str = "") -> Examined:
    """`examine` beside the event loop; a refusal by policy is kept in the audit trail.

    Call it with no transaction open: the record has one of its own, since that of a request is rolled back.
    """
    try:
        return await asyncio.to_thread(examine, data, filename)
    except PolicyRefused as refusal:
        await record_refusal(actor, refusal, data, filename)
        raise


async def record_refusal(actor: Actor, refusal: PolicyRefused, data: bytes, filename: str) -> None:
    """Keep which file was refused; its words are not kept: code, size and fingerprint say which it was."""
    async with database().writing() as session:
        accounts.record(
            session,
            actor,
            "card.refused",
            subject=("card", storage.sha256(data)),
            code=refusal.reason,
            filename=Path(filename).name[:255],
            size_bytes=len(data),
        )


def _measured(opened: OpenCard, verdict: Verdict, filename: str) -> Measured:
    card, report = opened.card, linter.lint(opened)
    name = (card.name or _from_stem(filename))[:400]
    entries = card.book.entries if card.book else ()
    alternate = len(card.alternate_greetings) + len(card.group_only_greetings)
    return Measured(
        name=name,
        name_key=fingerprints.key(name),
        creator=card.creator.strip()[:200],
        creator_key=fingerprints.key(card.creator),
        tags=list(dict.fromkeys(tag.strip()[:60] for tag in card.tags if tag.strip()))[:50],
        container=opened.payload.container.value,
        spec=card.spec,
        spec_version=card.spec_version[:20],
        summary={"lorebook_entries": len(entries), "creator": card.creator[:200], "why_rated": list(verdict.evidence)},
        warnings=opening.told(opened.payload.notes)[:200],
        rating=verdict.rating.value,
        lorebook_entries=len(entries),
        greetings=alternate + bool(card.first_mes.strip()),
        permanent_tokens=report.budget.permanent,
        worst_tokens=report.budget.worst,
        score=report.score,
        text_sha256=fingerprints.text_sha256(card),
        fingerprint=fingerprints.simhash(card),
    )


def _from_stem(filename: str) -> str:
    stem = re.sub(r"[_-]+|\.card$", " ", PurePath(filename).stem).strip()[:100]
    return stem or "Unnamed character"


def _words(card: Card) -> str:
    told = [card.name, card.nickname, " ".join(card.tags), *(getattr(card, name) for name in _SEARCHED)]
    told += [entry.name or entry.comment for entry in card.book.entries[:500]] if card.book else []
    # NUL ends a text in PostgreSQL; broken halves of characters are refused by both databases.
    plain = " ".join(told)[:MAX_WORDS].replace("\0", " ").encode("utf-8", "replace").decode()
    return " ".join(fingerprints.folded(plain).split())[:MAX_WORDS]


def _probed(opened: OpenCard) -> Probe | None:
    if opened.payload.picture is None:
        return None
    try:
        return probe(opened.payload.picture)
    except InvalidInput:
        return None
