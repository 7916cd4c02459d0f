"""Workspaces, the people in them, what lets them in, and the trail of what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ainfluencer.core.actor import Role
from ainfluencer.db.base import Base, Identified, Json, WorkspaceOwned


class Workspace(Identified, Base):
    """Everything of one team; nothing is visible across workspaces."""

    __tablename__ = "workspaces"

    name: Mapped[str] = mapped_column(String(80))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")


class User(Identified, Base):
    """A person who can sign in. The first owner exists before anybody came: `claimed_at` says when somebody did."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(80), default="")
    password_hash: Mapped[str] = mapped_column(Text, default="")  # empty: no sign-in by password
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_verified: Mapped[bool] = mapped_column(Boolean, default=False)
    claimed_at: Mapped[datetime | None] = mapped_column(default=None)
    last_seen_at: Mapped[datetime | None] = mapped_column(default=None)


class Membership(Identified, Base):
    """A user's role in one workspace."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    workspace_id: Mapped[str] = mapped_column(String(26), ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(String(26), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(String(16))

    user: Mapped[User] = relationship(lazy="raise")
    workspace: Mapped[Workspace] = relationship(lazy="raise")


class Session(Identified, Base):
    """Someone signed in, in one browser or program. Only the hash of the token is kept."""

    __tablename__ = "sessions"

    user_id: Mapped[str] = mapped_column(String(26), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[str] = mapped_column(String(26), ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_used_at: Mapped[datetime]
    is_local: Mapped[bool] = mapped_column(Boolean, default=False)  # opened without a password: this computer only
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")


class ApiKey(WorkspaceOwned, Base):
    """A program's way in, in the name of the person who made it: never more than that person may do."""

    __tablename__ = "api_keys"

    user_id: Mapped[str] = mapped_column(String(26), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(16))  # shown, so that a key can be told from another
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]  # of core.actor.Right
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)

    user: Mapped[User] = relationship(lazy="raise")


class LinkPurpose(StrEnum):
    """What a one-time link is good for."""

    FIRST_OWNER = "first_owner"
    SIGN_IN = "sign_in"
    INVITE = "invite"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    VERIFY_EMAIL = "verify_email"


class OneTimeLink(Identified, Base):
    """A link that works once and not for long. Only its hash is kept."""

    __tablename__ = "one_time_links"

    purpose: Mapped[LinkPurpose] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    workspace_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[str | None] = mapped_column(String(26), ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    role: Mapped[Role | None] = mapped_column(String(16), default=None)
    created_by: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class AuditEntry(WorkspaceOwned, Base):
    """One thing that somebody did. `created_at` is when. Never changed, never deleted by the product."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_page", "workspace_id", "created_at", "id"),
        Index("ix_audit_entries_subject", "workspace_id", "subject_kind", "subject_id"),
    )

    actor_id: Mapped[str | None] = mapped_column(String(26), ForeignKey("users.id", ondelete="SET NULL"), default=None)
    actor_name: Mapped[str] = mapped_column(String(80), default="")
    via: Mapped[str] = mapped_column(String(8), default="page")
    action: Mapped[str] = mapped_column(String(60))  # past tense: person.invited, post.approved
    subject_kind: Mapped[str] = mapped_column(String(40), default="")
    subject_id: Mapped[str] = mapped_column(String(64), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class WorkspaceSetting(WorkspaceOwned, Base):
    """One switch or preference that differs from its default."""

    __tablename__ = "workspace_settings"
    __table_args__ = (UniqueConstraint("workspace_id", "key"),)

    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[Any] = mapped_column(Json)
