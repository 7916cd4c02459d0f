"""What a delivery job sees when it begins: the rows as they are now, and the parcel made from them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel
from ainfluencer.core import clock
from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.engine.jobs import JobRun, Later
from ainfluencer.integrations.manifest import Access, Manifest
from ainfluencer.integrations.values import Parcel, ParcelMedia
from ainfluencer.media import storage
from ainfluencer.publishing import content, pace, preflight, queries
from ainfluencer.publishing.content import Content, Picture
from ainfluencer.publishing.delivery_states import OPEN, DeliveryState
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.preflight import Severity
from ainfluencer.publishing.service import postponing, records, standing

LATE_ENOUGH = timedelta(seconds=60)  # from here on a delivery counts as catching up


@dataclass(frozen=True, slots=True)
class Seen:
    """A delivery that is to be worked on, as it was read. Content is read at fire time, never from the job."""

    id: str
    post_id: str
    channel_id: str
    platform: str
    state: DeliveryState
    rev: int
    attempt: int
    failures: int
    settles: int
    key: str
    token: str
    started_at: datetime
    sent_at: datetime | None
    text: str
    language: str
    pictures: tuple[Picture, ...]
    content_hash: str
    channel: Channel
    approved_by: str
    whole: Content  # nobody may edit a post while it is being sent, so the receipt is made from this


@dataclass(frozen=True, slots=True)
class Stop:
    """It must not go out: to which state it goes, and why."""

    to: DeliveryState
    problem: dict[str, str]


@dataclass(frozen=True, slots=True)
class Wait:
    """It may go out, but not yet: when, and why."""

    at: datetime
    why: str


async def look(run: JobRun, delivery_id: str, rev: int) -> Seen | str:
    """The delivery to work on, or the word for why there is nothing to do. Raises `Later` when it must wait its turn."""
    async with database().reading() as session:
        seen = await _judge(session, run, delivery_id, rev)
    if not isinstance(seen, Stop | Wait):
        return seen
    async with database().writing() as session:
        seen = await _judge(session, run, delivery_id, rev, lock=True)
        if isinstance(seen, str | Seen):
            return seen
        delivery = await queries.get_delivery(session, run.actor, delivery_id, lock=True)
        if isinstance(seen, Stop):
            await records.stopped(session, run.actor, delivery, seen.to, seen.problem)
            return str(seen.to)
        await postponing.postpone(session, run.actor, delivery, seen.at, seen.why)
    raise Later(seen.at, seen.why)


async def _judge(
    session: AsyncSession, run: JobRun, delivery_id: str, rev: int, *, lock: bool = False
) -> Seen | Stop | Wait | str:
    try:
        delivery = await queries.get_delivery(session, run.actor, delivery_id, lock=lock)
    except NotFound:
        return "deleted"
    if delivery.rev != rev:
        return "superseded"
    if delivery.state not in OPEN:
        return str(delivery.state)
    whole = await content.load(session, await queries.get(session, run.actor, delivery.post_id))
    approval = await queries.valid_approval(session, whole.post.id, whole.hash())
    if delivery.state == DeliveryState.SCHEDULED and (
        obstacle := await _obstacle(session, run, delivery, whole, is_approved=approval is not None)
    ):
        return obstacle
    return _seen(delivery, whole, approval.by_name if approval else "")


async def _obstacle(
    session: AsyncSession, run: JobRun, delivery: Delivery, whole: Content, *, is_approved: bool
) -> Stop | Wait | None:
    """What keeps it from being sent now, if anything does."""
    manifest = registry.manifest(delivery.platform)
    if problem := _hold(delivery, manifest, is_approved=is_approved):
        return Stop(DeliveryState.NEEDS_PERSON, problem)
    if problem := _unfit(delivery, whole):
        return Stop(DeliveryState.FAILED, problem)
    await _space(session, delivery, manifest)
    channel = next(channel for variant, channel in whole.variants if variant.id == delivery.variant_id)
    waits = await pace.wait_until(session, run.actor, delivery, channel)
    return Wait(*waits) if waits else None


async def parcel(seen: Seen) -> Parcel:
    """What goes out: equal at every attempt, down to its date. Fetches files from a remote store if need be."""
    media = []
    for picture in seen.pictures:
        file = picture.file
        path = await asyncio.to_thread(storage.path_of, file.sha256, file.mime)
        media.append(
            ParcelMedia(
                path=path,
                mime=file.mime,
                width=file.width,
                height=file.height,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                alt_text=picture.alt_text,
            )
        )
    return Parcel(
        key=seen.key,
        text=seen.text,
        media=tuple(media),
        language=seen.language,
        ai_made=True,
        created_at=seen.started_at,
    )


async def refresh_post(session: AsyncSession, run: JobRun, seen: Seen) -> None:
    """Bring the post's state in step with its deliveries."""
    await standing.refresh(session, await queries.get(session, run.actor, seen.post_id, lock=True))


def _seen(delivery: Delivery, whole: Content, approved_by: str) -> Seen:
    variant, channel = next(pair for pair in whole.variants if pair[0].id == delivery.variant_id)
    return Seen(
        id=delivery.id,
        post_id=delivery.post_id,
        channel_id=delivery.channel_id,
        platform=delivery.platform,
        state=DeliveryState(delivery.state),
        rev=delivery.rev,
        attempt=delivery.attempt,
        failures=delivery.failures,
        settles=delivery.settles,
        key=delivery.idempotency_key,
        token=delivery.token,
        started_at=delivery.started_at or clock.now(),
        sent_at=delivery.sent_at,
        text=whole.labelled(variant, channel).text,
        language=whole.post.language,
        pictures=whole.pictures,
        content_hash=whole.hash(),
        channel=channel,
        approved_by=approved_by,
        whole=whole,
    )


def _hold(delivery: Delivery, manifest: Manifest, *, is_approved: bool) -> dict[str, str] | None:
    """Why a person must decide before this goes out, if so."""
    if manifest.access is Access.HAND_OFF:
        return {
            "code": "hand_off",
            "detail": f"{manifest.title} takes posts from a person only, and it is time for this one.",
            "next_step": "Post it there, then say “I posted it” with its link.",
        }
    if not is_approved:
        return {
            "code": "not_approved",
            "detail": "The post was changed after it was approved.",
            "next_step": "Review and approve it again.",
        }
    late = clock.now() - delivery.due_at
    if late > timedelta(minutes=settings().late_minutes):
        return _held_late(delivery, late)
    return None


def _held_late(delivery: Delivery, late: timedelta) -> dict[str, str]:
    hours, minutes = divmod(int(late.total_seconds()) // 60, 60)
    span = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    why = delivery.last_error.get("detail", "") if delivery.failures else "It was due while the studio was off."
    return {
        "code": "held_late",
        "detail": f"It is {span} late and was held. {why}".strip(),
        "next_step": "Publish it now, choose another time, or cancel it.",
    }


def _unfit(delivery: Delivery, whole: Content) -> dict[str, str] | None:
    """The first error of the preflight for this channel: limits may have changed since the approval."""
    for problem in preflight.check(whole):
        mine = problem.channel_id in {"", delivery.channel_id}
        # A channel that is not connected has a better sentence of its own when it is opened.
        if mine and problem.severity is Severity.ERROR and problem.code != "channel_not_usable":
            return {"code": problem.code, "detail": problem.detail, "next_step": problem.hint}
    return None


async def _space(session: AsyncSession, delivery: Delivery, manifest: Manifest) -> None:
    """After an outage, posts of one channel follow each other at a distance instead of all at once."""
    is_late = clock.now() - delivery.due_at > LATE_ENOUGH
    if not is_late or delivery.failures or manifest.access is Access.BUILT_IN:
        return
    last = await session.scalar(
        select(func.max(Delivery.published_at)).where(Delivery.channel_id == delivery.channel_id)
    )
    free_at = last + timedelta(seconds=settings().catch_up_seconds) if last else None
    if free_at and free_at > clock.now():
        raise Later(free_at, "Catching up: the posts of one channel go out at a distance.")
