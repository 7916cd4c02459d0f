"""Tables: every card and brief that came in, as it came."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class CardRow(WorkspaceOwned, Base):
    """One imported file. Its bytes lie in the media store under `source_sha256`; `payload` is its text, verbatim."""

    __tablename__ = "cards"
    __table_args__ = (Index("ix_cards_workspace_id_source_sha256", "workspace_id", "source_sha256"),)

    character_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("characters.id", ondelete="SET NULL"), index=True, default=None
    )
    kind: Mapped[str] = mapped_column(String(8))  # card | brief
    filename: Mapped[str] = mapped_column(String(255), default="")
    name: Mapped[str] = mapped_column(Text, default="")
    container: Mapped[str] = mapped_column(String(16))
    spec: Mapped[str] = mapped_column(String(8), default="")
    spec_version: Mapped[str] = mapped_column(String(20), default="")
    source_sha256: Mapped[str] = mapped_column(String(64))
    source_mime: Mapped[str] = mapped_column(String(80))
    source_bytes: Mapped[int] = mapped_column(Integer)
    picture_file_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("media_files.id", ondelete="SET NULL"), default=None
    )
    payload: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    encoding: Mapped[str] = mapped_column(String(16), default="utf-8")
    wrapping: Mapped[list[str]] = mapped_column(default=list)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # {code, detail}
    evidence: Mapped[list[Any]] = mapped_column(default=list)  # {field, value, source, words}
    rating: Mapped[str] = mapped_column(String(16), default="")
