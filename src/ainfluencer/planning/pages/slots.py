"""A slot of the calendar: what is planned there, and the buttons that fill it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.channels import queries as channels
from ainfluencer.channels.models import Channel
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.engine import queries as jobs
from ainfluencer.engine.models import LIVE, Job
from ainfluencer.library import fitting
from ainfluencer.planning import filling, queries, service
from ainfluencer.planning.models import Slot, Week, WeekState
from ainfluencer.planning.schemas import Source, Wish
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.schemas import Face, PostCard
from ainfluencer.studio.models import Asset
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

SHELF = 12  # approved pictures to choose from by hand


@dataclass(frozen=True, slots=True)
class SlotRegion:
    """All of a slot's page that changes while one watches."""

    slot: Slot
    week: Week
    face: Face
    channels: tuple[Channel, ...]
    card: PostCard | None
    job: Job | None
    shelf: tuple[Asset, ...]
    can_create: bool
    template: ClassVar[str] = "planning/_slot.html"

    @property
    def id(self) -> str:
        """One a page."""
        return "slot"

    @property
    def is_alive(self) -> bool:
        """Whether it is being filled, alone or with its week."""
        return (self.job is not None and self.job.state in LIVE) or self.week.state in {
            WeekState.PLANNED,
            WeekState.MAKING,
        }

    @property
    def is_own(self) -> bool:
        """Whether the job that is shown fills this slot alone."""
        return self.job is not None and self.job.id == self.slot.job_id

    @property
    def may_fill(self) -> bool:
        """Whether the buttons are there."""
        return self.can_create and self.card is None and not self.is_alive


@dataclass(frozen=True, slots=True)
class SlotPage:
    """One slot."""

    region: SlotRegion
    template: ClassVar[str] = "planning/slot.html"


async def _region(session: AsyncSession, actor: Actor, slot_id: str) -> SlotRegion:
    slot = await queries.get_slot(session, actor, slot_id)
    week = await queries.get_week(session, actor, slot.week_id)
    faces = await publishing.faces(session, actor, [slot.character_id])
    found = [await channels.find(session, actor, channel_id) for channel_id in week.channel_ids]
    posts = await publishing.posts_of(session, actor, [slot.post_id] if slot.post_id else [])
    cards = await publishing.cards(session, actor, posts)
    may = actor.can(Right.CREATE)
    shelf = await fitting.usable(session, actor, filling.plan_of(slot), limit=SHELF) if may and not cards else ()
    return SlotRegion(
        slot,
        week,
        faces.get(slot.character_id, Face("", "Somebody")),
        tuple(channel for channel in found if channel),
        cards[0] if cards else None,
        await _job(session, actor, slot, week),
        tuple(shelf),
        may,
    )


async def _job(session: AsyncSession, actor: Actor, slot: Slot, week: Week) -> Job | None:
    job_id = week.job_id if week.state in {WeekState.PLANNED, WeekState.MAKING} else slot.job_id
    try:
        return await jobs.get(session, actor, job_id) if job_id else None
    except NotFound:
        return None  # jobs are tidied away after a while


@router.get("/slots/{slot_id}")
async def show(request: Request, session: Read, actor: Who, slot_id: str) -> Response:
    """One slot."""
    return render(request, SlotPage(await _region(session, actor, slot_id)))


@router.get("/slots/{slot_id}/region")
async def region(request: Request, session: Read, actor: Who, slot_id: str) -> Response:
    """The part that changes."""
    return swap(request, await _region(session, actor, slot_id), back=f"/slots/{slot_id}")


@router.post("/slots/{slot_id}/filling")
async def fill(
    request: Request,
    session: Write,
    actor: Who,
    slot_id: str,
    source: Annotated[Source, Form()] = "either",
    asset_id: Annotated[str, Form()] = "",
) -> Response:
    """Start to fill it."""
    await service.fill_slot(session, actor, slot_id, Wish(source=source, asset_id=asset_id))
    await session.flush()
    flash(request, "Its post is being made.", "info")
    return swap(request, await _region(session, actor, slot_id), back=f"/slots/{slot_id}")


@router.post("/slots/{slot_id}/filling/cancellation")
async def stop(request: Request, session: Write, actor: Who, slot_id: str) -> Response:
    """Stop filling it."""
    await service.stop_filling(session, actor, slot_id)
    await session.flush()
    flash(request, "Stopped.", "info")
    return swap(request, await _region(session, actor, slot_id), back=f"/slots/{slot_id}")
