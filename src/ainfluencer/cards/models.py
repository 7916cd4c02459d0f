"""Tables: the library of cards with every version of each, and the briefs that characters were made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.cards.bundles import models as bundles  # noqa: F401 - its tables are found through this module
from ainfluencer.cards.forge import models as forge  # noqa: F401 - likewise
from ainfluencer.cards.library import word_index
from ainfluencer.core import clock
from ainfluencer.db.base import Base, WorkspaceOwned


class CardRow(WorkspaceOwned, Base):
    """One card as lists show it, or a brief (which stands in no library). `source_…` is the file as it first came.

    What the card says lies in its versions; the measured columns follow the version numbered `version`.
    """

    __tablename__ = "cards"
    __table_args__ = (
        Index("ix_cards_workspace_id_source_sha256", "workspace_id", "source_sha256"),
        Index("ix_cards_workspace_id_text_sha256", "workspace_id", "text_sha256"),
        Index("ix_cards_by_age", "workspace_id", "created_at", "id"),
        Index("ix_cards_by_change", "workspace_id", "changed_at", "id"),
        Index("ix_cards_by_name", "workspace_id", "name_key", "id"),
        Index("ix_cards_by_creator", "workspace_id", "creator_key", "id"),
        Index("ix_cards_by_score", "workspace_id", "score", "id"),
        Index("ix_cards_by_tokens", "workspace_id", "permanent_tokens", "id"),
    )

    character_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("characters.id", ondelete="SET NULL"), index=True, default=None
    )
    kind: Mapped[str] = mapped_column(String(8), default="card")  # card | brief
    filename: Mapped[str] = mapped_column(String(255), default="")
    name: Mapped[str] = mapped_column(Text, default="")
    name_key: Mapped[str] = mapped_column(String(200), default="")  # folded, to sort and to find the same name
    creator: Mapped[str] = mapped_column(String(200), default="")
    creator_key: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)  # as the card writes them; CardTag has them folded
    container: Mapped[str] = mapped_column(String(16))
    spec: Mapped[str] = mapped_column(String(8), default="")
    spec_version: Mapped[str] = mapped_column(String(20), default="")
    source_sha256: Mapped[str] = mapped_column(String(64))
    source_mime: Mapped[str] = mapped_column(String(80))
    source_bytes: Mapped[int] = mapped_column(Integer)
    picture_file_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("media_files.id", ondelete="SET NULL"), default=None
    )
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # {code, detail}
    evidence: Mapped[list[Any]] = mapped_column(default=list)  # {field, value, source, words}
    rating: Mapped[str] = mapped_column(String(16), default="")
    lorebook_entries: Mapped[int] = mapped_column(Integer, default=0)
    greetings: Mapped[int] = mapped_column(Integer, default=0)
    permanent_tokens: Mapped[int] = mapped_column(Integer, default=0)
    worst_tokens: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[int] = mapped_column(Integer, default=0)
    text_sha256: Mapped[str] = mapped_column(String(64), default="")  # of what it says, whatever the container
    fingerprint: Mapped[str] = mapped_column(String(16), default="")  # simhash, 64 bits; empty for short texts
    is_favourite: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=0)
    rev: Mapped[int] = mapped_column(Integer, default=1)  # counts changes of what the card says
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    deleted_at: Mapped[datetime | None] = mapped_column(default=None)
    # The version, and the character's words, when card and character last said the same.
    synced_version: Mapped[int] = mapped_column(Integer, default=0)
    synced_words: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CardVersion(WorkspaceOwned, Base):
    """One state of a card. Its file is `base_sha256` itself, or that file with `payload` in place of its own text."""

    __tablename__ = "card_versions"
    __table_args__ = (UniqueConstraint("card_id", "number"),)

    card_id: Mapped[str] = mapped_column(String(26), ForeignKey("cards.id", ondelete="CASCADE"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    user_id: Mapped[str | None] = mapped_column(String(26), default=None)
    user_name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(String(16))
    fields: Mapped[list[str]] = mapped_column(default=list)
    filename: Mapped[str] = mapped_column(String(255), default="")
    container: Mapped[str] = mapped_column(String(16))
    spec: Mapped[str] = mapped_column(String(8), default="")
    payload: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    encoding: Mapped[str] = mapped_column(String(16), default="utf-8")
    wrapping: Mapped[list[str]] = mapped_column(default=list)
    base_sha256: Mapped[str] = mapped_column(String(64))
    base_mime: Mapped[str] = mapped_column(String(80))
    is_base: Mapped[bool] = mapped_column(Boolean, default=True)  # the text is the one that the base file holds
    is_sealed: Mapped[bool] = mapped_column(Boolean, default=False)  # handed out as a file: never changed again
    score: Mapped[int] = mapped_column(Integer, default=0)
    picture_file_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("media_files.id", ondelete="SET NULL"), default=None
    )


class CardTag(WorkspaceOwned, Base):
    """One tag on one card, folded. `is_own`: ours, kept beside the card; otherwise it stands in the card's text."""

    __tablename__ = "card_tags"
    __table_args__ = (
        UniqueConstraint("card_id", "tag", "is_own"),
        Index("ix_card_tags_workspace_id_tag", "workspace_id", "tag", "card_id"),
    )

    card_id: Mapped[str] = mapped_column(String(26), ForeignKey("cards.id", ondelete="CASCADE"))
    tag: Mapped[str] = mapped_column(String(60))
    is_own: Mapped[bool] = mapped_column(Boolean, default=False)


class CardText(WorkspaceOwned, Base):
    """The folded words that a card is found by: those of the card, and those that people put beside it."""

    __tablename__ = "card_texts"

    card_id: Mapped[str] = mapped_column(String(26), ForeignKey("cards.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text, default="")
    beside: Mapped[str] = mapped_column(Text, default="")  # our tags and the note


class CardImport(WorkspaceOwned, Base):
    """One file of an import of many: where its bytes wait, and what became of it (`outcome` is empty until then)."""

    __tablename__ = "card_imports"
    __table_args__ = (UniqueConstraint("job_id", "position"),)

    job_id: Mapped[str] = mapped_column(String(26), ForeignKey("jobs.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    filename: Mapped[str] = mapped_column(String(255), default="")
    waiting: Mapped[str] = mapped_column(String(60))
    member: Mapped[str] = mapped_column(Text, default="")  # inside the zip that waits
    outcome: Mapped[str] = mapped_column(String(16), default="")  # added | new_version | skipped | refused
    card_id: Mapped[str | None] = mapped_column(
        String(26), ForeignKey("cards.id", ondelete="SET NULL"), index=True, default=None
    )
    code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(Text, default="")


word_index.attach(CardText.__table__)  # type: ignore[arg-type] # a declarative class's table is a Table
