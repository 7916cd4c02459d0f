"""Questions about the library. Pages are cut by (created_at, id), so that a million assets list as fast as ten."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db import paging
from ainfluencer.db.base import UtcDateTime
from ainfluencer.db.kept import Kept
from ainfluencer.library.models import AssetTag, CollectionItem
from ainfluencer.library.schemas import AssetOut, AssetPage, Filter, Stats
from ainfluencer.media.models import MediaFile
from ainfluencer.studio import queries as studio
from ainfluencer.studio import search
from ainfluencer.studio.models import Asset

T = TypeVar("T")


async def list_assets(
    session: AsyncSession, actor: Actor, wanted: Filter, *, cursor: str = "", limit: int = 60
) -> AssetPage:
    """One page of assets that match."""
    both: Select[Any, Any] = select(Asset, MediaFile).join(MediaFile, MediaFile.id == Asset.file_id)
    words = await search.matching(session, wanted.q) if wanted.q.strip() else None
    query = _filtered(both, actor, wanted, words)
    query = _after(query, wanted.sort, cursor)
    rows = list(await session.execute(query.limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    tags = await tags_of(session, actor, [a.id for a, _ in rows])
    items = [asset_out(asset, file, tags.get(asset.id, [])) for asset, file in rows]
    return AssetPage(items=items, next_cursor=_cursor(rows[-1][0], wanted.sort) if more else None)


def _filtered(
    query: Select[Any, Any], actor: Actor, wanted: Filter, words: search.Found | None = None
) -> Select[Any, Any]:
    # Where few are known by their ids, SQLite would yet walk the index of the list: the empty text keeps it away.
    workspace = Asset.workspace_id + "" if words and words.is_few else Asset.workspace_id
    clauses: list[ColumnElement[bool]] = [workspace == actor.workspace_id, Asset.deleted_at.is_(None)]
    if words:
        clauses.append(words.condition)
    for column, value in (
        (Asset.character_id, wanted.character_id),
        (Asset.kind, wanted.kind),
        (Asset.category, wanted.category),
        (Asset.state, wanted.state),
        (Asset.rating, wanted.rating),
    ):
        if value:
            clauses.append(column == value)
    if wanted.min_score:
        # The sum keeps the index of scores out of it: it would gather and sort hundreds of thousands for one page.
        clauses.append(Asset.score + 0 >= wanted.min_score)
    if wanted.favourite:
        clauses.append(Asset.is_favourite.is_(True))
    if wanted.since:
        clauses.append(Asset.created_at >= wanted.since)
    if wanted.until:
        clauses.append(Asset.created_at < wanted.until)
    clauses.extend(
        Asset.id.in_(
            select(AssetTag.asset_id).where(AssetTag.workspace_id == actor.workspace_id, AssetTag.tag == tag.lower())
        )
        for tag in wanted.tags
    )
    if wanted.collection_id:
        inside = select(CollectionItem.asset_id).where(
            CollectionItem.collection_id == wanted.collection_id, CollectionItem.workspace_id == actor.workspace_id
        )
        clauses.append(Asset.id.in_(inside))
    return query.where(*clauses)


def _after(query: Select[Any, Any], sort: str, cursor: str) -> Select[Any, Any]:
    if sort == "score":
        # Unscored assets have no place in this order, and leaving them out lets the index serve it.
        query = query.where(Asset.score.is_not(None)).order_by(Asset.score.desc(), Asset.id.desc())
        if cursor:
            score, last = _read_cursor(cursor, float)
            return query.where(tuple_(Asset.score, Asset.id) < tuple_(literal(score), literal(last)))
        return query
    newest = sort == "new"
    query = query.order_by(
        Asset.created_at.desc() if newest else Asset.created_at, Asset.id.desc() if newest else Asset.id
    )
    if not cursor:
        return query
    at, last = _read_cursor(cursor, paging.instant)
    place, here = tuple_(Asset.created_at, Asset.id), tuple_(literal(at, UtcDateTime()), literal(last))
    return query.where(place < here if newest else place > here)


def _cursor(asset: Asset, sort: str) -> str:
    value = str(asset.score or 0.0) if sort == "score" else asset.created_at.isoformat()
    return base64.urlsafe_b64encode(f"{value}|{asset.id}".encode()).decode()


def _read_cursor(cursor: str, read: Callable[[str], T]) -> tuple[T, str]:
    try:
        value, _, last = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        if paging.is_id(last):
            return read(value), last
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise InvalidInput("The cursor is not one of ours.", "Start again without a cursor.", field="cursor")


def asset_out(asset: Asset, file: MediaFile, tags: list[str]) -> AssetOut:
    """The public shape of one asset."""
    return AssetOut(
        id=asset.id,
        character_id=asset.character_id,
        run_id=asset.run_id,
        redrawn_from_id=asset.redrawn_from_id,
        file_id=file.id,
        kind=asset.kind,
        category=asset.category,
        position=asset.position,
        title=asset.title,
        alt_text=asset.alt_text,
        state=asset.state,
        rejection_reason=asset.rejection_reason,
        rating=asset.rating,
        score=asset.score,
        is_favourite=asset.is_favourite,
        source_type=asset.source_type,
        maker=asset.maker,
        mime=file.mime,
        width=file.width,
        height=file.height,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        colour=file.colour,
        is_signed=file.is_signed,
        times_used=asset.times_used,
        created_at=asset.created_at,
        tags=tags,
        url=f"/media/{file.id}",
        thumbnail_url=f"/media/{file.id}/320.webp" if file.kind == "image" else "",
    )


async def tags_of(session: AsyncSession, actor: Actor, asset_ids: Iterable[str]) -> dict[str, list[str]]:
    """Tags of several assets in one query."""
    rows = await session.execute(
        select(AssetTag.asset_id, AssetTag.tag)
        .where(AssetTag.asset_id.in_(list(asset_ids)), AssetTag.workspace_id == actor.workspace_id)
        .order_by(AssetTag.tag)
    )
    found: dict[str, list[str]] = {}
    for asset_id, tag in rows:
        found.setdefault(asset_id, []).append(tag)
    return found


async def common_tags(session: AsyncSession, actor: Actor, limit: int = 60) -> list[str]:
    """The tags that are used most, by name; of a large library as they were some seconds ago."""
    counted = await _TAGS.get((actor.workspace_id, limit), lambda: _tags_counted(session, actor, limit))
    return sorted(tag for tag, _ in counted)


async def _tags_counted(session: AsyncSession, actor: Actor, limit: int) -> list[tuple[str, int]]:
    rows = await session.execute(
        select(AssetTag.tag, func.count())
        .where(AssetTag.workspace_id == actor.workspace_id)
        .group_by(AssetTag.tag)
        .order_by(func.count().desc())
        .limit(limit)
    )
    return [(tag, count) for tag, count in rows]


async def many(session: AsyncSession, actor: Actor, asset_ids: Sequence[str]) -> list[AssetOut]:
    """These assets in this order, in two queries; unknown and removed ones are left out."""
    pairs = await studio.assets_with_files(session, actor, asset_ids)
    tags = await tags_of(session, actor, [asset.id for asset, _ in pairs])
    return [asset_out(asset, file, tags.get(asset.id, [])) for asset, file in pairs]


async def stats(session: AsyncSession, actor: Actor, character_id: str = "") -> Stats:
    """How much there is: items by kind and state, and the bytes that the workspace's (or character's) files take.

    Counting a large library takes longer than showing a page of it, so that such an answer may be some seconds old.
    """
    return await _COUNTS.get((actor.workspace_id, character_id), lambda: _counted(session, actor, character_id))


async def _counted(session: AsyncSession, actor: Actor, character_id: str) -> Stats:
    clauses = [Asset.workspace_id == actor.workspace_id, Asset.deleted_at.is_(None)]
    bytes_of = select(func.sum(MediaFile.size_bytes)).where(MediaFile.workspace_id == actor.workspace_id)
    if character_id:
        clauses.append(Asset.character_id == character_id)
        bytes_of = bytes_of.where(MediaFile.id.in_(select(Asset.file_id).where(*clauses)))
    rows = await session.execute(
        select(Asset.kind, Asset.state, func.count()).where(*clauses).group_by(Asset.kind, Asset.state)
    )
    out = Stats(total=0, by_kind={}, by_state={}, size_bytes=int(await session.scalar(bytes_of) or 0))
    for kind, state, count in rows:
        out.total += count
        out.by_kind[kind] = out.by_kind.get(kind, 0) + count
        out.by_state[state] = out.by_state.get(state, 0) + count
    return out


MANY = 10_000
_TAGS: Kept[tuple[str, int], list[tuple[str, int]]] = Kept(lambda found: sum(count for _, count in found) >= MANY)
_COUNTS: Kept[tuple[str, str], Stats] = Kept(lambda found: found.total >= MANY)
