"""JSON routes over the versions of a card: list them, compare them, take one back, merge two edits."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import File, Query, UploadFile

from ainfluencer.cards import intake, opening
from ainfluencer.cards.comparing import differ
from ainfluencer.cards.library import files, merging, tending
from ainfluencer.cards.library.api.single import recorded
from ainfluencer.cards.library.schemas import CardOut, MergeOut, Merging, Restoration, VersionOut
from ainfluencer.cards.models import CardRow, CardVersion
from ainfluencer.cards.queries import get, list_versions
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/cards", tags=["cards"])

Side = Annotated[str, Query(max_length=40)]


def version_out(row: CardRow, version: CardVersion) -> VersionOut:
    """The public shape of one version."""
    return VersionOut(
        number=version.number,
        reason=version.reason,
        fields=version.fields,
        by=version.user_name,
        container=version.container,
        spec=version.spec,
        score=version.score,
        created_at=version.created_at,
        changed_at=version.changed_at,
        is_current=version.number == row.version,
        is_sealed=version.is_sealed,
    )


@router.get("/{card_id}/versions")
async def versions(card_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """Every version of a card, the newest first."""
    row = await get(session, actor, card_id, deleted=True)
    found = await list_versions(session, actor, row)
    return {"items": [version_out(row, one).model_dump(mode="json") for one in found], "next_cursor": None}


@router.post("/{card_id}/versions/{number}/restoration")
async def restore(card_id: str, number: int, body: Restoration, actor: Who) -> CardOut:
    """Take an older version back as the newest one; those between stay."""
    if number < 1:
        raise NotFound("Versions are counted from 1.", "Choose one of the card's versions.", code="version_unknown")
    async with database().reading() as session:
        change = await tending.propose_restoration(session, actor, card_id, number, rev=body.rev)
    return await recorded(actor, change)


@router.get("/{card_id}/diff")
async def diff(
    card_id: str,
    session: Read,
    actor: Who,
    from_: Annotated[int, Query(alias="from", ge=0)] = 0,
    to: Annotated[int, Query(ge=0)] = 0,
    other: str = "",
) -> dict[str, Any]:
    """What differs between two versions (`from`, `to`; 0 is the newest), or between this card and the `other` one."""
    old = await tending.side_of(session, actor, card_id, str(from_))
    new = await tending.side_of(session, actor, card_id, other or str(to))
    return {"changes": await asyncio.to_thread(_differences, old, new)}


def _differences(old: files.Kept, new: files.Kept) -> list[dict[str, Any]]:
    before, after = files.opened(old).payload.data, files.opened(new).payload.data
    return [change.as_dict() for change in differ.differences(before, after)]


@router.get("/{card_id}/merge")
async def merge_plan(
    card_id: str, session: Read, actor: Who, theirs: Side, base: Side = "", ours: Side = ""
) -> MergeOut:
    """What a merge would do, difference by difference. Sides as in POST; an empty base is found by itself."""
    found = await merging.plan(session, actor, card_id, Merging(rev=0, theirs=theirs, base=base, ours=ours))
    return MergeOut(
        base=found.base,
        base_how=found.how,
        seen=found.seen,
        rev=found.rev,
        decisions=[one.as_dict() for one in found.decisions],
    )


@router.post("/{card_id}/merge/files", status_code=201)
async def merge_file(
    card_id: str, session: Read, actor: Who, file: Annotated[UploadFile, File(description="Another edit of this card")]
) -> dict[str, str]:
    """Put down a card file for a day; the answer is what `theirs` says to merge it."""
    await get(session, actor, card_id)
    return {"theirs": await merge_side(actor, file)}


async def merge_side(actor: Actor, file: UploadFile | None) -> str:
    """The side that an uploaded card becomes. `CardRefused` for a file that is no card."""
    actor.require(Right.CREATE)
    data, filename = await intake.uploaded(file, "")
    await asyncio.to_thread(opening.open_card, data, filename)
    return merging.FILE + await asyncio.to_thread(intake.keep, actor, data, filename)


@router.post("/{card_id}/merge")
async def merge(card_id: str, body: Merging, actor: Who) -> CardOut:
    """Bring another edit in as a new version.

    Fields that both sides changed are refused (409 merge_conflicts) unless `choices` or `prefer` says who wins them.
    """
    async with database().reading() as session:
        change = await merging.propose(session, actor, card_id, body)
    return await recorded(actor, change)
