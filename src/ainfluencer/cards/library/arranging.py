"""What people do with cards without touching what they say: favourites, notes, tags of ours, the bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.accounts import service as accounts
from ainfluencer.cards.library.fingerprints import folded
from ainfluencer.cards.library.keeping import tag_key
from ainfluencer.cards.library.schemas import Beside, Bulk
from ainfluencer.cards.models import CardRow, CardTag, CardText
from ainfluencer.cards.queries import get
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput


async def put_beside(session: AsyncSession, actor: Actor, card_id: str, beside: Beside) -> CardRow:
    """Set the favourite mark, the note, and the tags that are ours; the card's file and revision stay as they are."""
    actor.require(Right.CREATE)
    row = await get(session, actor, card_id)
    if beside.is_favourite is not None:
        row.is_favourite = beside.is_favourite
    if beside.note is not None:
        row.note = _plain(beside.note)
    if beside.own_tags is not None:
        await _untag(session, actor, [card_id])
        await _tag(session, actor, [card_id], beside.own_tags)
    await _find_by(session, actor, [card_id])
    return row


async def do(session: AsyncSession, actor: Actor, bulk: Bulk) -> int:
    """One thing done to many cards; how many of them are there. Cards that are gone or of others are passed over."""
    actor.require(Right.CREATE)
    in_bin = bulk.action in {"restore", "erase"}
    ids = list(
        await session.scalars(
            select(CardRow.id).where(
                CardRow.workspace_id == actor.workspace_id,
                CardRow.kind == "card",
                CardRow.id.in_(bulk.ids),
                CardRow.deleted_at.is_not(None) if in_bin else CardRow.deleted_at.is_(None),
            )
        )
    )
    if bulk.action in {"tag", "untag"}:
        await _change_tags(session, actor, ids, bulk)
    elif bulk.action == "erase":
        await session.execute(delete(CardRow).where(CardRow.id.in_(ids), CardRow.workspace_id == actor.workspace_id))
    else:
        values = _values(bulk.action)
        await session.execute(
            update(CardRow).where(CardRow.id.in_(ids), CardRow.workspace_id == actor.workspace_id).values(values)
        )
    if ids and bulk.action in {"delete", "restore", "erase"}:
        subject = ("card", ids[0] if len(ids) == 1 else "")
        accounts.record(session, actor, f"card.{_PAST[bulk.action]}", subject=subject, cards=ids)
    return len(ids)


def _values(action: str) -> dict[str, Any]:
    if action in {"favourite", "unfavourite"}:
        return {"is_favourite": action == "favourite"}
    return {"deleted_at": clock.now() if action == "delete" else None}


_PAST = {"delete": "deleted", "restore": "restored", "erase": "erased"}


async def _change_tags(session: AsyncSession, actor: Actor, ids: Sequence[str], bulk: Bulk) -> None:
    if not any(tag_key(tag) for tag in bulk.tags):
        raise InvalidInput("There is no tag to set.", "Write at least one tag.", field="tags")
    if bulk.action == "tag":
        await _tag(session, actor, ids, bulk.tags)
    else:
        await _untag(session, actor, ids, bulk.tags)
    await _find_by(session, actor, ids)


async def _tag(session: AsyncSession, actor: Actor, ids: Sequence[str], tags: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(key for tag in tags if (key := tag_key(_plain(tag)))))
    there = set(
        await session.execute(
            select(CardTag.card_id, CardTag.tag).where(
                CardTag.workspace_id == actor.workspace_id, CardTag.card_id.in_(ids), CardTag.is_own
            )
        )
    )
    session.add_all(
        CardTag(workspace_id=actor.workspace_id, card_id=card_id, tag=tag, is_own=True)
        for card_id in ids
        for tag in wanted
        if (card_id, tag) not in there
    )
    await session.flush()


async def _untag(session: AsyncSession, actor: Actor, ids: Sequence[str], tags: Sequence[str] | None = None) -> None:
    gone = delete(CardTag).where(CardTag.workspace_id == actor.workspace_id, CardTag.card_id.in_(ids), CardTag.is_own)
    if tags is not None:
        gone = gone.where(CardTag.tag.in_([tag_key(tag) for tag in tags]))
    await session.execute(gone)


async def _find_by(session: AsyncSession, actor: Actor, ids: Sequence[str]) -> None:
    """Bring the words beside the cards up to date: their own tags and notes."""
    rows = await session.execute(
        select(CardRow.id, CardRow.note).where(CardRow.id.in_(ids), CardRow.workspace_id == actor.workspace_id)
    )
    tags: dict[str, list[str]] = {}
    for card_id, tag in await session.execute(
        select(CardTag.card_id, CardTag.tag).where(
            CardTag.workspace_id == actor.workspace_id, CardTag.card_id.in_(ids), CardTag.is_own
        )
    ):
        tags.setdefault(card_id, []).append(tag)
    for card_id, note in rows:
        words = " ".join((*tags.get(card_id, []), " ".join(folded(note).split())))
        await session.execute(
            update(CardText)
            .where(CardText.card_id == card_id, CardText.workspace_id == actor.workspace_id)
            .values(beside=words)
        )


def _plain(text: str) -> str:
    """Without what a database refuses: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
