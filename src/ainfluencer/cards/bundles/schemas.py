"""Shapes in which pages, API and command line tell of bundles."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ainfluencer.cards.bundles import MOST_CARDS
from ainfluencer.cards.bundles.shapes import About, Offer
from ainfluencer.cards.library.keeping import OnSame

Trust = Literal["ours", "trusted", "unknown", "blocked"]
FINGERPRINT = r"^[0-9a-f]{4}(-[0-9a-f]{4}){5}$"


class OfferOut(Offer):
    """An offer, the source that makes it, and what is known of the key that it names."""

    source_id: str
    trust: Trust


class SourceIn(BaseModel):
    """A folder of the server, or the address of a bundles.json."""

    address: str = Field(min_length=1, max_length=600)


class SourceOut(BaseModel):
    """A source; `problem` says why it could not be read when it was last looked at."""

    id: str
    address: str
    kind: Literal["folder", "address"]
    offers: int
    checked_at: datetime | None
    problem: str
    added_by: str


class OfferIn(BaseModel):
    """Which offer of a source to open: its url as the list of offers says it."""

    url: str = Field(max_length=2000)


class KeyIn(BaseModel):
    """A decision about a key. A blocked key's bundles are refused."""

    fingerprint: str = Field(pattern=FINGERPRINT)
    label: str = Field("", max_length=120)
    state: Literal["trusted", "blocked"]


class KeyOut(BaseModel):
    """A key that somebody decided about."""

    id: str
    fingerprint: str
    label: str
    state: Literal["trusted", "blocked"]
    added_by: str
    created_at: datetime


class BundleCard(BaseModel):
    """One card of a bundle. `score` is None for those beyond the first hundred; `problem` says why it cannot come in."""

    number: int
    file: str
    name: str
    creator: str = ""
    spec: str = ""
    container: str = ""
    tags: list[str] = []
    rating: str = ""
    lorebook_entries: int = 0
    bytes: int = 0
    score: int | None = None
    has_picture: bool = False
    problem: str = ""


class BundleOut(BaseModel):
    """A bundle that was opened and checked; `until` is when its file is thrown away."""

    id: str
    name: str
    description: str
    author: str
    licence: str
    homepage: str
    made_at: str
    fingerprint: str
    trust: Trust
    warning: str
    filename: str
    origin: str
    size_bytes: int
    opened_at: datetime
    until: datetime
    cards: list[BundleCard]


Number = Annotated[int, Field(ge=1, le=MOST_CARDS)]


class Bringing(BaseModel):
    """Which cards of a bundle come into the library, by number; none means all. `trust` remembers its key as trusted.

    With a `likeness` (whose face the pictures show; `none` leaves them out), what is added becomes characters too.
    """

    numbers: list[Number] = Field(default_factory=list, max_length=MOST_CARDS)
    on_same: OnSame = OnSame.SKIP
    trust: bool = False
    likeness: Literal["", "synthetic", "own", "none"] = ""


class Packing(About):
    """Cards of the library, and characters, that go into a bundle together."""

    ids: list[str] = Field(default_factory=list, max_length=MOST_CARDS)
    character_ids: list[str] = Field(default_factory=list, max_length=MOST_CARDS)
