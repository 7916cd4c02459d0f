"""Plain shapes: a source that was read, and the report of an import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Note
from ainfluencer.characters.schemas import CharacterDraft, CharacterOut

if TYPE_CHECKING:
    from ainfluencer.cards.understanding.identity import Evidence


@dataclass(frozen=True, slots=True)
class CardSource:
    """A card or brief that was read and understood; nothing is stored yet."""

    draft: CharacterDraft
    picture: bytes | None
    kind: str  # card | brief
    container: str  # png, json, charx ... or markdown, yaml for a brief
    spec: str  # v1 | v2 | v3, empty for a brief
    spec_version: str
    payload: bytes  # the card's text as it lay in its container
    encoding: str
    wrapping: tuple[str, ...]
    warnings: tuple[Note, ...]
    evidence: tuple[Evidence, ...]
    rating: str  # safe | suggestive | explicit
    data: bytes  # the whole file
    filename: str = ""
    card: Card | None = None

    @property
    def summary(self) -> dict[str, Any]:
        """Counts that a list of cards shows without opening the payload."""
        kinds = [m.kind.value for m in self.draft.material]
        counts = {kind: kinds.count(kind) for kind in ("quote", "fact", "lore", "greeting")}
        entries = len(self.card.book.entries) if self.card and self.card.book else 0
        creator = self.card.creator if self.card else ""
        return {
            "material": counts,
            "lorebook_entries": entries,
            "creator": creator[:200],
            "tags": list(self.draft.tags),
        }


class NoteOut(BaseModel):
    """Something odd about a file that did not stop the reading."""

    code: str
    detail: str


class EvidenceOut(BaseModel):
    """Why a field of the character has its value."""

    field: str
    value: str
    source: str
    words: str


class ImportReport(BaseModel):
    """What was read, how, and what was odd."""

    kind: str
    container: str
    spec: str
    spec_version: str
    filename: str
    rating: str
    summary: dict[str, Any]
    warnings: list[NoteOut]
    evidence: list[EvidenceOut]


class Imported(BaseModel):
    """The character that an import made, or found again (`reused`), with the report."""

    character: CharacterOut
    reused: bool
    card_id: str
    report: ImportReport
