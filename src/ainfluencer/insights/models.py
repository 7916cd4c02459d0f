"""Samples are kept as they were read; the latest one of a delivery is what pages show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class Sample(WorkspaceOwned, Base):
    """Counters of one delivery at one moment. A platform that gives no such number leaves 0 there."""

    __tablename__ = "samples"
    __table_args__ = (
        Index("ix_samples_delivery_id_at", "delivery_id", "at"),
        Index("ix_samples_workspace_id_at", "workspace_id", "at"),
    )

    delivery_id: Mapped[str] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"))
    post_id: Mapped[str] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    character_id: Mapped[str] = mapped_column(String(26), index=True)
    at: Mapped[datetime]
    likes: Mapped[int] = mapped_column(Integer, default=0)
    replies: Mapped[int] = mapped_column(Integer, default=0)
    reposts: Mapped[int] = mapped_column(Integer, default=0)
    views: Mapped[int] = mapped_column(Integer, default=0)
    is_latest: Mapped[bool] = mapped_column(default=True, index=True)
