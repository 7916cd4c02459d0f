"""The grid of media with its filters; the address keeps what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import Query, Request
from starlette.responses import Response

from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core.actor import Right
from ainfluencer.library import queries, shelves
from ainfluencer.library import wanted as choices
from ainfluencer.library.schemas import AssetOut, Stats
from ainfluencer.library.shelves import Shelf
from ainfluencer.library.wanted import Wanted
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PAGE = 48
REASONS = ("Looks wrong", "Words are wrong", "Not in character", "Too like an earlier one")


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The library as it is asked for."""

    assets: tuple[AssetOut, ...]
    faces: dict[str, Face]
    wanted: Wanted
    next_url: str
    stats: Stats
    shelves: tuple[Shelf, ...]
    tags: tuple[str, ...]
    can_create: bool
    can_review: bool
    kinds: tuple[tuple[str, str], ...] = choices.KINDS
    states: tuple[tuple[str, str], ...] = choices.STATES
    ratings: tuple[tuple[str, str], ...] = choices.RATINGS
    scores: tuple[tuple[str, str], ...] = choices.SCORES
    sorts: tuple[tuple[str, str], ...] = choices.SORTS
    reasons: tuple[str, ...] = REASONS
    template: ClassVar[str] = "library/index.html"
    region: ClassVar[str] = "results"

    @property
    def face_options(self) -> list[tuple[str, str]]:
        """The characters as choices."""
        return [(face.id, face.name) for face in self.faces.values()]

    @property
    def shelf_options(self) -> list[tuple[str, str]]:
        """The collections as choices."""
        return [(shelf.id, shelf.name) for shelf in self.shelves]


@dataclass(frozen=True, slots=True)
class MorePage:
    """The next cards of the same list."""

    assets: tuple[AssetOut, ...]
    faces: dict[str, Face]
    next_url: str
    template: ClassVar[str] = "library/_more.html"


@dataclass(frozen=True, slots=True)
class CardRegion:
    """One card, redrawn where it stands; a removed one leaves an empty place."""

    asset: AssetOut
    faces: dict[str, Face]
    is_gone: bool = False
    template: ClassVar[str] = "library/_card.html"

    @property
    def id(self) -> str:
        """The card's element."""
        return f"media-{self.asset.id}"


@router.get("/library")
async def index(
    request: Request, session: Read, actor: Who, asked: Annotated[Wanted, Query()], part: str = ""
) -> Response:
    """Everything that matches, a page at a time."""
    found = await queries.list_assets(session, actor, asked.filter(), cursor=asked.cursor, limit=PAGE)
    faces = await characters.faces(session, actor)
    more = asked.url(cursor=found.next_cursor) if found.next_cursor else ""
    if part == "more":
        return render(request, MorePage(tuple(found.items), faces, more))
    return render(
        request,
        IndexPage(
            assets=tuple(found.items),
            faces=faces,
            wanted=asked,
            next_url=more,
            stats=await queries.stats(session, actor),
            shelves=tuple(await shelves.all_shelves(session, actor)),
            tags=tuple(await queries.common_tags(session, actor)),
            can_create=actor.can(Right.CREATE),
            can_review=actor.can(Right.REVIEW),
        ),
    )
