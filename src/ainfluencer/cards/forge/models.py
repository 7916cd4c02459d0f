"""Tables of the forge: profiles, source files, and the steps that are kept so that a stopped job goes on where it was."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Float, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class ForgeConfig(WorkspaceOwned, Base):
    """A config profile of the workspace: which maker and model, and how it is asked. Prices are per million tokens."""

    __tablename__ = "forge_configs"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    maker: Mapped[str] = mapped_column(String(40), default="best")
    model: Mapped[str] = mapped_column(String(200), default="")
    temperature: Mapped[float] = mapped_column(Float, default=0.8)
    top_p: Mapped[float] = mapped_column(Float, default=0.95)
    max_tokens: Mapped[int] = mapped_column(Integer, default=8000)
    seed: Mapped[int | None] = mapped_column(Integer, default=None)
    timeout_seconds: Mapped[int] = mapped_column(Integer, default=3600)
    retries: Mapped[int] = mapped_column(Integer, default=2)
    input_price: Mapped[float | None] = mapped_column(Float, default=None)
    output_price: Mapped[float | None] = mapped_column(Float, default=None)
    rev: Mapped[int] = mapped_column(Integer, default=1)


class ForgePrompt(WorkspaceOwned, Base):
    """A prompt profile of the workspace. `prompts` by step; `history` holds the versions before, newest last."""

    __tablename__ = "forge_prompts"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    prompts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    history: Mapped[list[Any]] = mapped_column(default=list)


class ForgeSource(WorkspaceOwned, Base):
    """A source file. `is_temporary`: it came with one job, and goes when that job is done."""

    __tablename__ = "forge_sources"

    filename: Mapped[str] = mapped_column(String(255), default="")
    kind: Mapped[str] = mapped_column(String(8))  # text | card | picture
    title: Mapped[str] = mapped_column(String(200), default="")
    size_bytes: Mapped[int] = mapped_column(Integer)
    characters: Mapped[int] = mapped_column(Integer)
    words: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    is_temporary: Mapped[bool] = mapped_column(Boolean, default=False, index=True)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class ForgeStep(WorkspaceOwned, Base):
    """What one step of one piece of work handed back. `thread` is the work, kept when a job is tried again."""

    __tablename__ = "forge_steps"
    __table_args__ = (
        UniqueConstraint("workspace_id", "thread", "digest"),
        Index("ix_forge_steps_age", "workspace_id", "created_at"),
    )

    thread: Mapped[str] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    output: Mapped[dict[str, Any]] = mapped_column(default=dict)
    maker: Mapped[str] = mapped_column(String(40), default="")
    prompt_tokens: Mapped[int] = mapped_column(Integer, default=0)
    completion_tokens: Mapped[int] = mapped_column(Integer, default=0)
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
