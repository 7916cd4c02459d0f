"""Posts, what each channel gets, who approved what, and the ledger of what was sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.core import clock
from ainfluencer.core.ids import new_id
from ainfluencer.db.base import Base, Json, WorkspaceOwned
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.post_states import PostState


class Decision(StrEnum):
    """What a reviewer said."""

    APPROVED = "approved"
    REJECTED = "rejected"


class AttemptOutcome(StrEnum):
    """What became of one attempt, as far as we know."""

    BEGUN = "begun"  # written before the call; still here after a crash
    PUBLISHED = "published"
    PENDING = "pending"
    REFUSED = "refused"  # the platform has nothing of it
    UNKNOWN = "unknown"
    NOT_THERE = "not_there"  # asked afterwards: the platform has nothing of it


class Post(WorkspaceOwned, Base):
    """What a character says, before it is cut for each channel."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_listing", "workspace_id", "created_at", "id"),
        Index("ix_posts_by_state", "workspace_id", "state", "created_at"),
        Index("ix_posts_by_due", "workspace_id", "due_at"),
        Index("ix_posts_by_character", "workspace_id", "character_id", "created_at"),
    )

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"))
    caption: Mapped[str] = mapped_column(Text, default="")
    hashtags: Mapped[list[str]] = mapped_column(default=list)  # without the #
    language: Mapped[str] = mapped_column(String(20), default="en")
    state: Mapped[PostState] = mapped_column(String(20), default=PostState.IN_REVIEW)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    slot_label: Mapped[str] = mapped_column(String(120), default="")
    candidates_id: Mapped[str] = mapped_column(String(40), default="")
    drawing_job_id: Mapped[str] = mapped_column(String(26), default="")  # set until its picture has its present words
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    created_by: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")  # a reviewer's reason; never published
    problem: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # what a person should look at: code, detail, next_step
    unlabelled_reason: Mapped[str] = mapped_column(Text, default="")  # why an owner switched the caption line off
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawn_at: Mapped[datetime | None] = mapped_column(default=None)
    withdrawal_reason: Mapped[str] = mapped_column(Text, default="")


class PostAsset(Base):
    """A picture of a post, at its place."""

    __tablename__ = "post_assets"

    post_id: Mapped[str] = mapped_column(String(26), ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    asset_id: Mapped[str] = mapped_column(String(26), ForeignKey("assets.id"), index=True)
    alt_text: Mapped[str] = mapped_column(Text, default="")  # empty: the asset's own


class Variant(WorkspaceOwned, Base):
    """A post as one channel gets it. An empty `text` means the post's caption, `hashtags` None the post's hashtags.

    What was cut to fit the channel by itself `is_adapted`: it follows the post's words; what a person wrote stays.
    """

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("post_id", "channel_id"),)

    post_id: Mapped[str] = mapped_column(String(26), ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    channel_id: Mapped[str] = mapped_column(String(26), ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    hashtags: Mapped[list[str] | None] = mapped_column(Json, default=None)
    is_adapted: Mapped[bool] = mapped_column(Boolean, default=False)


class Approval(WorkspaceOwned, Base):
    """A reviewer's decision about exactly this content; an edit makes another content."""

    __tablename__ = "approvals"

    post_id: Mapped[str] = mapped_column(String(26), ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    decision: Mapped[Decision] = mapped_column(String(10))
    by_id: Mapped[str] = mapped_column(String(80), default="")
    by_name: Mapped[str] = mapped_column(String(80), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    is_void: Mapped[bool] = mapped_column(Boolean, default=False)


class Delivery(WorkspaceOwned, Base):
    """One variant to one channel, at its time, once. `rev` rises when a person moves it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_open", "state", "due_at"),
        Index("ix_deliveries_published", "published_at"),
        Index("ix_deliveries_by_channel", "channel_id", "state", "due_at"),
        Index("ix_deliveries_remote", "channel_id", "remote_id"),
    )

    post_id: Mapped[str] = mapped_column(String(26), ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    variant_id: Mapped[str] = mapped_column(String(26), ForeignKey("variants.id", ondelete="CASCADE"), unique=True)
    channel_id: Mapped[str] = mapped_column(String(26), ForeignKey("channels.id", ondelete="CASCADE"))
    platform: Mapped[str] = mapped_column(String(40))
    state: Mapped[DeliveryState] = mapped_column(String(16), default=DeliveryState.SCHEDULED)
    due_at: Mapped[datetime]
    rev: Mapped[int] = mapped_column(Integer, default=1)
    job_id: Mapped[str] = mapped_column(String(26), default="")

    idempotency_key: Mapped[str] = mapped_column(String(64), default=new_id)
    attempt: Mapped[int] = mapped_column(Integer, default=0)  # calls begun
    failures: Mapped[int] = mapped_column(Integer, default=0)  # calls that certainly did nothing, in a row
    settles: Mapped[int] = mapped_column(Integer, default=0)  # times that we asked what became of the last call
    started_at: Mapped[datetime | None] = mapped_column(default=None)  # of the first call; the same at every attempt
    sent_at: Mapped[datetime | None] = mapped_column(default=None)  # of the latest call
    token: Mapped[str] = mapped_column(Text, default="")

    remote_id: Mapped[str] = mapped_column(String(500), default="")
    remote_url: Mapped[str] = mapped_column(Text, default="")
    last_error: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    is_unknown: Mapped[bool] = mapped_column(Boolean, default=False)  # a person must say whether it is there
    still_live: Mapped[str] = mapped_column(Text, default="")  # why a withdrawn post is still there


class Attempt(WorkspaceOwned, Base):
    """The ledger: one row for each call, written before it is made."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    delivery_id: Mapped[str] = mapped_column(String(26), ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    worker: Mapped[str] = mapped_column(String(120), default="")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    outcome: Mapped[AttemptOutcome] = mapped_column(String(12), default=AttemptOutcome.BEGUN)
    error: Mapped[dict[str, Any] | None] = mapped_column(Json, default=None)
    remote_id: Mapped[str] = mapped_column(String(500), default="")


class Receipt(WorkspaceOwned, Base):
    """What was published where, and how its origin was declared. Kept when the post is withdrawn."""

    __tablename__ = "receipts"

    post_id: Mapped[str] = mapped_column(String(26), ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    delivery_id: Mapped[str] = mapped_column(String(26), ForeignKey("deliveries.id", ondelete="CASCADE"), unique=True)
    channel_id: Mapped[str] = mapped_column(String(26), index=True)
    platform: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    media: Mapped[list[Any]] = mapped_column(default=list)  # sha256, mime, alt_text, source_type, is_signed
    declared: Mapped[dict[str, Any]] = mapped_column(default=dict)
    content_hash: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str] = mapped_column(String(80), default="")
    idempotency_key: Mapped[str] = mapped_column(String(64))
    remote_id: Mapped[str] = mapped_column(String(500), default="")
    remote_url: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]
