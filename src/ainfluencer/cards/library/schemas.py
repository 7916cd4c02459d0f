"""Filters, and the shapes in which the API and the pages tell of cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Sort = Literal["newest", "changed", "name", "score", "tokens", "creator"]


class Filter(BaseModel):
    """What to list. Empty means any; every tag must match. `character`: an id, `none` or `any`."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=200)
    tag: tuple[str, ...] = ()
    creator: str = Field("", max_length=200)
    spec: Literal["", "v1", "v2", "v3"] = ""
    container: str = Field("", max_length=16)
    rating: Literal["", "safe", "suggestive", "explicit"] = ""
    character: str = Field("", max_length=26)
    favourite: bool = False
    has_lorebook: bool | None = None
    min_score: int = Field(0, ge=0, le=100)
    max_tokens: int = Field(0, ge=0, description="Of what is always sent; 0 means any")
    sort: Sort = "newest"
    reverse: bool = False
    in_bin: bool = False


class CardOut(BaseModel):
    """A card as lists show it."""

    id: str
    name: str
    creator: str
    tags: list[str]
    own_tags: list[str]
    spec: str
    container: str
    filename: str
    size_bytes: int
    rating: str
    lorebook_entries: int
    greetings: int
    permanent_tokens: int
    worst_tokens: int
    score: int
    is_favourite: bool
    note: str
    version: int
    rev: int
    character_id: str | None
    picture_file_id: str | None
    picture_url: str
    thumbnail_url: str
    created_at: datetime
    changed_at: datetime
    deleted_at: datetime | None


class CardPage(BaseModel):
    """One page of cards."""

    items: list[CardOut]
    next_cursor: str | None


class AddedOut(BaseModel):
    """What became of a file: `outcome` is added, new_version or skipped (then `card` is the one that was there)."""

    outcome: str
    card: CardOut
    warnings: list[dict[str, str]]


class VersionOut(BaseModel):
    """One state of a card."""

    number: int
    reason: str
    fields: list[str]
    by: str
    container: str
    spec: str
    score: int
    created_at: datetime
    changed_at: datetime
    is_current: bool
    is_sealed: bool


class Count(BaseModel):
    """How many were changed."""

    count: int


class NamedCount(BaseModel):
    """A tag or creator, and how many cards have it."""

    name: str
    count: int


class Kin(BaseModel):
    """Another card that is the same or nearly: `how` is file, text, near_text or near_picture; `bits` differ of 64."""

    card: CardOut
    how: str
    bits: int = 0


class DuplicateGroup(BaseModel):
    """Cards that belong together, the oldest first."""

    how: str
    cards: list[CardOut]


class Edit(BaseModel):
    """Fields to change, named as `card set` names them. `rev` is the revision that the person saw."""

    rev: int
    set: dict[str, Any] = Field(default_factory=dict)
    typed: dict[str, str] = Field(default_factory=dict, description="As a person types them: what is no text, as JSON")
    remove: list[str] = Field(default_factory=list)


class Beside(BaseModel):
    """What stands beside a card and not in it; left out means unchanged."""

    is_favourite: bool | None = None
    note: str | None = Field(None, max_length=4000)
    own_tags: list[str] | None = Field(None, max_length=50)


class Fixes(BaseModel):
    """Codes of findings to mend; none means every one that has a safe fix."""

    rev: int
    codes: list[str] = Field(default_factory=list)


class Conversion(BaseModel):
    """What the card itself becomes: v1, v2, v3, json, png or charx."""

    rev: int
    to: Literal["v1", "v2", "v3", "json", "png", "charx"]
    allow_loss: bool = False


class Merging(BaseModel):
    """A merge. Each side is a version number of this card, the id of another card, or file:TOKEN of an uploaded one.

    An empty `base` is found by itself, “none” compares without one; an empty `ours` is the newest version. `choices` says by
    field whose value is taken (ours, theirs, both), `prefer` decides the other conflicts. `seen` is what GET answered as such.
    """

    rev: int
    theirs: str = Field(max_length=40)
    base: str = Field("", max_length=40)
    ours: str = Field("", max_length=40)
    prefer: Literal["", "ours", "theirs"] = ""
    choices: dict[str, Literal["ours", "theirs", "both"]] = Field(default_factory=dict, max_length=5000)
    seen: str = Field("", max_length=64)


class MergeOut(BaseModel):
    """What a merge would do: each difference with its sides, who changed it and whose value is taken."""

    base: str
    base_how: Literal["", "chosen", "same", "near", "before", "none"]
    seen: str
    rev: int
    decisions: list[dict[str, Any]]


class Restoration(BaseModel):
    """The revision that the person saw."""

    rev: int


AT_ONCE = 500
"""Cards that one request changes."""


class Bulk(BaseModel):
    """One thing done to many cards."""

    ids: list[str] = Field(min_length=1, max_length=AT_ONCE)
    action: Literal["favourite", "unfavourite", "tag", "untag", "delete", "restore", "erase"]
    tags: list[str] = Field(default_factory=list, max_length=20)


class Exporting(BaseModel):
    """Which cards to pack: ids, or everything that a filter finds; `to` as in a download, empty means as they are."""

    ids: list[str] = Field(default_factory=list, max_length=5000)
    filter: Filter | None = None
    to: Literal["", "v1", "v2", "v3", "json", "png", "charx", "yaml"] = ""
    allow_loss: bool = False


class JobStarted(BaseModel):
    """The job that does it."""

    job_id: str
    url: str
