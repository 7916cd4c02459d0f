"""A post with everything that belongs to it, read in one go; and the hash that an approval is bound to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import registry
from ainfluencer.channels import service as channels
from ainfluencer.channels.models import Channel
from ainfluencer.core.errors import NotFound
from ainfluencer.integrations.manifest import Limits, Manifest
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.publishing import labels
from ainfluencer.publishing.labels import Labelled
from ainfluencer.publishing.models import Delivery, Post, PostAsset, Variant
from ainfluencer.studio.models import Asset

# Made once: building a statement takes longer than running it.
_ITEMS = (
    select(PostAsset, Asset, MediaFile)
    .join(Asset, Asset.id == PostAsset.asset_id)
    .join(MediaFile, MediaFile.id == Asset.file_id)
    .where(PostAsset.post_id == bindparam("post"))
    .order_by(PostAsset.position)
)
_VARIANTS = (
    select(Variant, Channel)
    .join(Channel, Channel.id == Variant.channel_id)
    .where(Variant.post_id == bindparam("post"))
    .order_by(Variant.created_at, Variant.id)
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One item of a post: where it stands, the asset, its file, and the words for those who cannot see it."""

    asset: Asset
    file: MediaFile
    alt_text: str


@dataclass(frozen=True, slots=True)
class Content:
    """A post, its items and its variants (with their channels)."""

    post: Post
    pictures: tuple[Picture, ...]
    variants: tuple[tuple[Variant, Channel], ...]

    def labelled(self, variant: Variant, channel: Channel) -> Labelled:
        """The final text of one variant with its label."""
        manifest, limits = facts(channel)
        return labels.final_text(
            variant.text or self.post.caption,
            self.post.hashtags if variant.hashtags is None else variant.hashtags,
            self.post.language,
            manifest,
            limits,
            waived=bool(self.post.unlabelled_reason),
        )

    def hash(self) -> str:
        """A hash of all that will be public: words, items and where they go. Times are not part of it."""
        whole = {
            "caption": self.post.caption,
            "hashtags": list(self.post.hashtags),
            "language": self.post.language,
            "unlabelled": bool(self.post.unlabelled_reason),
            "items": [[p.file.sha256, p.alt_text] for p in self.pictures],
            "variants": sorted([v.channel_id, v.text, v.hashtags] for v, _ in self.variants),
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def facts(channel: Channel) -> tuple[Manifest, Limits]:
    """What holds for this channel: its manifest, and its limits with what the platform itself said."""
    return registry.manifest(channel.platform), channels.limits(channel)


async def load(session: AsyncSession, post: Post) -> Content:
    """Read everything that belongs to a post."""
    items = await session.execute(_ITEMS, {"post": post.id})
    pictures = tuple(Picture(asset, file, item.alt_text or asset.alt_text) for item, asset, file in items)
    variants = await session.execute(_VARIANTS, {"post": post.id})
    return Content(post, pictures, tuple((variant, channel) for variant, channel in variants))


async def load_many(session: AsyncSession, posts: Sequence[Post]) -> dict[str, Content]:
    """The same for several posts, by post, in two queries."""
    ids = [post.id for post in posts]
    pictures: dict[str, list[Picture]] = {post_id: [] for post_id in ids}
    variants: dict[str, list[tuple[Variant, Channel]]] = {post_id: [] for post_id in ids}
    items = await session.execute(
        select(PostAsset, Asset, MediaFile)
        .join(Asset, Asset.id == PostAsset.asset_id)
        .join(MediaFile, MediaFile.id == Asset.file_id)
        .where(PostAsset.post_id.in_(ids))
        .order_by(PostAsset.position)
    )
    for item, asset, file in items:
        pictures[item.post_id].append(Picture(asset, file, item.alt_text or asset.alt_text))
    rows = await session.execute(
        select(Variant, Channel)
        .join(Channel, Channel.id == Variant.channel_id)
        .where(Variant.post_id.in_(ids))
        .order_by(Variant.created_at, Variant.id)
    )
    for variant, channel in rows:
        variants[variant.post_id].append((variant, channel))
    return {post.id: Content(post, tuple(pictures[post.id]), tuple(variants[post.id])) for post in posts}


async def deliveries_of(session: AsyncSession, post_id: str) -> Sequence[Delivery]:
    """A post's deliveries, in the order they were made."""
    return (
        await session.scalars(
            select(Delivery).where(Delivery.post_id == post_id).order_by(Delivery.created_at, Delivery.id)
        )
    ).all()


def is_stored(picture: Picture) -> bool:
    """Whether the item's bytes are there."""
    try:
        storage.path_of(picture.file.sha256, picture.file.mime)
    except NotFound:
        return False
    return True
