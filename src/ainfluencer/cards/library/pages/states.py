"""Two states of a card side by side, and the ways back."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import Form, Query, Request
from starlette.responses import Response

from ainfluencer.cards.comparing import differ
from ainfluencer.cards.library import files, revising, tending
from ainfluencer.cards.queries import get, list_versions
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

_LONGEST = 20_000  # characters whose words are compared one by one
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")

Piece = tuple[str, str]
"""A kind (same, gone, new) and its words."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; both sides in pieces, so that the words that changed can be marked."""

    field: str
    kind: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class DiffPage:
    """What differs between two versions, or two cards."""

    card_id: str
    name: str
    rev: int
    version: int
    numbers: tuple[int, ...]
    old: int
    new: int
    other: str
    other_name: str
    changes: tuple[Difference, ...]
    can_create: bool
    template: ClassVar[str] = "cards/diff.html"
    region: ClassVar[str] = "changes"


@router.get("/cards/{card_id}/diff")
async def diff(
    request: Request,
    session: Read,
    actor: Who,
    card_id: str,
    old: Annotated[int, Query(alias="from", ge=0)] = 0,
    new: Annotated[int, Query(alias="to", ge=0)] = 0,
    other: str = "",
) -> Response:
    """Field by field; without numbers, the newest version against the one before it."""
    row = await get(session, actor, card_id)
    numbers = tuple(one.number for one in await list_versions(session, actor, row))
    new = new or row.version
    old = old or (new if other else max(1, new - 1))
    before = await tending.side_of(session, actor, card_id, str(old))
    after = await tending.side_of(session, actor, card_id, other or str(new))
    other_name = (await get(session, actor, other)).name if other else ""
    changes = await asyncio.to_thread(_changes, before, after)
    can = actor.can(Right.CREATE)
    page = DiffPage(card_id, row.name, row.rev, row.version, numbers, old, new, other, other_name, changes, can)
    return render(request, page)


def _changes(old: files.Kept, new: files.Kept) -> tuple[Difference, ...]:
    found = differ.differences(files.opened(old).payload.data, files.opened(new).payload.data)
    return tuple(Difference(one.field, one.kind, *pieces(_shown(one.before), _shown(one.after))) for one in found)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces of words that stayed and words that changed; very long ones whole."""
    if max(len(before), len(after)) > _LONGEST or not before or not after:
        return ((("gone", before),) if before else ()), ((("new", after),) if after else ())
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    left, right = list[Piece](), list[Piece]()
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            left.append(("same", "".join(old[a:b])))
            right.append(("same", "".join(new[c:d])))
            continue
        if b > a:
            left.append(("gone", "".join(old[a:b])))
        if d > c:
            right.append(("new", "".join(new[c:d])))
    return tuple(left), tuple(right)


@router.post("/cards/{card_id}/versions/{number}/restoration")
async def restore(request: Request, actor: Who, card_id: str, number: int, rev: Annotated[int, Form()]) -> Response:
    """Take an older version back as the newest one."""
    async with database().reading() as session:
        change = await tending.propose_restoration(session, actor, card_id, max(1, number), rev=rev)
    async with database().writing() as session:
        row = await revising.record(session, actor, change)
        told = (
            f"Version {number} is back, as version {row.version}." if change.examined else "It is the newest already."
        )
    flash(request, told, "success")
    return go_to(request, f"/cards/{card_id}")
