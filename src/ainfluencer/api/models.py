"""What was answered to a request that carried an Idempotency-Key."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class IdempotentRequest(WorkspaceOwned, Base):
    """One key of one caller. `status` is 0 while the request runs (or was cut off)."""

    __tablename__ = "api_idempotency"
    __table_args__ = (
        UniqueConstraint("workspace_id", "caller", "key"),
        Index("ix_api_idempotency_created_at", "created_at"),
    )

    caller: Mapped[str] = mapped_column(String(26))
    key: Mapped[str] = mapped_column(String(200))
    request: Mapped[str] = mapped_column(String(600))  # method, path and query
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer, default=0)
    content_type: Mapped[str] = mapped_column(String(100), default="")
    location: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")  # encrypted: it may hold a secret that is shown only once
