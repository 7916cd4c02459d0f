"""Tables: a character with one persona and one look, the words that came with it, and consent for its likeness."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ainfluencer.characters.schemas import ConsentKind, MaterialKind, Status
from ainfluencer.core import clock
from ainfluencer.db.base import Base, Identified, WorkspaceOwned


class Character(WorkspaceOwned, Base):
    """Somebody invented who can be written, pictured and published (CHR-001)."""

    __tablename__ = "characters"
    __table_args__ = (
        UniqueConstraint("workspace_id", "handle"),
        Index("ix_characters_workspace_id_status_id", "workspace_id", "status", "id"),
    )

    name: Mapped[str] = mapped_column(String(400))
    handle: Mapped[str] = mapped_column(String(40))
    bio: Mapped[str] = mapped_column(Text, default="")
    age: Mapped[int | None] = mapped_column(Integer, default=None)
    location: Mapped[str] = mapped_column(String(200), default="")
    gender: Mapped[str] = mapped_column(String(40), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    interests: Mapped[list[str]] = mapped_column(default=list)
    boundaries: Mapped[list[str]] = mapped_column(default=list)
    tags: Mapped[list[str]] = mapped_column(default=list)
    greeting: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    scenario: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(120), default="")
    warnings: Mapped[list[str]] = mapped_column(default=list)
    picture_file_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("media_files.id", ondelete="SET NULL"), default=None
    )
    status: Mapped[Status] = mapped_column(String(16), default=Status.ACTIVE)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    problem: Mapped[str] = mapped_column(Text, default="")  # why the status is error
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    # Folded name, handle, bio, place and tags: SQLite's LIKE ignores case for ASCII letters only.
    search_text: Mapped[str] = mapped_column(Text, default="")

    persona: Mapped[PersonaRow] = relationship(back_populates="character", lazy="raise", cascade="all, delete-orphan")
    look: Mapped[LookRow] = relationship(back_populates="character", lazy="raise", cascade="all, delete-orphan")


class PersonaRow(Identified, Base):
    """How one character speaks (PER-001)."""

    __tablename__ = "personas"

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"), unique=True)
    extroversion: Mapped[float] = mapped_column(Float, default=0.5)
    creativity: Mapped[float] = mapped_column(Float, default=0.5)
    humor: Mapped[float] = mapped_column(Float, default=0.5)
    professionalism: Mapped[float] = mapped_column(Float, default=0.5)
    authenticity: Mapped[float] = mapped_column(Float, default=0.5)
    communication_style: Mapped[str] = mapped_column(Text, default="")
    content_tone: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(35), default="en")
    prompt: Mapped[str] = mapped_column(Text, default="")
    temperature: Mapped[float] = mapped_column(Float, default=0.8)

    character: Mapped[Character] = relationship(back_populates="persona", lazy="raise")


class LookRow(Identified, Base):
    """What one character looks like (APP-001)."""

    __tablename__ = "looks"

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"), unique=True)
    hair: Mapped[str] = mapped_column(Text, default="")
    eyes: Mapped[str] = mapped_column(Text, default="")
    skin: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text, default="")
    height: Mapped[str] = mapped_column(Text, default="")
    age_range: Mapped[str] = mapped_column(Text, default="")
    clothing: Mapped[str] = mapped_column(Text, default="")
    colours: Mapped[list[str]] = mapped_column(default=list)
    style_words: Mapped[list[str]] = mapped_column(default=list)
    prompt_prefix: Mapped[str] = mapped_column(Text, default="")
    negative_prompt: Mapped[str] = mapped_column(Text, default="")
    base_model: Mapped[str] = mapped_column(Text, default="")
    face_file_ids: Mapped[list[str]] = mapped_column(default=list)
    consistency_method: Mapped[str] = mapped_column(String(40), default="")
    lora: Mapped[str] = mapped_column(Text, default="")

    character: Mapped[Character] = relationship(back_populates="look", lazy="raise")


class MaterialRow(WorkspaceOwned, Base):
    """One piece of words that came with a character, verbatim, with its source."""

    __tablename__ = "materials"
    __table_args__ = (Index("ix_materials_character_id_kind_position", "character_id", "kind", "position"),)

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"))
    kind: Mapped[MaterialKind] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="")
    keys: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(Integer, default=0)


class Consent(WorkspaceOwned, Base):
    """Somebody's statement that a likeness may be used; never edited, only revoked."""

    __tablename__ = "consents"

    character_id: Mapped[str] = mapped_column(String(26), ForeignKey("characters.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ConsentKind] = mapped_column(String(16))
    statement: Mapped[str] = mapped_column(Text, default="")
    person_name: Mapped[str] = mapped_column(String(200), default="")
    proof_file_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("media_files.id", ondelete="SET NULL"), default=None
    )
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    recorded_by: Mapped[str | None] = mapped_column(String(26), default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_by: Mapped[str | None] = mapped_column(String(26), default=None)

    def holds(self, at: datetime | None = None) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > (at or clock.now()))


def row_values(row: PersonaRow | LookRow) -> dict[str, Any]:
    """The columns of a persona or look without its keys and instants."""
    own = {"id", "character_id", "created_at", "updated_at"}
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key not in own}
