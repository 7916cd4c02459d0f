"""How a workspace orders its assets."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ainfluencer.db.base import Base, WorkspaceOwned


class AssetTag(WorkspaceOwned, Base):
    """One tag on one asset, lower case."""

    __tablename__ = "asset_tags"
    __table_args__ = (
        UniqueConstraint("asset_id", "tag"),
        Index("ix_asset_tags_workspace_id_tag", "workspace_id", "tag"),
    )

    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    tag: Mapped[str] = mapped_column(String(60))


class Collection(WorkspaceOwned, Base):
    """A named set of assets (a folder that an asset can share with others)."""

    __tablename__ = "collections"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    name: Mapped[str] = mapped_column(String(120))


class CollectionItem(WorkspaceOwned, Base):
    """An asset in a collection."""

    __tablename__ = "collection_items"
    __table_args__ = (UniqueConstraint("collection_id", "asset_id"),)

    collection_id: Mapped[str] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), index=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)
