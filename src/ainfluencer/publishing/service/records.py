"""Writes down that something is public: receipt, event, and the post's state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.engine import service as engine
from ainfluencer.publishing import content, delivery_states, queries
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.events import DeliveryStopped, PostPublished
from ainfluencer.publishing.models import Delivery, Post, Receipt
from ainfluencer.publishing.service import standing

_RECEIPT = cast("Table", Receipt.__table__).insert().inline()


async def published(
    session: AsyncSession,
    actor: Actor,
    delivery: Delivery,
    *,
    remote_id: str,
    url: str,
    at: datetime,
    declared: Mapping[str, Any] | None = None,
    known: tuple[Content, str] | None = None,
) -> Post:
    """The delivery is public; answers its post. It is said once of a delivery: nothing is sent again after that.

    `known`: what went out and who approved it, where the caller has read that already.
    """
    delivery.state = delivery_states.move(delivery.state, DeliveryState.PUBLISHED)
    delivery.remote_id, delivery.remote_url, delivery.published_at = remote_id[:500], url, at
    delivery.last_error, delivery.is_unknown, delivery.token = {}, False, ""
    post = await queries.get(session, actor, delivery.post_id, lock=True)
    whole, approved_by = known or await _read(session, post)
    await session.execute(_RECEIPT, _receipt(delivery, whole, declared or {}, at, approved_by))
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


async def _read(session: AsyncSession, post: Post) -> tuple[Content, str]:
    whole = await content.load(session, post)
    approval = await queries.valid_approval(session, post.id, whole.hash())
    return whole, approval.by_name if approval else ""


def _receipt(
    delivery: Delivery, whole: Content, declared: Mapping[str, Any], at: datetime, approved_by: str
) -> dict[str, Any]:
    variant, channel = next(pair for pair in whole.variants if pair[0].id == delivery.variant_id)
    labelled = whole.labelled(variant, channel)
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
    return {
        "workspace_id": delivery.workspace_id,
        "post_id": delivery.post_id,
        "delivery_id": delivery.id,
        "channel_id": delivery.channel_id,
        "platform": delivery.platform,
        "text": labelled.text,
        "media": media,
        "declared": {**labelled.declared, **declared},
        "content_hash": whole.hash(),
        "approved_by": approved_by,
        "idempotency_key": delivery.idempotency_key,
        "remote_id": delivery.remote_id,
        "remote_url": delivery.remote_url,
        "published_at": at,
    }
