"""What was written and kept: a draft and its candidates. A person chooses and edits; nothing here is published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ainfluencer.db.base import Base, WorkspaceOwned


class Draft(WorkspaceOwned, Base):
    """One piece of writing for one brief."""

    __tablename__ = "drafts"

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    brief: Mapped[dict[str, Any]] = mapped_column(default=dict)
    maker: Mapped[str] = mapped_column(String(40), default="")
    notes: Mapped[list[str]] = mapped_column(default=list)
    chosen: Mapped[int | None] = mapped_column(Integer, default=None)
    candidates: Mapped[list[DraftCandidate]] = relationship(
        lazy="raise", order_by="DraftCandidate.position", cascade="all, delete-orphan", passive_deletes=True
    )


class DraftCandidate(WorkspaceOwned, Base):
    """One possible post of a draft, `position` 0 being the best."""

    __tablename__ = "draft_candidates"
    __table_args__ = (UniqueConstraint("draft_id", "position"),)

    draft_id: Mapped[str] = mapped_column(String(26), ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    caption: Mapped[str] = mapped_column(Text)
    hashtags: Mapped[list[str]] = mapped_column(default=list)
    alt_text: Mapped[str] = mapped_column(Text, default="")
    poster: Mapped[dict[str, Any]] = mapped_column(default=dict)
    score: Mapped[float] = mapped_column(Float, default=0.0)
    reasons: Mapped[list[str]] = mapped_column(default=list)
    source: Mapped[str] = mapped_column(Text, default="")
    needs_person: Mapped[str] = mapped_column(Text, default="")
    is_edited: Mapped[bool] = mapped_column(Boolean, default=False)
