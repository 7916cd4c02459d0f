"""A week as a whole: its plan, its posts, their pictures with scores and provenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor
from ainfluencer.media import storage
from ainfluencer.media.models import MediaFile
from ainfluencer.planning import queries
from ainfluencer.planning.models import Slot, Week
from ainfluencer.planning.schemas import MediaOut, PostOut, SlotOut, WeekOut
from ainfluencer.publishing.models import Delivery, Post, PostAsset
from ainfluencer.quality import queries as quality
from ainfluencer.quality.models import Score
from ainfluencer.studio.models import Asset

get_week = queries.get_week


async def week_out(session: AsyncSession, actor: Actor, week: Week) -> WeekOut:
    """One week for the API and the command line."""
    sheet = await characters.sheet(session, actor, week.character_id)
    slots = await queries.slots_of(session, actor, week.id)
    return WeekOut(
        id=week.id,
        state=week.state,
        job_id=week.job_id,
        timezone=week.timezone,
        starts_on=week.starts_on,
        days=week.days,
        character=sheet.model_dump(mode="json", exclude={"material", "picture_path", "workspace_id"}),
        slots=[slot_out(s) for s in slots],
        posts=await _posts(session, actor, slots),
    )


async def weeks_out(session: AsyncSession, actor: Actor, character_id: str) -> list[WeekOut]:
    """The latest weeks."""
    weeks = await queries.list_weeks(session, actor, character_id=character_id)
    return [await week_out(session, actor, week) for week in weeks]


def slot_out(slot: Slot) -> SlotOut:
    """One slot for the API and the command line."""
    return SlotOut(**{name: getattr(slot, name) for name in SlotOut.model_fields})


async def _posts(session: AsyncSession, actor: Actor, slots: Sequence[Slot]) -> list[PostOut]:
    ids = [s.post_id for s in slots if s.post_id]
    posts = {
        p.id: p
        for p in await session.scalars(select(Post).where(Post.id.in_(ids), Post.workspace_id == actor.workspace_id))
    }
    media = await _media(session, actor, ids)
    sent = await _sent(session, ids)
    return [
        PostOut(
            id=post.id,
            slot=f"{slot.local_day:%a} {slot.local_time}",
            caption=post.caption,
            hashtags=list(post.hashtags),
            state=post.state,
            channel=", ".join(dict.fromkeys(title for title, _ in sent.get(post.id, []))),
            url=next((url for _, url in sent.get(post.id, []) if url), ""),
            media=media.get(post.id, []),
        )
        for slot in slots
        if (post := posts.get(slot.post_id or ""))
    ]


async def _sent(session: AsyncSession, post_ids: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Channel titles and addresses by post."""
    rows = await session.execute(
        select(Delivery.post_id, Channel.title, Delivery.remote_url)
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.post_id.in_(post_ids))
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for post_id, title, url in rows:
        found.setdefault(post_id, []).append((title, url))
    return found


async def _media(session: AsyncSession, actor: Actor, post_ids: list[str]) -> dict[str, list[MediaOut]]:
    rows = (
        await session.execute(
            select(PostAsset, Asset, MediaFile)
            .join(Asset, Asset.id == PostAsset.asset_id)
            .join(MediaFile, MediaFile.id == Asset.file_id)
            .where(PostAsset.post_id.in_(post_ids))
            .order_by(PostAsset.position)
        )
    ).all()
    scores = await quality.scores_of(session, actor, [asset.id for _, asset, _ in rows])
    found: dict[str, list[MediaOut]] = {}
    for item, asset, file in rows:
        found.setdefault(item.post_id, []).append(
            MediaOut(
                path=str(storage.path_of(file.sha256, file.mime)),
                kind=file.kind,
                width=file.width,
                height=file.height,
                alt_text=item.alt_text or asset.alt_text,
                sha256=file.sha256,
                scores=_scores(asset, scores.get(asset.id, [])),
                provenance={
                    "c2pa": file.is_signed,
                    "digital_source_type": asset.source_type,
                    "maker": asset.maker,
                    "recipe": {k: v for k, v in asset.recipe.items() if k in {"variant", "format", "seed", "kind"}},
                },
            )
        )
    return found


def _scores(asset: Asset, rows: list[Score]) -> dict[str, Any]:
    return {
        "total": asset.score,
        "rating": asset.rating,
        **{row.check: {"verdict": row.verdict, "value": row.value} for row in rows},
    }
