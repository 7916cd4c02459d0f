"""A run is one generation with its recipe; an asset is one media item with its lineage."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned
from ainfluencer.studio import word_index


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AssetState(StrEnum):
    """Whether a person has accepted an asset."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"


class Rating(StrEnum):
    """What a picture shows, as the safety checks read it."""

    UNKNOWN = "unknown"
    SAFE = "safe"
    SUGGESTIVE = "suggestive"
    ADULT = "adult"


class Run(WorkspaceOwned, Base):
    """One generation. The recipe is plain JSON and enough to make it again."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_workspace_id_created_at", "workspace_id", "created_at"),)

    character_id: Mapped[str | None] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(16))  # poster | image
    recipe: Mapped[dict[str, Any]]
    maker: Mapped[str] = mapped_column(String(40), default="")  # asked for, then used
    state: Mapped[RunState] = mapped_column(String(16), default=RunState.QUEUED)
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)
    job_id: Mapped[str | None] = mapped_column(String(26), default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class Asset(WorkspaceOwned, Base):
    """One media item: the file, how it was made, what it shows, and whether it may be used (LIB-001)."""

    __tablename__ = "assets"
    __table_args__ = (
        # The order of every list; with the score, so that those below a limit are passed over without reading them.
        Index("ix_assets_listed", "workspace_id", "created_at", "id", "score"),
        Index("ix_assets_workspace_id_character_id_created_at", "workspace_id", "character_id", "created_at"),
        Index("ix_assets_workspace_id_state_created_at", "workspace_id", "state", "created_at"),
        Index("ix_assets_workspace_id_score_id", "workspace_id", "score", "id"),
        # Holds all that counting a library reads, so that the rows themselves are left alone.
        Index("ix_assets_counted", "workspace_id", "deleted_at", "kind", "state"),
    )

    character_id: Mapped[str | None] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    redrawn_from_id: Mapped[str | None] = mapped_column(
        ForeignKey("assets.id", ondelete="SET NULL"), index=True, default=None
    )  # the picture that this one was drawn in place of, with other words
    file_id: Mapped[str] = mapped_column(ForeignKey("media_files.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # image | video | audio
    category: Mapped[str] = mapped_column(String(16), default="post")  # post | story | reel | short | message
    position: Mapped[int] = mapped_column(Integer, default=0)  # page of a carousel
    title: Mapped[str] = mapped_column(String(200), default="")
    alt_text: Mapped[str] = mapped_column(Text, default="")
    source_type: Mapped[str] = mapped_column(String(48), default="algorithmicMedia")  # IPTC digital source type
    maker: Mapped[str] = mapped_column(String(40), default="")
    recipe: Mapped[dict[str, Any]] = mapped_column(default=dict)
    text_boxes: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[AssetState] = mapped_column(String(16), default=AssetState.DRAFT)
    rejection_reason: Mapped[str] = mapped_column(Text, default="")
    score: Mapped[float | None] = mapped_column(Float, default=None)
    rating: Mapped[Rating] = mapped_column(String(16), default=Rating.UNKNOWN)
    is_favourite: Mapped[bool] = mapped_column(Boolean, default=False)
    times_used: Mapped[int] = mapped_column(Integer, default=0)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)


word_index.attach(Asset.__table__)  # type: ignore[arg-type] # a declarative class's table is a Table
