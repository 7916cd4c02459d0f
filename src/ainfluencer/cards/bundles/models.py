"""Tables of bundles: where offers come from, whose keys are known, and the bundles that lie open for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class CardBundleSource(WorkspaceOwned, Base):
    """A folder or an address that offers bundles, with what it offered when it was last looked at."""

    __tablename__ = "card_bundle_sources"
    __table_args__ = (UniqueConstraint("workspace_id", "address"),)

    address: Mapped[str] = mapped_column(String(600))
    offers: Mapped[list[Any]] = mapped_column(default=list)
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    problem: Mapped[str] = mapped_column(Text, default="")  # why the last look failed; the offers are older then
    added_by: Mapped[str] = mapped_column(String(200), default="")


class CardBundleKey(WorkspaceOwned, Base):
    """A key that a person of the workspace decided about: `state` is trusted or blocked."""

    __tablename__ = "card_bundle_keys"
    __table_args__ = (UniqueConstraint("workspace_id", "fingerprint"),)

    fingerprint: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[str] = mapped_column(String(8))
    added_by: Mapped[str] = mapped_column(String(200), default="")


class CardBundle(WorkspaceOwned, Base):
    """A bundle that was opened and checked; its file waits in the media store for a week. `contents`: what is in it."""

    __tablename__ = "card_bundles"

    name: Mapped[str] = mapped_column(String(120))
    filename: Mapped[str] = mapped_column(String(255), default="")
    origin: Mapped[str] = mapped_column(String(2000), default="")  # the address or path of the offer; empty: uploaded
    fingerprint: Mapped[str] = mapped_column(String(60))
    waiting: Mapped[str] = mapped_column(String(60))
    size_bytes: Mapped[int] = mapped_column(Integer)
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)
    contents: Mapped[list[Any]] = mapped_column(default=list)
