"""Accounts, posts (a reply is a post), pictures, reactions and follows of one workspace's Stage."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class StageAccount(WorkspaceOwned, Base):
    """Somebody on the Stage: a character, a member of the simulated audience, or a visitor (a person of the workspace)."""

    __tablename__ = "stage_accounts"
    __table_args__ = (
        UniqueConstraint("workspace_id", "handle"),
        UniqueConstraint("workspace_id", "character_id"),
        Index("ix_stage_accounts_workspace_id_user_id", "workspace_id", "user_id", unique=True),
    )

    handle: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    bio: Mapped[str] = mapped_column(Text, default="")
    # No foreign key: to the Stage this is a remote name, and deleting a character leaves what was posted.
    character_id: Mapped[str | None] = mapped_column(String(26), default=None)
    user_id: Mapped[str | None] = mapped_column(String(26), default=None)  # visitors only: who plays the audience
    is_audience: Mapped[bool] = mapped_column(Boolean, default=False)
    temper: Mapped[dict[str, Any]] = mapped_column(default=dict)  # audience only: interests, warmth, talkativeness
    avatar_file_id: Mapped[str | None] = mapped_column(ForeignKey("media_files.id"), default=None)

    @property
    def kind(self) -> str:
        """character, audience or visitor."""
        return "audience" if self.is_audience else "visitor" if self.user_id else "character"


class StagePost(WorkspaceOwned, Base):
    """A post or a reply. `key` makes sending it again harmless."""

    __tablename__ = "stage_posts"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_stage_posts_workspace_id_root_id_created_at", "workspace_id", "root_id", "created_at"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("stage_accounts.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    ai_made: Mapped[bool] = mapped_column(Boolean, default=True)
    root_id: Mapped[str | None] = mapped_column(ForeignKey("stage_posts.id", ondelete="CASCADE"), default=None)
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("stage_posts.id", ondelete="CASCADE"), index=True, default=None
    )
    views: Mapped[int] = mapped_column(Integer, default=0)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)


class StageMedia(WorkspaceOwned, Base):
    """A picture that was uploaded; it belongs to a post once one names it."""

    __tablename__ = "stage_media"

    account_id: Mapped[str] = mapped_column(ForeignKey("stage_accounts.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("media_files.id"))
    alt_text: Mapped[str] = mapped_column(Text, default="")
    post_id: Mapped[str | None] = mapped_column(
        ForeignKey("stage_posts.id", ondelete="CASCADE"), index=True, default=None
    )
    position: Mapped[int] = mapped_column(Integer, default=0)


class StageReaction(WorkspaceOwned, Base):
    """A like or a repost."""

    __tablename__ = "stage_reactions"
    __table_args__ = (UniqueConstraint("post_id", "account_id", "kind"),)

    post_id: Mapped[str] = mapped_column(ForeignKey("stage_posts.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("stage_accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))  # like | repost


class StageFollow(WorkspaceOwned, Base):
    """One account follows another."""

    __tablename__ = "stage_follows"
    __table_args__ = (UniqueConstraint("follower_id", "followed_id"),)

    follower_id: Mapped[str] = mapped_column(ForeignKey("stage_accounts.id", ondelete="CASCADE"), index=True)
    followed_id: Mapped[str] = mapped_column(ForeignKey("stage_accounts.id", ondelete="CASCADE"), index=True)
