"""Search over everything a person may look for: as JSON for the palette, and as a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import JSONResponse, Response

from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor
from ainfluencer.home import shell
from ainfluencer.inbox import queries as inbox
from ainfluencer.library import queries as library
from ainfluencer.library.schemas import Filter
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

LEAST = 2
_EACH_PALETTE, _EACH_PAGE = 4, 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    label: str
    href: str
    hint: str
    picture: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, and where all of them are listed."""

    title: str
    href: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found, by kind."""

    q: str
    groups: tuple[Group, ...]
    template: ClassVar[str] = "home/search.html"
    region: ClassVar[str] = "results"


@router.get("/search")
async def search(request: Request, session: Read, actor: Who, q: str = "") -> Response:
    """`Accept: application/json` answers `{"items": [{"label", "href", "hint"}]}`; else the page."""
    words = q.strip()[:120]
    wants_json = "application/json" in request.headers.get("accept", "")
    each = _EACH_PALETTE if wants_json else _EACH_PAGE
    groups = await find(session, actor, words, each) if len(words) >= LEAST else ()
    if wants_json:
        items = [asdict(hit) for group in groups for hit in group.hits]
        return JSONResponse({"items": items}, headers={"vary": "accept", "cache-control": "no-store"})
    places = Group("Places", "", _places(actor, words, each)) if words else None
    shown = (*((places,) if places and places.hits else ()), *groups)
    return render(request, SearchPage(words, shown))


async def find(session: AsyncSession, actor: Actor, words: str, each: int) -> tuple[Group, ...]:
    """Characters, posts, media and conversations that match; kinds without a hit are left out."""
    people = await characters.list_characters(session, actor, search=words, limit=each)
    found = await publishing.list_posts(session, actor, PostFilter(text=words), limit=each)
    cards = await publishing.cards(session, actor, found.items)
    assets = await library.list_assets(session, actor, Filter(q=words), limit=each)
    talks = await inbox.list_conversations(session, actor, state="", q=words, limit=each)
    groups = (
        Group(
            "Characters",
            "/characters",
            tuple(
                Hit(
                    c.name, f"/characters/{c.id}", "Character",
                    f"/media/{c.picture_file_id}/160.webp" if c.picture_file_id else "", "user-round",
                )
                for c in people.items
            ),
        ),
        Group(
            "Posts",
            "/posts",
            tuple(
                Hit(c.title[:120], f"/posts/{c.post.id}", f"Post by {c.face.name}", c.thumbnail(160), "send")
                for c in cards
            ),
        ),
        Group(
            "Library",
            "/library",
            tuple(
                Hit(a.title or a.alt_text[:80] or "Picture", f"/library/{a.id}", "Media", a.thumbnail_url, "image")
                for a in assets.items
            ),
        ),
        Group(
            "Inbox",
            "/inbox",
            tuple(
                Hit(f"{t.author}: {t.last_text}"[:120], f"/inbox/{t.id}", "Conversation", "", "message-circle")
                for t in talks.items
            ),
        ),
    )  # fmt: skip
    return tuple(group for group in groups if group.hits)


def _places(actor: Actor, words: str, each: int) -> tuple[Hit, ...]:
    items = [item for section in shell.sections(actor, to_review=0, unread=0) for item in section.items]
    return tuple(
        Hit(item.label, item.href, "Go to", "", item.icon) for item in items if words.lower() in item.label.lower()
    )[:each]
