"""Another edit of a card brought into it: choose the other side, look at every difference, take what is wanted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import File, Query, Request, UploadFile
from starlette.responses import Response

from ainfluencer.cards.comparing.choosing import Decision
from ainfluencer.cards.comparing.merger import MergeConflicts
from ainfluencer.cards.library import kinship, listing, merging, revising
from ainfluencer.cards.library.api.states import merge_side
from ainfluencer.cards.library.merging import FILE, NONE
from ainfluencer.cards.library.pages.show import SECTIONS
from ainfluencer.cards.library.pages.states import Piece, pieces
from ainfluencer.cards.library.schemas import CardOut, Filter, Kin, Merging
from ainfluencer.cards.queries import get, list_versions
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.errors import understood
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

SHOWN = 300
"""Differences that are shown one by one; the others go as they would by themselves."""

TITLES = dict(SECTIONS) | {
    "name": "Name", "nickname": "Nickname", "tags": "Tags", "creator": "Creator", "character_version": "Version of the card",
    "alternate_greetings": "Other greetings", "group_only_greetings": "Greetings in groups", "character_book": "Lorebook",
}  # fmt: skip
_ENTRY = re.compile(r"character_book\.entries\[(?:id:)?(?P<name>.+?)\](?P<rest>\..+)?")
_CHOICE = "side:"
_LONGEST = 4000
HOWS = {
    "same": "The other side was the very same then.",
    "near": "Of all versions it is the most like the other side.",
    "before": "It comes before the version that is merged.",
    "chosen": "",
    "none": "Neither comes from the other, so each difference is yours to decide.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One difference as the page shows it: each side in pieces, what is new against the base marked."""

    field: str
    title: str
    kind: str
    side: str
    can_join: bool
    base: str
    ours: tuple[Piece, ...]
    theirs: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SidesPage:
    """Which other side: versions, cards that are alike, any card, a file."""

    card_id: str
    name: str
    version: int
    numbers: tuple[int, ...]
    kin: tuple[Kin, ...]
    found: tuple[CardOut, ...]
    q: str
    can_create: bool
    template: ClassVar[str] = "cards/merge/index.html"
    region: ClassVar[str] = "found"


@dataclass(frozen=True, slots=True)
class MergePage:
    """Every difference, and a choice for each."""

    card_id: str
    name: str
    rev: int
    version: int
    numbers: tuple[int, ...]
    theirs: str
    theirs_name: str
    base: str
    how: str
    seen: str
    rows: tuple[Row, ...]
    more: int
    can_create: bool
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/merge/show.html"
    region: ClassVar[str] = "differences"

    @property
    def conflicts(self) -> int:
        """How many fields both sides changed."""
        return sum(row.kind == "conflict" for row in self.rows)


def _rows(decisions: Sequence[Decision]) -> tuple[Row, ...]:
    return tuple(_row(one) for one in decisions)


def _row(one: Decision) -> Row:
    base, ours, theirs = (_text(value) for value in (one.base, one.ours, one.theirs))
    sides = (tuple(pieces(base, side)[1]) for side in (ours, theirs))
    return Row(one.field, _title(one.field), one.kind, one.side, one.can_join, base, *sides)


def _title(field_name: str) -> str:
    """A field as people call it; what has no name of its own is called as `card set` calls it."""
    entry = _ENTRY.fullmatch(field_name)
    if entry is None:
        return TITLES.get(field_name, field_name)
    return f"Lore entry {entry['name']}" + (f": {entry['rest'].lstrip('.')}" if entry["rest"] else "")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and isinstance(value.get("content"), str) and isinstance(value.get("keys"), list):
        return f"{', '.join(map(str, value['keys']))}\n\n{value['content']}"[:_LONGEST]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@router.get("/cards/{card_id}/merge")
async def merge(
    request: Request,
    session: Read,
    actor: Who,
    card_id: str,
    theirs: Annotated[str, Query(max_length=40)] = "",
    base: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The differences to another side; without one, the choice of it."""
    row = await get(session, actor, card_id)
    if theirs:
        wanted = Merging(rev=row.rev, theirs=theirs, base=base)
        return render(request, await _page(session, actor, wanted, card_id))
    found = await listing.list_cards(session, actor, Filter(q=q), limit=11) if q.strip() else None
    page = SidesPage(
        card_id=card_id,
        name=row.name,
        version=row.version,
        numbers=tuple(one.number for one in await list_versions(session, actor, row) if one.number != row.version),
        kin=tuple(await kinship.kin_of(session, actor, card_id, limit=8)),
        found=tuple(one for one in found.items if one.id != card_id)[:10] if found else (),
        q=q,
        can_create=actor.can(Right.CREATE),
    )
    return render(request, page)


async def _page(
    session: Read, actor: Who, wanted: Merging, card_id: str, errors: dict[str, str] | None = None
) -> MergePage:
    row = await get(session, actor, card_id)
    plan = await merging.plan(session, actor, card_id, wanted)
    name = f"version {wanted.theirs}" if wanted.theirs.isdecimal() else "the file"
    if not wanted.theirs.isdecimal() and not wanted.theirs.startswith(FILE):
        name = (await get(session, actor, wanted.theirs)).name
    return MergePage(
        card_id=card_id,
        name=row.name,
        rev=row.rev,
        version=row.version,
        numbers=tuple(one.number for one in await list_versions(session, actor, row)),
        theirs=wanted.theirs,
        theirs_name=name,
        base=plan.base,
        how="" if wanted.base and wanted.base != NONE else HOWS[plan.how],
        seen=plan.seen,
        rows=await asyncio.to_thread(_rows, plan.decisions[:SHOWN]),
        more=max(0, len(plan.decisions) - SHOWN),
        can_create=actor.can(Right.CREATE),
        errors=errors or {},
    )


@router.post("/cards/{card_id}/merge/files")
async def merge_file(
    request: Request, session: Read, actor: Who, card_id: str, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Another edit as a file: it waits for a day, and the library does not get it."""
    await get(session, actor, card_id)
    if file is None or not file.filename:
        raise InvalidInput("There is no file.", "Choose a card file.", field="file")
    return go_to(request, f"/cards/{card_id}/merge?{urlencode({'theirs': await merge_side(actor, file)})}")


@router.post("/cards/{card_id}/merge")
async def save(request: Request, actor: Who, card_id: str) -> Response:
    """The merged card as a new version; with a conflict left open, the differences again."""
    async with request.form() as form:
        wanted = _asked({name: str(value) for name, value in form.items()})
    try:
        async with database().reading() as session:
            change = await merging.propose(session, actor, card_id, wanted)
    except MergeConflicts as conflicts:
        count = len(conflicts.clashes)
        told = f"{plural(count, 'conflict')} {'is' if count == 1 else 'are'} still open. Choose a side for each."
        async with database().reading() as session:
            return render(request, await _page(session, actor, wanted, card_id, {"": told}), status=422)
    async with database().writing() as session:
        row = await revising.record(session, actor, change)
        told = f"Merged; it is version {row.version} now." if change.examined else "Nothing was to be changed."
    flash(request, told, "success")
    return go_to(request, f"/cards/{card_id}")


def _asked(given: dict[str, str]) -> Merging:
    """The form as a merge. A choice is called by its field, so that it means the same whatever else changed."""
    choices = {name.removeprefix(_CHOICE): value for name, value in given.items() if name.startswith(_CHOICE)}
    rev = given.get("rev", "")
    return understood(
        Merging,
        rev=int(rev) if rev.isdecimal() and len(rev) < 9 else 0,
        theirs=given.get("theirs", ""),
        base=given.get("base", ""),
        seen=given.get("seen", ""),
        choices=choices,
    )
