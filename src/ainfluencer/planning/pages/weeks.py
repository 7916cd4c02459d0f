"""Pages of a week: choose a character, say when and where, watch it being made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import Form, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.channels import queries as channels
from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.engine import queries as jobs
from ainfluencer.engine.models import Job
from ainfluencer.integrations.manifest import Access
from ainfluencer.planning import queries, service, times
from ainfluencer.planning.models import Slot, SlotState, Week, WeekState
from ainfluencer.planning.schemas import NewWeek, Source
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import Face, PostCard
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

ALIVE = (WeekState.PLANNED, WeekState.MAKING)
BUILT_IN = "built-in"  # the value of a channel that is made when the week starts
DAYS = (1, 3, 5, 7, 14)


@dataclass(frozen=True, slots=True)
class Latest:
    """A line about an earlier week."""

    week: Week
    face: Face


@dataclass(frozen=True, slots=True)
class NewPage:
    """The first step: whose week it is."""

    faces: tuple[Face, ...]
    latest: tuple[Latest, ...]
    template: ClassVar[str] = "planning/new.html"


@dataclass(frozen=True, slots=True)
class Values:
    """What the form of the second step holds."""

    days: int = 7
    channel_ids: tuple[str, ...] = (BUILT_IN,)
    start: str = "tomorrow"
    approve: str = "each"


@dataclass(frozen=True, slots=True)
class WhenPage:
    """The second step: days, channels, when, and who approves."""

    face: Face
    channels: tuple[tuple[str, str, str, str], ...]
    can_approve: bool
    first_day: str
    values: Values = field(default_factory=Values)
    errors: dict[str, str] = field(default_factory=dict)
    days: tuple[int, ...] = DAYS
    template: ClassVar[str] = "planning/when.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class SlotCard:
    """A slot, and its post once there is one."""

    slot: Slot
    card: PostCard | None

    @property
    def state(self) -> str:
        """The post's state as soon as it exists, else the slot's."""
        return str(self.card.post.state if self.card else self.slot.state)


@dataclass(frozen=True, slots=True)
class WeekRegion:
    """Everything on a week's page that changes while one watches."""

    week: Week
    face: Face
    slots: tuple[SlotCard, ...]
    job: Job | None
    can_create: bool
    template: ClassVar[str] = "planning/_week.html"

    @property
    def id(self) -> str:
        """One week a page."""
        return "week"

    @property
    def is_alive(self) -> bool:
        """Whether it is being made."""
        return self.week.state in ALIVE

    @property
    def is_moving(self) -> bool:
        """Whether posts are still on their way."""
        return self.is_alive or any(s.card and s.card.is_under_way for s in self.slots)

    @property
    def done(self) -> int:
        """Slots that have a post."""
        return sum(s.slot.state == SlotState.DONE for s in self.slots)

    @property
    def failed(self) -> tuple[Slot, ...]:
        """Slots that could not be made."""
        return tuple(s.slot for s in self.slots if s.slot.state == SlotState.FAILED)

    def count(self, *states: str) -> int:
        """Posts in one of these states."""
        return sum(bool(s.card) and s.state in states for s in self.slots)

    @property
    def part(self) -> float:
        """0..1, how much of it is made."""
        made = self.job.progress if self.job and self.is_alive else 0.0
        return max(made, self.done / len(self.slots)) if self.slots else 1.0


@dataclass(frozen=True, slots=True)
class WeekPage:
    """One week."""

    region: WeekRegion
    face: Face
    week: Week
    template: ClassVar[str] = "planning/week.html"


@router.get("/weeks")
async def index(request: Request) -> Response:
    """Weeks stand where one makes a new one."""
    return go_to(request, "/weeks/new")


@router.get("/weeks/new")
async def new(request: Request, session: Read, actor: Who, character: str = "") -> Response:
    """The first step, or the second once a character is chosen."""
    actor.require(Right.CREATE)
    if character:
        return render(request, await _when_page(session, actor, character))
    weeks = await queries.list_weeks(session, actor, limit=6)
    faces = await publishing.faces(session, actor)
    latest = tuple(Latest(week, faces[week.character_id]) for week in weeks if week.character_id in faces)
    return render(request, NewPage(tuple(faces.values()), latest))


async def _when_page(
    session: AsyncSession,
    actor: Actor,
    character_id: str,
    values: Values | None = None,
    errors: dict[str, str] | None = None,
) -> WhenPage:
    face = await service.face_of(session, actor, character_id)
    known = await channels.list_channels(session, actor, character_id=face.id, state=ChannelState.CONNECTED, limit=60)
    return WhenPage(
        face,
        _choices(known.items),
        actor.can(Right.REVIEW),
        f"{times.first_day(face.timezone):%A}",
        values or Values(),
        errors or {},
    )


def _choices(known: Sequence[Channel]) -> tuple[tuple[str, str, str, str], ...]:
    """The built-in network first (it needs no account), then the connected ones."""
    built_in = [(BUILT_IN, m.title, "On this machine, no account needed", "theater") for m in registry.built_in()[:1]]
    outside = []
    for channel in known:
        manifest = registry.manifest(channel.platform)
        if manifest.access is not Access.BUILT_IN:
            outside.append((channel.id, channel.title, f"{manifest.title} · {channel.handle}", "radio-tower"))
    return (*built_in, *outside)


@router.post("/weeks")
async def create(
    request: Request,
    session: Write,
    actor: Who,
    character_id: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "7",
    channel_ids: Annotated[list[str] | None, Form()] = None,
    start: Annotated[str, Form()] = "tomorrow",
    approve: Annotated[str, Form()] = "each",
) -> Response:
    """Plan the week and start making it."""
    values = Values(int(days) if days.isdigit() else 0, tuple(one for one in channel_ids or () if one), start, approve)
    try:
        week = await _start(session, actor, character_id, values)
    except (InvalidInput, ValidationError) as mistake:
        await session.rollback()
        page = await _when_page(session, actor, character_id, values, form_errors(mistake))
        return render(request, page, status=422)
    return go_to(request, f"/weeks/{week.id}")


async def _start(session: AsyncSession, actor: Actor, character_id: str, values: Values) -> Week:
    if not values.channel_ids:
        raise InvalidInput("The week goes to no channel.", "Choose at least one.", field="channel_ids")
    chosen = [one for one in values.channel_ids if one != BUILT_IN]
    if BUILT_IN in values.channel_ids:
        chosen.insert(0, await service.built_in_channel(session, actor, character_id))
    new = NewWeek(
        character_id=character_id,
        days=values.days,
        channel_ids=chosen,
        approve_all=values.approve == "all",
        start_now=values.start == "now",
        only_plan=values.start == "plan",
    )
    return await service.create_week(session, actor, new)


async def _region(session: AsyncSession, actor: Actor, week: Week) -> WeekRegion:
    slots = await queries.slots_of(session, actor, week.id)
    posts = await publishing.posts_of(session, actor, [slot.post_id for slot in slots if slot.post_id])
    cards = {card.post.id: card for card in await publishing.cards(session, actor, posts)}
    face = (await publishing.faces(session, actor, [week.character_id])).get(week.character_id, Face("", "Somebody"))
    job = await jobs.get(session, actor, week.job_id) if week.job_id and week.state in ALIVE else None
    shown = tuple(SlotCard(slot, cards.get(slot.post_id or "")) for slot in slots)
    return WeekRegion(week, face, shown, job, actor.can(Right.CREATE))


@router.get("/weeks/{week_id}")
async def show(request: Request, session: Read, actor: Who, week_id: str) -> Response:
    """One week, live."""
    region = await _region(session, actor, await queries.get_week(session, actor, week_id))
    return render(request, WeekPage(region, region.face, region.week))


@router.get("/weeks/{week_id}/region")
async def region(request: Request, session: Read, actor: Who, week_id: str) -> Response:
    """The part that changes."""
    found = await _region(session, actor, await queries.get_week(session, actor, week_id))
    return swap(request, found, back=f"/weeks/{week_id}")


@router.post("/weeks/{week_id}/cancellation")
async def cancel(request: Request, session: Write, actor: Who, week_id: str) -> Response:
    """Stop making it."""
    week = await service.cancel_week(session, actor, week_id)
    flash(request, "Stopped. What is done stays.", "info")
    return swap(request, await _region(session, actor, week), back=f"/weeks/{week_id}")


@router.post("/weeks/{week_id}/continuation")
async def go_on(
    request: Request, session: Write, actor: Who, week_id: str, source: Annotated[Source, Form()] = "new"
) -> Response:
    """Make what is missing, or take it from the library where something fits."""
    week = await service.retry_week(session, actor, week_id, source)
    flash(request, "Going on with what is missing.", "success")
    return swap(request, await _region(session, actor, week), back=f"/weeks/{week_id}")
