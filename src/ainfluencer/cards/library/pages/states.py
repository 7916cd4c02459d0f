"""Two states of a card side by side, and the ways back."""

from __future__ import annotations

import asyncio
import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator
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
_MOST_MEETINGS = 200_000  # pairs of equal words or sentences: the work of comparing grows with them
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\s]*|[.!?。！？\s]+")
_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")

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
    """Both texts in pieces of words that stayed and words that changed; very long ones whole.

    Sentences are matched first, and words only inside those that differ: over a long text, words alone take seconds.
    """
    left, right = list[Piece](), list[Piece]()
    is_short = max(len(before), len(after)) <= _LONGEST
    for old, new in _matched(_SENTENCE, before, after) if is_short else [(before, after)]:
        for was, now in _matched(_WORD, old, new) if is_short and old != new else [(old, new)]:
            _join(left, "same" if was == now else "gone", was)
            _join(right, "same" if was == now else "new", now)
    return tuple(left), tuple(right)


def _matched(cut: re.Pattern[str], before: str, after: str) -> Iterator[tuple[str, str]]:
    """Runs of both texts, in order: the same in both, or in place of each other; one pair where it would take too long."""
    old, new = cut.findall(before), cut.findall(after)
    often = Counter(new)
    if not (old and new) or sum(often[one] for one in old) > _MOST_MEETINGS:
        yield before, after
        return
    for _, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield "".join(old[a:b]), "".join(new[c:d])


def _join(into: list[Piece], kind: str, words: str) -> None:
    if words and into and into[-1][0] == kind:
        into[-1] = kind, into[-1][1] + words
    elif words:
        into.append((kind, words))


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
