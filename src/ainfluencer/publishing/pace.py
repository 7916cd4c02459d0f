"""How many posts a channel takes in a day, and how far apart. Asked when one is scheduled, and again when it goes out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries as accounts
from ainfluencer.channels import service as channel_service
from ainfluencer.channels.models import Channel
from ainfluencer.characters import queries as characters
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.publishing.content import Content
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.errors import ChannelFull
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.preflight import Problem, Severity

AHEAD_DAYS = 366  # a channel that is full for longer than that has no next free time
_GONE = (DeliveryState.PUBLISHED, DeliveryState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Pace:
    """What holds for one channel; its day is a day in `zone`. None and zero mean: no limit."""

    channel: Channel
    per_day: int | None
    apart: timedelta
    zone: str

    def day_of(self, instant: datetime) -> tuple[datetime, datetime]:
        """Beginning and end of the channel's day with that instant, in UTC. A day may have 23 or 25 hours."""
        day = self._local(instant).date()
        return self._at(day, time(0)), self._at(day + timedelta(days=1), time(0))

    def next_day(self, instant: datetime, wall: time) -> datetime:
        """That wall-clock time on the day after the one with that instant."""
        return self._at(self._local(instant).date() + timedelta(days=1), wall)

    def words(self, instant: datetime) -> str:
        """An instant as the channel's people read it."""
        return f"{self._local(instant):%a %d %b %Y, %H:%M} ({self.zone})"

    def objection(self, taken: Sequence[datetime], at: datetime) -> str:
        """Why the channel takes no post at that time besides those, or nothing."""
        if self.is_full(taken, at):
            many = f"{self.per_day} post{'' if self.per_day == 1 else 's'}"
            return f"{self.channel.title} takes {many} a day, and {self._local(at):%a %d %b} is full."
        if self.after_neighbours(taken, at) > at:
            return f"Posts on {self.channel.title} are {_span(self.apart)} apart, and another one is nearer than that."
        return ""

    def is_full(self, taken: Sequence[datetime], at: datetime) -> bool:
        """Whether that day has all the posts that it takes."""
        start, end = self.day_of(at)
        return self.per_day is not None and sum(start <= one < end for one in taken) >= self.per_day

    def after_neighbours(self, taken: Sequence[datetime], at: datetime) -> datetime:
        """`at`, or the first instant after it that is far enough from the post that is too near."""
        place = bisect_left(taken, at)
        near = [one for one in taken[max(0, place - 1) : place + 1] if abs(one - at) < self.apart]
        return max(near) + self.apart if near else at

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(clock.zone(self.zone))

    def _at(self, day: date, wall: time) -> datetime:
        return clock.local_to_utc(day, wall, self.zone)[0]


async def of_channels(session: AsyncSession, actor: Actor, channels: Iterable[Channel]) -> list[Pace]:
    """The pace of those channels that have one; the others take posts at any time."""
    found = []
    for channel in channels:
        limits = channel_service.limits(channel)
        if limits.posts_per_day is not None or limits.spacing_seconds:
            apart = timedelta(seconds=limits.spacing_seconds or 0)
            found.append(Pace(channel, limits.posts_per_day, apart, await _zone(session, actor, channel)))
    return found


async def _zone(session: AsyncSession, actor: Actor, channel: Channel) -> str:
    """Where the channel's day begins: at its character's place, at the workspace's when it belongs to nobody."""
    character = (
        await characters.find(session, actor, channel.character_id, deleted=True) if channel.character_id else None
    )
    return (character or await accounts.get_workspace(session, actor)).timezone


async def require_free(
    session: AsyncSession, actor: Actor, channels: Iterable[Channel], at: datetime, *, post_id: str
) -> None:
    """`ChannelFull` when one of the channels takes no other post at that time; its next step names a time for all."""
    paces = await of_channels(session, actor, channels)
    for pace in paces:
        if why := pace.objection(await _taken(session, pace, at, at, post_id), at):
            free_at = await next_free(session, actor, paces, at, post_id=post_id)
            raise ChannelFull(why, f"The next free time is {pace.words(free_at)}.", free_at=free_at)


async def problems(
    session: AsyncSession, actor: Actor, whole: Content, at: datetime | None, *, post_id: str = ""
) -> list[Problem]:
    """The same as warnings for those who look at a post before it is scheduled."""
    if at is None:
        return []
    found = []
    for _, channel in whole.variants:
        try:
            await require_free(session, actor, [channel], at, post_id=post_id or whole.post.id or "")
        except ChannelFull as full:
            found.append(Problem(full.code, Severity.WARNING, full.detail, full.next_step, channel.id, full.field))
    return found


async def next_free(
    session: AsyncSession,
    actor: Actor,
    paces: Sequence[Pace],
    at: datetime,
    *,
    post_id: str,
    keeps_hour: bool = True,
) -> datetime:
    """The first instant from `at` on at which every one of the channels takes a post.

    What is scheduled counts like what went out; `post_id` itself does not. A full day is followed by the same hour of
    the next one, or by its first minute without `keeps_hour`. `ChannelFull` when there is none for a year.
    """
    actor.require(Right.READ)
    last = at + timedelta(days=AHEAD_DAYS)
    moved = True
    while moved and at <= last:
        moved = False
        for pace in paces:
            wall = at.astimezone(clock.zone(pace.zone)).time() if keeps_hour else time(0)
            free_at = await _free_on(session, pace, at, last, post_id, wall)
            moved, at = moved or free_at > at, free_at
    if at > last:
        raise ChannelFull("There is no free time within a year.", "Cancel some of what is scheduled.", free_at=last)
    return at


async def _free_on(
    session: AsyncSession, pace: Pace, at: datetime, last: datetime, post_id: str, wall: time
) -> datetime:
    while at <= last:
        _, end = pace.day_of(at)
        taken = await _taken(session, pace, at, end, post_id)
        while at < end and pace.objection(taken, at):
            at = pace.next_day(at, wall) if pace.is_full(taken, at) else pace.after_neighbours(taken, at)
        if at < end:
            break
    return at


async def wait_until(
    session: AsyncSession, actor: Actor, delivery: Delivery, channel: Channel
) -> tuple[datetime, str] | None:
    """When a delivery that is due may go out, and why not now; None when it may. Only what went out holds it back."""
    now = clock.now()
    for pace in await of_channels(session, actor, [channel]):
        taken = await _taken(session, pace, now, now, delivery.post_id, planned=False)
        if why := pace.objection(taken, now):
            first = pace.day_of(now)[1] if pace.is_full(taken, now) else pace.after_neighbours(taken, now)
            at = await next_free(session, actor, [pace], first, post_id=delivery.post_id, keeps_hour=False)
            return at, why
    return None


async def _taken(
    session: AsyncSession, pace: Pace, first: datetime, last: datetime, post_id: str, *, planned: bool = True
) -> list[datetime]:
    """When other posts of the channel went out (or will, if `planned`), around those two instants, in order."""
    start = min(pace.day_of(first)[0], first - pace.apart)
    end = max(pace.day_of(last)[1], last + pace.apart)
    holding = [
        and_(Delivery.state.in_(_GONE), Delivery.published_at >= start, Delivery.published_at < end),
        # Perhaps public: it holds the place of the moment at which it was sent.
        or_(Delivery.state == DeliveryState.SENDING, Delivery.is_unknown.is_(True)),
    ]
    if planned:
        waits = Delivery.state == DeliveryState.SCHEDULED
        holding.append(and_(waits, Delivery.due_at >= start, Delivery.due_at < end))
    rows = await session.execute(
        select(Delivery.published_at, Delivery.sent_at, Delivery.due_at).where(
            Delivery.channel_id == pace.channel.id, Delivery.post_id != post_id, or_(*holding)
        )
    )
    return sorted(published_at or sent_at or due_at for published_at, sent_at, due_at in rows)


def _span(apart: timedelta) -> str:
    minutes, seconds = divmod(int(apart.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = (f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if count)
    return " ".join(parts)
