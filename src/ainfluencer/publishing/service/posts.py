"""Making, editing and deleting posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.characters import queries as characters
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.publishing import adapting, content, labels, queries
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Approval, Post, PostAsset, Variant
from ainfluencer.publishing.post_states import EDITABLE, PostState, words
from ainfluencer.publishing.schemas import NewPost, PostEdit
from ainfluencer.publishing.service import scheduling, standing
from ainfluencer.studio import queries as studio
from ainfluencer.studio import service as studio_service


async def create_post(session: AsyncSession, actor: Actor, new: NewPost) -> Post:
    """A post in review (or a draft). Unknown characters, assets and channels are refused."""
    actor.require(Right.CREATE)
    clock.zone(new.timezone)
    character = await characters.get(session, actor, new.character_id)
    post = Post(
        workspace_id=actor.workspace_id,
        character_id=character.id,
        caption=new.caption,
        hashtags=_tags(new.hashtags),
        language=new.language,
        state=PostState.DRAFT if new.draft else PostState.IN_REVIEW,
        due_at=new.due_at,
        timezone=new.timezone,
        slot_label=new.slot_label,
        candidates_id=new.candidates_id,
        created_by=actor.user_id or actor.name,
    )
    session.add(post)
    await session.flush()
    await _set_assets(session, actor, post, new.asset_ids, new.alt_texts)
    await studio_service.note_use(session, actor, new.asset_ids)
    await _set_channels(session, actor, post, new.channel_ids, new.texts)
    whole = await content.load(session, post)
    if new.adapt:
        _adapt(whole, True)
    post.content_hash = whole.hash()
    standing.announce(session, post)
    return post


async def edit(session: AsyncSession, actor: Actor, post_id: str, change: PostEdit) -> Post:
    """Change a post of which nothing is public or under way. New content voids the approval and goes back to review."""
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    await require_editable(session, actor, post)
    _set_words(actor, post, change)
    if change.unlabelled_reason is not None:
        await _set_unlabelled(session, actor, post, change.unlabelled_reason)
    if change.asset_ids is not None or change.alt_texts is not None:
        await _change_assets(session, actor, post, change)
    if change.channel_ids is not None or change.texts is not None:
        await _change_channels(session, actor, post, change)
    await session.flush()
    whole = await content.load(session, post)
    _adapt(whole, change.adapt)
    fresh = whole.hash()
    if fresh != post.content_hash:
        post.content_hash = fresh
        await unsettle(session, actor, post)
    elif change.due_at is not None and post.state == PostState.SCHEDULED:
        await scheduling.schedule(session, actor, post.id, change.due_at)
    standing.announce(session, post)
    return post


async def delete(session: AsyncSession, actor: Actor, post_id: str) -> None:
    """Delete a post that never was scheduled. What was scheduled is cancelled, what is public is withdrawn."""
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    if post.state not in {PostState.DRAFT, PostState.IN_REVIEW, PostState.REJECTED, PostState.APPROVED}:
        raise Conflict(f"A post that is {words(post.state)} cannot be deleted.", "Cancel or withdraw it instead.")
    left = await queries.deliveries_of(session, actor, post.id, lock=True)
    if any(delivery.attempt for delivery in left):
        raise Conflict("Something of this post was sent; its record is kept.", "Withdraw it instead.")
    standing.announce(session, post, "deleted")
    await session.delete(post)


def _adapt(whole: Content, wanted: bool | None) -> None:
    """Words cut by themselves follow the post's words. `wanted` begins or ends that; a person's own texts stay."""
    for variant, _ in whole.variants:
        if wanted and not variant.text:
            variant.is_adapted = True
        elif wanted is False and variant.is_adapted:
            variant.is_adapted, variant.text, variant.hashtags = False, "", None
    adapting.adapt(whole)


def _tags(tags: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(tag.strip().lstrip("#")[:100] for tag in tags if tag.strip(" #")))


def _set_words(actor: Actor, post: Post, change: PostEdit) -> None:
    if change.caption is not None:
        post.caption = change.caption
    if change.hashtags is not None:
        post.hashtags = _tags(change.hashtags)
    if change.language is not None:
        post.language = change.language
    if change.slot_label is not None:
        post.slot_label = change.slot_label
    if change.candidates_id is not None:
        post.candidates_id = change.candidates_id
    if change.timezone is not None:
        clock.zone(change.timezone)
        post.timezone = change.timezone
    if change.due_at is not None and post.state != PostState.SCHEDULED:
        post.due_at = change.due_at
    elif change.due_at is not None:
        actor.require(Right.PUBLISH)


async def _set_unlabelled(session: AsyncSession, actor: Actor, post: Post, reason: str) -> None:
    """Only an owner leaves the label line out, with a reason, and not where the platform depends on it."""
    actor.require(Right.OWN)
    if reason.strip():
        whole = await content.load(session, post)
        labels.require_waivable([registry.manifest(channel.platform) for _, channel in whole.variants], reason)
    post.unlabelled_reason = reason.strip()


async def require_editable(session: AsyncSession, actor: Actor, post: Post) -> None:
    """`Conflict` when anything of the post is public, under way or unclear."""
    if PostState(post.state) not in EDITABLE:
        raise Conflict(
            f"A post that is {words(post.state)} can no longer be edited.", "Withdraw it and make a new one."
        )
    for delivery in await queries.deliveries_of(session, actor, post.id, lock=True):
        if delivery.state in {DeliveryState.SENDING, DeliveryState.PUBLISHED} or delivery.is_unknown:
            raise Conflict(
                "A part of this post is public or may be; changing it now would make two different posts.",
                "Wait for its outcome, or withdraw it and make a new one.",
            )


async def unsettle(session: AsyncSession, actor: Actor, post: Post) -> None:
    """Its content is another: approvals are void, what was scheduled is taken back, and it is reviewed again."""
    await session.execute(update(Approval).where(Approval.post_id == post.id).values(is_void=True))
    await scheduling.take_back(session, actor, post)
    if post.state != PostState.DRAFT:
        post.state = PostState.IN_REVIEW
    post.problem = {}


async def _set_assets(
    session: AsyncSession, actor: Actor, post: Post, asset_ids: Sequence[str], alt_texts: Mapping[str, str]
) -> None:
    if len(set(asset_ids)) != len(asset_ids):
        raise InvalidInput("The same picture is there twice.", "Remove one of them.", field="asset_ids")
    known = await studio.assets_with_files(session, actor, asset_ids)
    if missing := set(asset_ids) - {asset.id for asset, _ in known}:
        raise NotFound(f"There is no asset {min(missing)}.", "Choose assets from the library.", field="asset_ids")
    session.add_all(
        PostAsset(post_id=post.id, position=place, asset_id=asset.id, alt_text=alt_texts.get(asset.id, ""))
        for place, (asset, _) in enumerate(known)
    )
    await session.flush()


async def _change_assets(session: AsyncSession, actor: Actor, post: Post, change: PostEdit) -> None:
    whole = await content.load(session, post)
    ids = change.asset_ids if change.asset_ids is not None else [p.asset.id for p in whole.pictures]
    own = {p.asset.id: p.alt_text for p in whole.pictures if p.alt_text != p.asset.alt_text}
    await session.execute(sql_delete(PostAsset).where(PostAsset.post_id == post.id))
    await _set_assets(session, actor, post, ids, {**own, **(change.alt_texts or {})})


async def _set_channels(
    session: AsyncSession, actor: Actor, post: Post, channel_ids: Sequence[str], texts: Mapping[str, str]
) -> None:
    for channel_id in dict.fromkeys(channel_ids):
        channel = await channels.get(session, actor, channel_id)
        text = texts.get(channel_id, "").strip()
        session.add(Variant(workspace_id=actor.workspace_id, post_id=post.id, channel_id=channel.id, text=text))
    await session.flush()


async def _change_channels(session: AsyncSession, actor: Actor, post: Post, change: PostEdit) -> None:
    """Keep the variants that stay: their deliveries and keys belong to them."""
    present = {variant.channel_id: variant for variant, _ in (await content.load(session, post)).variants}
    wanted = change.channel_ids if change.channel_ids is not None else tuple(present)
    texts = change.texts or {}
    for channel_id, variant in present.items():
        if channel_id not in wanted:
            await scheduling.take_back(session, actor, post, variant_id=variant.id)
            await session.delete(variant)
        elif channel_id in texts and (text := texts[channel_id].strip()) != variant.text:
            variant.text, variant.hashtags, variant.is_adapted = text, None, False
    await _set_channels(session, actor, post, [c for c in wanted if c not in present], texts)
