"""A conversation is one author under one of our posts; messages run both ways; reactions are counted, not answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.core.ids import new_id
from ainfluencer.db.base import Base, WorkspaceOwned


class ConversationState(StrEnum):
    """Whether somebody should still look."""

    OPEN = "open"
    DONE = "done"


class MessageState(StrEnum):
    """Where a message of ours stands; what came in is always RECEIVED."""

    RECEIVED = "received"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    NEEDS_PERSON = "needs_person"


class Conversation(WorkspaceOwned, Base):
    """Somebody talks to a character."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("channel_id", "thread_key"),
        Index("ix_conversations_workspace_id_state_last_at", "workspace_id", "state", "last_at"),
    )

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    character_id: Mapped[str | None] = mapped_column(ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), index=True, default=None)
    thread_key: Mapped[str] = mapped_column(String(300))  # their author id and our post over there
    author_id: Mapped[str] = mapped_column(String(300))
    author: Mapped[str] = mapped_column(String(200))
    state: Mapped[ConversationState] = mapped_column(String(8), default=ConversationState.OPEN)
    unread: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime]
    last_text: Mapped[str] = mapped_column(String(300), default="")
    mood: Mapped[float] = mapped_column(Float, default=0.0)  # of their last message, -1 angry .. 1 happy


class Message(WorkspaceOwned, Base):
    """One message, theirs or ours."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "remote_id"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    remote_id: Mapped[str] = mapped_column(String(300), default=new_id)  # ours until the platform gives its own
    is_ours: Mapped[bool] = mapped_column(default=False)
    author: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    url: Mapped[str] = mapped_column(Text, default="")
    mood: Mapped[float] = mapped_column(Float, default=0.0)
    state: Mapped[MessageState] = mapped_column(String(16), default=MessageState.RECEIVED)
    idempotency_key: Mapped[str] = mapped_column(String(26), default=new_id)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Reaction(WorkspaceOwned, Base):
    """A like, repost or follow: shown in the stream, never answered by a machine."""

    __tablename__ = "reactions"
    __table_args__ = (
        UniqueConstraint("channel_id", "remote_id"),
        Index("ix_reactions_workspace_id_at", "workspace_id", "at"),
    )

    channel_id: Mapped[str] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"), default=None)
    remote_id: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
