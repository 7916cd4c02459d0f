"""The calendar: posts with a date, slots that wait for one, and moving them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from pydantic import AwareDatetime, BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from ainfluencer.channels import queries as channels
from ainfluencer.channels.models import Channel
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.planning import queries
from ainfluencer.planning.models import Slot
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing import service as posts
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.publishing.schemas import Face, PostCard, PostEdit
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.filters import clock_time, plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router
from ainfluencer.web.states import look_of

router = Router(include_in_schema=False)

UNDATED = ("draft", "in_review", "approved")
UNDECIDED = ("draft", "in_review", "rejected")  # a new time is only noted; the approval schedules it


class Moved(BaseModel):
    """Where an event was dropped."""

    start: AwareDatetime


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The calendar with its filters, and what has no date yet."""

    faces: tuple[Face, ...]
    channels: tuple[Channel, ...]
    character: str
    channel: str
    events_url: str
    undated: tuple[PostCard, ...]
    can_move: bool
    can_create: bool
    held: int
    template: ClassVar[str] = "planning/calendar.html"


@router.get("/calendar")
async def show(request: Request, session: Read, actor: Who, character: str = "", channel: str = "") -> Response:
    """The frame; the events come by themselves."""
    faces = await publishing.faces(session, actor)
    known = await channels.list_channels(session, actor, limit=100)
    wanted = PostFilter(character_id=character, channel_id=channel, states=UNDATED)
    loose = [p for p in (await publishing.list_posts(session, actor, wanted, limit=60)).items if p.due_at is None]
    query = urlencode({"character": character, "channel": channel})
    page = CalendarPage(
        tuple(faces.values()),
        tuple(known.items),
        character,
        channel,
        f"/calendar/events?{query}",
        tuple(await publishing.cards(session, actor, loose[:12])),
        actor.can(Right.PUBLISH),
        actor.can(Right.CREATE),
        len(await posts.held_late(session, actor)),
    )
    return render(request, page)


@router.post("/calendar/due")
async def run_due(request: Request, session: Write, actor: Who, late: Annotated[bool, Form()] = False) -> Response:
    """Start what is due now, and what was held for being late if that is wanted."""
    told = await posts.run_due(session, actor, late=late)
    if told.started:
        flash(request, f"{plural(len(told.started), 'delivery', 'deliveries')} on the way.", "success")
    for refusal in told.refused[:3]:
        flash(request, f"{refusal.detail} {refusal.next_step}", "warning")
    if told.waiting:
        flash(request, f"{len(told.waiting)} tried again later by themselves.", "info")
    if not (told.started or told.refused or told.waiting):
        flash(request, "Nothing is due now.", "info")
    return go_to(request, "/calendar")


@router.get("/calendar/events")
async def events(
    session: Read,
    actor: Who,
    start: Annotated[AwareDatetime | None, Query()] = None,
    end: Annotated[AwareDatetime | None, Query()] = None,
    character: str = "",
    channel: str = "",
) -> list[dict[str, Any]]:
    """Posts and open slots between two instants (left out: a month around now)."""
    since, until = start or clock.from_now(days=-31), end or clock.from_now(days=31)
    found = await publishing.posts_due(session, actor, since, until, character_id=character, channel_id=channel)
    cards = await publishing.cards(session, actor, found)
    told = [_post_event(card, actor) for card in cards]
    slots = [] if channel else await queries.slots_between(session, actor, since, until)
    slots = [slot for slot in slots if character in {"", slot.character_id}]
    faces = await publishing.faces(session, actor, [slot.character_id for slot in slots]) if slots else {}
    return told + [_slot_event(slot, faces.get(slot.character_id)) for slot in slots]


def _post_event(card: PostCard, actor: Actor) -> dict[str, Any]:
    post = card.post
    due = post.due_at or clock.now()
    look = look_of(post.state)
    local = clock_time(due, post.timezone, "time")
    movable = card.is_movable and actor.can(Right.PUBLISH)
    return {
        "id": post.id,
        "title": card.title,
        "start": due.isoformat(),
        "tone": look.tone,
        "url": f"/posts/{post.id}",
        "url_move": f"/calendar/posts/{post.id}" if movable else "",
        "editable": movable,
        "image": card.thumbnail(160),
        "who": card.face.name,
        "state": look.label,
        "place": ", ".join(channel.title for channel in card.channels),
        "local": f"{local} in {post.timezone}",
        "tints": [_tint(channel.platform) for channel in card.channels][:4],
    }


def _tint(platform: str) -> str:
    """A stable colour of the palette for a platform."""
    return f"--chart-{sum(platform.encode()) % 6 + 1}"


def _slot_event(slot: Slot, face: Face | None) -> dict[str, Any]:
    return {
        "id": f"slot-{slot.id}",
        "title": slot.theme,
        "start": slot.due_at.isoformat(),
        "tone": "neutral",
        "url": f"/slots/{slot.id}",
        "editable": False,
        "planned": True,
        "who": face.name if face else "",
        "state": "Planned",
    }


@router.put("/calendar/posts/{post_id}")
async def move(session: Write, actor: Who, post_id: str, moved: Moved) -> Response:
    """Give a post another time."""
    return await _move(session, actor, post_id, moved.start)


@router.post("/calendar/posts/{post_id}")
async def drop(session: Write, actor: Who, post_id: str, moved: Moved) -> Response:
    """Give a post without a date its first one."""
    return await _move(session, actor, post_id, moved.start)


async def _move(session: AsyncSession, actor: Actor, post_id: str, at: datetime) -> Response:
    actor.require(Right.PUBLISH)
    post = await publishing.get(session, actor, post_id)
    if post.state in UNDECIDED:
        post = await posts.edit(session, actor, post_id, PostEdit(due_at=at))
    else:
        post = await posts.schedule(session, actor, post_id, at)
    return JSONResponse({"id": post.id, "state": post.state, "start": at.isoformat()})
