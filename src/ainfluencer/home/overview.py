"""Reads what Home shows, in a dozen questions whatever the workspace holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import queries as accounts
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.engine import queries as engine
from ainfluencer.engine.models import Job, JobState
from ainfluencer.engine.queries import JobFilter
from ainfluencer.inbox import queries as inbox
from ainfluencer.inbox.models import Conversation
from ainfluencer.insights import queries as insights
from ainfluencer.insights.queries import Totals
from ainfluencer.planning import queries as planning
from ainfluencer.planning.models import SlotState
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.publishing.schemas import Face, PostCard

DAYS_AHEAD = 7
MOST_COMING = 60
WEEKS_SHOWN = 3
LATEST = 6
_OUT = ("published", "partly_published")
_COMING = ("scheduled", "approved", "publishing", "in_review", "draft", "needs_person")
_WAITING = ("in_review", "needs_person")
_SMALL = 160
_REACTIONS = ("likes", "replies", "reposts")


@dataclass(frozen=True, slots=True)
class Making:
    """A job under way; for a week the pictures that are done, and how many there will be."""

    job: Job
    face: Face | None = None
    pictures: tuple[str, ...] = ()
    open_places: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the coming week with its posts, in the workspace's zone."""

    day: date
    is_today: bool
    cards: tuple[PostCard, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The four numbers at the top. `reactions_before` is the seven days before these."""

    to_review: int
    scheduled: int
    published: int
    published_by_day: tuple[int, ...]
    reactions: int
    reactions_before: int
    reactions_by_day: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A character and when they post next."""

    face: Face
    next_at: datetime | None
    days_planned: int


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, whom it is with, and whose it is."""

    conversation: Conversation
    face: Face | None


@dataclass(frozen=True, slots=True)
class Overview:
    """All of Home but the state of the machine."""

    zone: str
    hour: int
    figures: Figures
    making: tuple[Making, ...]
    days: tuple[Day, ...]
    latest: tuple[tuple[PostCard, Totals | None], ...]
    people: tuple[Somebody, ...]
    talks: tuple[Talk, ...]

    @property
    def next_card(self) -> PostCard | None:
        """The post that goes out next."""
        return next((c for day in self.days for c in day.cards if c.post.state == "scheduled"), None)

    @property
    def waiting_pictures(self) -> tuple[str, ...]:
        """Small pictures of some posts that wait for a person."""
        waiting = (c.thumbnail(_SMALL) for day in self.days for c in day.cards if c.post.state in _WAITING)
        return tuple(url for url in waiting if url)[:3]

    @property
    def scheduled_faces(self) -> list[tuple[str, str]]:
        """Name and picture of those who post in the coming days."""
        found = {c.face.id: c.face for day in self.days for c in day.cards if c.post.state == "scheduled"}
        return [(face.name, face.picture_url) for face in found.values()]


async def read(session: AsyncSession, actor: Actor) -> Overview:
    """Home of the actor's workspace."""
    zone = (await accounts.get_workspace(session, actor)).timezone
    now = clock.now()
    faces = await publishing.faces(session, actor)
    until = now + timedelta(days=DAYS_AHEAD)
    coming = await publishing.posts_due(session, actor, now, until, states=_COMING, limit=MOST_COMING)
    out = await publishing.list_posts(session, actor, PostFilter(states=_OUT), limit=4 * LATEST)
    latest = sorted(out.items, key=lambda p: p.published_at or p.created_at, reverse=True)[:LATEST]
    made = {c.post.id: c for c in await publishing.cards(session, actor, [*coming, *latest])}
    reactions = await insights.of_posts(session, actor, [post.id for post in latest])
    talks = await inbox.list_conversations(session, actor, limit=4)
    return Overview(
        zone=zone,
        hour=now.astimezone(clock.zone(zone)).hour,
        figures=await _figures(session, actor, await publishing.count_due(session, actor, now, until, "scheduled")),
        making=await making(session, actor, faces),
        days=_days([made[p.id] for p in coming], zone),
        latest=tuple((made[p.id], reactions.get(p.id)) for p in latest),
        people=_people(faces, [made[p.id] for p in coming]),
        talks=tuple(Talk(c, faces.get(c.character_id or "")) for c in talks.items),
    )


async def making(session: AsyncSession, actor: Actor, faces: dict[str, Face] | None = None) -> tuple[Making, ...]:
    """What is being worked on: running jobs, and those of the maker's queue that wait for their turn."""
    running = await engine.list_jobs(session, actor, JobFilter(states=(JobState.RUNNING,)), limit=6)
    waiting = await engine.list_jobs(session, actor, JobFilter(states=(JobState.PENDING,), queue="make"), limit=4)
    jobs = [*reversed(running.items), *reversed(waiting.items)]
    if faces is None and any(job.subject_kind == "week" for job in jobs):
        faces = await publishing.faces(session, actor)
    found, weeks = [], 0
    for job in jobs:
        if job.subject_kind == "week" and weeks < WEEKS_SHOWN:
            weeks += 1
            found.append(await _week(session, actor, job, faces or {}))
        else:
            found.append(Making(job, href=f"/operations/jobs/{job.id}"))
    return tuple(found)


async def _week(session: AsyncSession, actor: Actor, job: Job, faces: dict[str, Face]) -> Making:
    slots = await planning.slots_of(session, actor, job.subject_id)
    ids = [slot.post_id for slot in slots if slot.post_id]
    cards = await publishing.cards(session, actor, await publishing.posts_of(session, actor, ids)) if ids else []
    left = sum(slot.post_id is None and slot.state != SlotState.FAILED for slot in slots)
    face = faces.get(slots[0].character_id) if slots else None
    return Making(job, face, tuple(c.thumbnail(_SMALL) for c in cards), left, f"/weeks/{job.subject_id}")


async def _figures(session: AsyncSession, actor: Actor, scheduled: int) -> Figures:
    by_day = await insights.by_day(session, actor, days=14)
    reactions = [sum(day[name] for name in _REACTIONS) for day in by_day]
    published = [int(day["posts"]) for day in by_day]
    return Figures(
        to_review=await publishing.count_waiting(session, actor),
        scheduled=scheduled,
        published=sum(published[7:]),
        published_by_day=tuple(published[7:]),
        reactions=sum(reactions[7:]),
        reactions_before=sum(reactions[:7]),
        reactions_by_day=tuple(reactions[7:]),
    )


def _days(cards: Sequence[PostCard], zone: str) -> tuple[Day, ...]:
    here = clock.zone(zone)
    today = clock.now().astimezone(here).date()
    found: dict[date, list[PostCard]] = {today + timedelta(days=n): [] for n in range(DAYS_AHEAD)}
    for card in cards:
        if card.post.due_at is not None:
            found.setdefault(card.post.due_at.astimezone(here).date(), []).append(card)
    return tuple(Day(day, day == today, tuple(found[day])) for day in sorted(found)[:DAYS_AHEAD])


def _people(faces: dict[str, Face], coming: Sequence[PostCard]) -> tuple[Somebody, ...]:
    found = []
    for face in list(faces.values())[:12]:
        own = [c.post.due_at for c in coming if c.face.id == face.id and c.post.due_at]
        found.append(Somebody(face, min(own, default=None), len(own)))
    return tuple(found)
