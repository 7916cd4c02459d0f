"""The list of posts: by state, filtered, with what can be done to several at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from ainfluencer.channels import queries as channels
from ainfluencer.channels.models import Channel
from ainfluencer.core import clock
from ainfluencer.core.actor import Right
from ainfluencer.publishing import queries
from ainfluencer.publishing.post_states import PostState
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.publishing.schemas import Face, PostCard
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PAGE = 24
S = PostState
TABS: tuple[tuple[str, str, tuple[PostState, ...]], ...] = (
    ("in_review", "In review", (S.IN_REVIEW,)),
    ("scheduled", "Scheduled", (S.APPROVED, S.SCHEDULED, S.PUBLISHING)),
    ("published", "Published", (S.PUBLISHED, S.PARTLY_PUBLISHED)),
    ("needs_person", "Needs you", (S.NEEDS_PERSON, S.FAILED, S.PARTLY_PUBLISHED)),
    ("draft", "Drafts", (S.DRAFT,)),
    ("rejected", "Rejected", (S.REJECTED, S.WITHDRAWN)),
    ("all", "All", ()),
)
_STATES = {key: states for key, _, states in TABS}
_EMPTY = {
    "in_review": (
        "Nothing waits for your look",
        "New posts appear here as soon as they are written and checked.",
        "done",
    ),
    "scheduled": ("Nothing is scheduled", "Approved posts with a date stand here until they go out.", "calendar"),
    "published": (
        "Nothing is public yet",
        "What went out stands here, with where it is and what was declared.",
        "insights",
    ),
    "needs_person": ("Nothing needs you", "Posts that stopped with a question would stand here.", "done"),
    "draft": ("No drafts", "What you begin and do not send to review is kept here.", "write"),
    "rejected": ("Nothing was rejected", "Rejected and withdrawn posts stand here, with the reason.", "library"),
    "all": ("No posts yet", "Let a week be written, or write one post yourself.", "write"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page is asked for, as it stands in the address."""

    state: str
    character: str = ""
    channel: str = ""
    q: str = ""
    since: str = ""
    until: str = ""

    def url(self, **changes: str) -> str:
        """The address with some of it changed."""
        now = {name: getattr(self, name) for name in ("state", "character", "channel", "q", "since", "until")}
        kept = {name: value for name, value in {**now, **changes}.items() if value}
        return f"/posts?{urlencode(kept)}"

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab narrows the list."""
        return any((self.character, self.channel, self.q, self.since, self.until))


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Posts with the tabs and filters above them."""

    cards: tuple[PostCard, ...]
    wanted: Wanted
    tabs: tuple[tuple[str, str, bool, int], ...]
    faces: tuple[Face, ...]
    channels: tuple[Channel, ...]
    next_url: str
    empty: tuple[str, str, str]
    can_review: bool
    can_create: bool
    waiting: int
    template: ClassVar[str] = "publishing/index.html"
    region: ClassVar[str] = "results"


@router.get("/posts")
async def index(  # noqa: PLR0913 - one parameter for each filter in the address
    request: Request,
    session: Read,
    actor: Who,
    *,
    state: str = "",
    character: str = "",
    channel: str = "",
    q: str = "",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> Response:
    """The posts of one tab; the first visit opens the tab where something waits."""
    counts = await queries.count_by_state(session, actor)
    if state not in _STATES:
        state = "in_review" if counts.get(S.IN_REVIEW) else "all"
    wanted = Wanted(state, character, channel, q[:200].strip(), _day(since), _day(until))
    found = await queries.list_posts(session, actor, _filter(wanted), limit=PAGE, cursor=cursor or None)
    known = await channels.list_channels(session, actor, limit=100)
    page = BoardPage(
        cards=tuple(await queries.cards(session, actor, found.items)),
        wanted=wanted,
        tabs=tuple((label, wanted.url(state=key), key == state, _count(counts, states)) for key, label, states in TABS),
        faces=tuple((await queries.faces(session, actor)).values()),
        channels=tuple(known.items),
        next_url=f"{wanted.url()}&cursor={found.next_cursor}" if found.next_cursor else "",
        empty=_EMPTY[state],
        can_review=actor.can(Right.REVIEW),
        can_create=actor.can(Right.CREATE),
        waiting=counts.get(S.IN_REVIEW, 0),
    )
    return render(request, page)


def _filter(wanted: Wanted) -> PostFilter:
    return PostFilter(
        wanted.character,
        wanted.channel,
        tuple(_STATES[wanted.state]),
        _instant(wanted.since),
        _instant(wanted.until, days=1),
        wanted.q,
    )


def _count(counts: dict[str, int], states: tuple[PostState, ...]) -> int:
    return sum(counts.get(state, 0) for state in states) if states else sum(counts.values())


def _day(text: str) -> str:
    """A day as it came in the address; empty when it is none, or none in which anything could be posted."""
    try:
        day = datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return ""
    return day.isoformat() if day and 1970 <= day.year < 9999 else ""


def _instant(day: str, *, days: int = 0) -> datetime | None:
    """Midnight (UTC) of a day, or of the one after."""
    if not day:
        return None
    date = datetime.fromisoformat(day).date() + timedelta(days=days)
    return clock.local_to_utc(date, time(), "UTC")[0]
