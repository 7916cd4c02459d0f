"""What the checks found, one row a check and asset."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class Score(WorkspaceOwned, Base):
    """One check of one asset: the measured value, the limit it was held against, the verdict in words."""

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("asset_id", "check"),)

    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    check: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(8))  # pass | warn | fail
    value: Mapped[float] = mapped_column(Float)
    limit: Mapped[float] = mapped_column(Float)
    message: Mapped[str] = mapped_column(Text)
