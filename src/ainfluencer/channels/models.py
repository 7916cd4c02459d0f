"""Tables: a connected account, and how far its incoming news has been read."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class ChannelState(StrEnum):
    """Whether a channel can be used."""

    CONNECTED = "connected"
    LOGIN_EXPIRED = "login_expired"  # the platform refused the sign-in for good: a person must reconnect
    PAUSED = "paused"  # a person stopped it
    DISCONNECTED = "disconnected"  # its secrets are gone; the row stays for what was published through it


class Channel(WorkspaceOwned, Base):
    """A connected account on one platform (PUB-001). Trouble is recorded; only a dead sign-in changes the state."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("workspace_id", "platform", "account_key"),)

    character_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("characters.id", ondelete="SET NULL"), index=True, default=None
    )
    platform: Mapped[str] = mapped_column(String(40))
    account_key: Mapped[str] = mapped_column(String(300))  # the same account connected again is the same row
    title: Mapped[str] = mapped_column(String(200))
    handle: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(Text, default="")
    remote_id: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[ChannelState] = mapped_column(String(16), default=ChannelState.CONNECTED)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secrets: Mapped[str] = mapped_column(Text, default="")  # encrypted JSON, or empty
    fresh_until: Mapped[datetime | None] = mapped_column(default=None)  # when refreshable secrets age out
    limits: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what the platform itself says; wins over the manifest
    posts_per_day: Mapped[int | None] = mapped_column(Integer, default=None)  # what a person wants at most
    spacing_minutes: Mapped[int | None] = mapped_column(Integer, default=None)  # and at least between two posts
    notes: Mapped[list[str]] = mapped_column(default=list)  # what the last check wants a person to know
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    succeeded_at: Mapped[datetime | None] = mapped_column(default=None)
    failed_at: Mapped[datetime | None] = mapped_column(default=None)
    problem: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the last failure: code, detail, next_step, until

    def __repr__(self) -> str:
        return f"Channel({self.id!r}, {self.platform!r}, {self.handle!r}, {self.state!r})"


class ChannelCursor(WorkspaceOwned, Base):
    """How far one kind of incoming news of a channel has been read."""

    __tablename__ = "channel_cursors"
    __table_args__ = (UniqueConstraint("channel_id", "kind"),)

    channel_id: Mapped[str] = mapped_column(String(26), ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(24), default="news")
    position: Mapped[str] = mapped_column(Text, default="")
