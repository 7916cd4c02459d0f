"""Writes down that something is public: receipt, event, and the post's state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.engine import service as engine
from ainfluencer.publishing import content, delivery_states, queries
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.events import DeliveryStopped, PostPublished
from ainfluencer.publishing.models import Delivery, Post, Receipt
from ainfluencer.publishing.service import standing


async def published(
    session: AsyncSession,
    actor: Actor,
    delivery: Delivery,
    *,
    remote_id: str,
    url: str,
    at: datetime,
    declared: Mapping[str, Any] | None = None,
    whole: Content | None = None,
) -> Post:
    """The delivery is public; answers its post. Doing it twice writes one receipt."""
    delivery.state = delivery_states.move(delivery.state, DeliveryState.PUBLISHED)
    delivery.remote_id, delivery.remote_url, delivery.published_at = remote_id[:500], url, at
    delivery.last_error, delivery.is_unknown, delivery.token = {}, False, ""
    post = await queries.get(session, actor, delivery.post_id, lock=True)
    whole = whole or await content.load(session, post)
    if not await session.scalar(select(Receipt.id).where(Receipt.delivery_id == delivery.id)):
        session.add(await _receipt(session, delivery, whole, declared or {}, at))
    await standing.refresh(session, post)
    event = PostPublished(
        post.id,
        delivery.id,
        delivery.channel_id,
        delivery.platform,
        post.character_id,
        delivery.remote_id,
        url,
        at.isoformat(),
    )
    await engine.record(session, actor, event)
    return post


async def stopped(
    session: AsyncSession,
    actor: Actor,
    delivery: Delivery,
    to: DeliveryState,
    problem: Mapping[str, Any],
    *,
    is_unknown: bool = False,
) -> Post:
    """The delivery failed or waits for a person; `problem` has code, detail and next_step."""
    delivery.state = delivery_states.move(delivery.state, to)
    delivery.last_error = dict(problem)
    delivery.is_unknown = is_unknown
    post = await queries.get(session, actor, delivery.post_id, lock=True)
    await standing.refresh(session, post)
    event = DeliveryStopped(
        post.id, delivery.id, delivery.channel_id, str(to), str(problem["code"]), str(problem["detail"])
    )
    await engine.record(session, actor, event)
    return post


async def _receipt(
    session: AsyncSession, delivery: Delivery, whole: Content, declared: Mapping[str, Any], at: datetime
) -> Receipt:
    variant, channel = next(pair for pair in whole.variants if pair[0].id == delivery.variant_id)
    labelled = whole.labelled(variant, channel)
    approval = await queries.valid_approval(session, whole.post.id, whole.hash())
    media = [
        {
            "sha256": picture.file.sha256,
            "mime": picture.file.mime,
            "alt_text": picture.alt_text,
            "source_type": picture.asset.source_type,
            "is_signed": picture.file.is_signed,
        }
        for picture in whole.pictures
    ]
    if not any(item["is_signed"] for item in media):
        labelled.declared.pop("file", None)  # nothing that carries it went out
    return Receipt(
        workspace_id=delivery.workspace_id,
        post_id=delivery.post_id,
        delivery_id=delivery.id,
        channel_id=delivery.channel_id,
        platform=delivery.platform,
        text=labelled.text,
        media=media,
        declared={**labelled.declared, **declared},
        content_hash=whole.hash(),
        approved_by=approval.by_name if approval else "",
        idempotency_key=delivery.idempotency_key,
        remote_id=delivery.remote_id,
        remote_url=delivery.remote_url,
        published_at=at,
    )
