"""The grid and the table of cards with their filters, and the bin; the address keeps what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import Query, Request
from starlette.responses import Response

from ainfluencer.cards.library import listing
from ainfluencer.cards.library import wanted as choices
from ainfluencer.cards.library.schemas import CardOut, Filter, NamedCount
from ainfluencer.cards.library.wanted import Wanted
from ainfluencer.core.actor import Right
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

PAGE = 60
ON_SAME = (
    ("skip", "Leave it out", "The card that is there stays as it is."),
    ("new_version", "Make it a new version", "The older text stays as an earlier version."),
    ("keep_both", "Keep both", "Two cards side by side."),
)
CARD_FILES = ".png,.apng,.json,.charx,.byaf,.webp,.jpg,.jpeg,.yaml,.yml,.zip"


@dataclass(frozen=True, slots=True)
class IndexPage:
    """The library as it is asked for."""

    cards: tuple[CardOut, ...]
    wanted: Wanted
    next_url: str
    total: int
    tags: tuple[NamedCount, ...]
    creators: tuple[NamedCount, ...]
    can_create: bool
    binned: int
    scores: tuple[tuple[str, str], ...] = choices.SCORES
    tokens: tuple[tuple[str, str], ...] = choices.TOKENS
    ratings: tuple[tuple[str, str], ...] = choices.RATINGS
    specs: tuple[tuple[str, str], ...] = choices.SPECS
    containers: tuple[tuple[str, str], ...] = choices.CONTAINERS
    lore: tuple[tuple[str, str], ...] = choices.LORE
    people: tuple[tuple[str, str], ...] = choices.PEOPLE
    sorts: tuple[tuple[str, str], ...] = choices.SORTS
    on_same: tuple[tuple[str, str, str], ...] = ON_SAME
    accept: str = CARD_FILES
    in_bin: bool = False
    template: ClassVar[str] = "cards/index.html"
    region: ClassVar[str] = "results"

    @property
    def tag_options(self) -> list[tuple[str, str]]:
        """The tags as choices, with their numbers."""
        return _options(self.tags)

    @property
    def creator_options(self) -> list[tuple[str, str]]:
        """The creators as choices, with their numbers."""
        return _options(self.creators)

    @property
    def more_url(self) -> str:
        """The next cards of the same list, without the page around them."""
        return f"{self.next_url}&part=more" if self.next_url else ""


@dataclass(frozen=True, slots=True)
class MorePage:
    """The next cards of the same list."""

    cards: tuple[CardOut, ...]
    wanted: Wanted
    next_url: str
    in_bin: bool
    template: ClassVar[str] = "cards/_more.html"

    @property
    def more_url(self) -> str:
        """The cards after these."""
        return f"{self.next_url}&part=more" if self.next_url else ""


def _options(counted: tuple[NamedCount, ...]) -> list[tuple[str, str]]:
    return [(one.name, f"{one.name} ({one.count})") for one in counted]


@router.get("/cards")
async def index(
    request: Request, session: Read, actor: Who, asked: Annotated[Wanted, Query()], part: str = ""
) -> Response:
    """Everything that matches, a page at a time."""
    return await _listed(request, session, actor, asked, part, in_bin=False)


@router.get("/cards/bin")
async def show_bin(
    request: Request, session: Read, actor: Who, asked: Annotated[Wanted, Query()], part: str = ""
) -> Response:
    """What was deleted and can be taken back."""
    return await _listed(request, session, actor, asked.model_copy(update={"view": "table"}), part, in_bin=True)


async def _listed(request: Request, session: Any, actor: Any, asked: Wanted, part: str, *, in_bin: bool) -> Response:
    found = await listing.list_cards(session, actor, asked.filter(in_bin=in_bin), cursor=asked.cursor, limit=PAGE)
    path = "/cards/bin" if in_bin else "/cards"
    more = asked.url(path, cursor=found.next_cursor) if found.next_cursor else ""
    cards = tuple(found.items)
    if part == "more":
        return render(request, MorePage(cards, asked, more, in_bin))
    return render(
        request,
        IndexPage(
            cards=cards,
            wanted=asked,
            next_url=more,
            total=await listing.count(session, actor, asked.filter(in_bin=in_bin)),
            tags=tuple(await listing.tags(session, actor)),
            creators=tuple(await listing.creators(session, actor)),
            can_create=actor.can(Right.CREATE),
            binned=0 if in_bin else await listing.count(session, actor, Filter(in_bin=True)),
            in_bin=in_bin,
        ),
    )
