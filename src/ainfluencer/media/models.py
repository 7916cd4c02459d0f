"""One row for each distinct content in a workspace."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class MediaFile(WorkspaceOwned, Base):
    """A stored file. Its bytes lie under their own sha256; the row says what they are."""

    __tablename__ = "media_files"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index("ix_media_files_workspace_id_size_bytes", "workspace_id", "size_bytes"),
    )

    sha256: Mapped[str] = mapped_column(String(64), index=True)
    mime: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))  # image | video | audio | other
    name: Mapped[str] = mapped_column(String(200), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int] = mapped_column(Integer, default=0)
    height: Mapped[int] = mapped_column(Integer, default=0)
    duration_seconds: Mapped[float] = mapped_column(Float, default=0.0)
    phash: Mapped[str] = mapped_column(String(16), default="")
    colour: Mapped[str] = mapped_column(String(7), default="")  # mean colour, shown until the picture has loaded
    is_signed: Mapped[bool] = mapped_column(Boolean, default=False)  # carries a C2PA manifest
