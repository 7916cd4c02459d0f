"""Filters and page shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Filter(BaseModel):
    """What to list (LIB-002). Empty means any; every tag must match."""

    model_config = ConfigDict(frozen=True)

    q: str = Field("", max_length=120)
    character_id: str = ""
    kind: Literal["", "image", "video", "audio"] = ""
    category: Literal["", "post", "story", "reel", "short", "message"] = ""
    state: Literal["", "draft", "approved", "rejected"] = ""
    rating: Literal["", "unknown", "safe", "suggestive", "adult"] = ""
    min_score: float = Field(0.0, ge=0, le=1)
    favourite: bool = False
    tags: tuple[str, ...] = ()
    collection_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    sort: Literal["new", "old", "score"] = "new"


class AssetOut(BaseModel):
    """An asset as lists and the API show it."""

    id: str
    character_id: str | None
    run_id: str | None
    redrawn_from_id: str | None
    file_id: str
    kind: str
    category: str
    position: int
    title: str
    alt_text: str
    state: str
    rejection_reason: str
    rating: str
    score: float | None
    is_favourite: bool
    source_type: str
    maker: str
    mime: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    colour: str
    is_signed: bool
    times_used: int
    created_at: datetime
    tags: list[str] = []
    url: str
    thumbnail_url: str


class AssetPage(BaseModel):
    """One page of assets."""

    items: list[AssetOut]
    next_cursor: str | None


class Stats(BaseModel):
    """Counts of a workspace's assets (LIB-012)."""

    total: int
    by_kind: dict[str, int]
    by_state: dict[str, int]
    size_bytes: int
