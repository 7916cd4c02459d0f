"""Lists, filters, pages, tags, approval and bundles of the library."""

import base64
import json
import zipfile
from pathlib import Path

import pytest

from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ainfluencer.db.session import Database
from ainfluencer.library import queries, service, shelves
from ainfluencer.library.schemas import Filter
from ainfluencer.studio import queries as studio_queries
from ainfluencer.studio import service as studio
from ainfluencer.studio.models import Asset, AssetState, Rating
from tests.unit.media.test_media import picture


async def add(db: Database, actor: Actor, count: int) -> list[Asset]:
    made = []
    for number in range(count):
        async with db.writing() as session:
            made.append(
                await studio.add_upload(
                    session,
                    actor,
                    picture(40 + number, 40, seed=number),
                    filename=f"wave {number}.png",
                    character_id=None,
                    alt_text="A wave",
                    is_ai=number % 2 == 0,
                )
            )
    return made


async def test_pages_give_every_asset_once_in_each_order(db: Database, owner: Actor) -> None:
    made = {a.id for a in await add(db, owner, 7)}
    async with db.writing() as session:
        for number, asset_id in enumerate(sorted(made)):
            await studio.set_quality(session, owner, asset_id, score=number // 2 / 10, rating=Rating.SAFE)
    for sort in ("new", "old", "score"):
        seen: list[str] = []
        cursor = ""
        while True:
            async with db.reading() as session:
                page = await queries.list_assets(session, owner, Filter(sort=sort), cursor=cursor, limit=3)
            seen += [i.id for i in page.items]
            cursor = page.next_cursor or ""
            if not cursor:
                break
        assert sorted(seen) == sorted(made), sort
        assert len(seen) == len(set(seen))


async def test_filters_narrow(db: Database, owner: Actor) -> None:
    first, second, _third = await add(db, owner, 3)
    async with db.writing() as session:
        await service.approve(session, owner, [first.id])
        await service.add_tags(session, owner, second.id, ["Sea", "cold"])
    async with db.reading() as session:

        async def ids(**wanted: object) -> list[str]:
            page = await queries.list_assets(session, owner, Filter.model_validate(wanted))
            return [i.id for i in page.items]

        assert await ids(state="approved") == [first.id]
        assert await ids(tags=("sea", "cold")) == [second.id]
        assert await ids(tags=("sea", "warm")) == []
        assert await ids(q="wav 2") == [_third.id]
        assert await ids(q='"; drop table') == []
        assert await ids(kind="video") == []


async def test_a_rejection_needs_a_reason_and_a_reviewer(db: Database, owner: Actor) -> None:
    (asset,) = await add(db, owner, 1)
    creator = Actor(workspace_id=owner.workspace_id, role=Role.CREATOR)
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.reject(session, owner, [asset.id], "  ")
        with pytest.raises(NotAllowed):
            await service.reject(session, creator, [asset.id], "blurred")
        (row,) = await service.reject(session, owner, [asset.id], "blurred")
    assert (row.state, row.rejection_reason) == (AssetState.REJECTED, "blurred")


async def test_what_is_removed_is_not_listed(db: Database, owner: Actor) -> None:
    (asset,) = await add(db, owner, 1)
    async with db.writing() as session:
        assert await service.remove(session, owner, [asset.id]) == 1
    async with db.reading() as session:
        assert (await queries.list_assets(session, owner, Filter())).items == []
        with pytest.raises(NotFound):
            await studio_queries.get_asset(session, owner, asset.id)


async def test_the_origin_that_a_person_states_is_kept(db: Database, owner: Actor) -> None:
    made, brought = await add(db, owner, 2)
    assert made.source_type == "trainedAlgorithmicMedia"
    assert brought.source_type == "digitalCreation"


async def test_a_bundle_holds_originals_and_a_manifest(db: Database, owner: Actor, tmp_path: Path) -> None:
    await add(db, owner, 2)
    async with db.reading() as session:
        page = await queries.list_assets(session, owner, Filter())
    service.bundle(page.items, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        listed = json.loads(archive.read("manifest.json"))
        assert {f"{i['id']}.png" for i in listed} | {"manifest.json"} == set(archive.namelist())


async def test_collections_do_not_double(db: Database, owner: Actor) -> None:
    (asset,) = await add(db, owner, 1)
    async with db.writing() as session:
        made = await shelves.create(session, owner, "Winter")
        assert await shelves.collect(session, owner, made.id, [asset.id]) == 1
        assert await shelves.collect(session, owner, made.id, [asset.id]) == 0
        with pytest.raises(Conflict):
            await shelves.create(session, owner, "Winter")


async def test_another_workspace_sees_nothing(db: Database, owner: Actor) -> None:
    (asset,) = await add(db, owner, 1)
    stranger = Actor(workspace_id="0" * 26, role=Role.OWNER)
    async with db.reading() as session:
        assert (await queries.list_assets(session, stranger, Filter())).items == []
        assert (await queries.stats(session, stranger)).total == 0
        with pytest.raises(NotFound):
            await studio_queries.get_asset(session, stranger, asset.id)


async def test_a_foreign_cursor_is_refused(db: Database, owner: Actor) -> None:
    for sort, place in (
        ("new", "nonsense"),
        ("new", "2026|a"),
        ("new", "2026-01-01T00:00:00Z|a\0"),
        ("score", "best|a"),
    ):
        cursor = base64.urlsafe_b64encode(place.encode()).decode()
        async with db.reading() as session:
            with pytest.raises(InvalidInput):
                await queries.list_assets(session, owner, Filter(sort=sort), cursor=cursor)


async def test_tidying_takes_only_what_was_rejected_and_never_used(db: Database, owner: Actor) -> None:
    rejected, used, draft = await add(db, owner, 3)
    async with db.writing() as session:
        await service.reject(session, owner, [rejected.id, used.id], "blurred")
        await studio.note_use(session, owner, [used.id])
    async with db.writing() as session:
        assert await service.tidy(session, owner, older_than_days=1) == 0
        assert await service.tidy(session, owner, older_than_days=0) == 1
        with pytest.raises(NotAllowed):
            await service.tidy(session, Actor(workspace_id=owner.workspace_id, role=Role.CREATOR))
    async with db.reading() as session:
        left = (await queries.list_assets(session, owner, Filter())).items
    assert {i.id for i in left} == {used.id, draft.id}
