"""One slot gets its post: from the library where something fits, else a new one, in words for each channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job, JobState
from ainfluencer.planning import api, queries, reading, service
from ainfluencer.planning import jobs as planning_jobs
from ainfluencer.planning.models import Slot, SlotState, WeekState
from ainfluencer.planning.schemas import NewWeek, Wish, WishForSeveral
from ainfluencer.publishing import queries as publishing
from ainfluencer.publishing.content import Content, load
from ainfluencer.studio import service as studio
from ainfluencer.studio.models import Asset, AssetState, Rating
from ainfluencer.studio.schemas import NewRun, PosterRecipe
from tests.support import posting
from tests.support.clients import client_for, small_app
from tests.support.doubles import install, uninstall


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


@pytest.fixture
def platforms() -> Iterator[None]:
    install()
    yield
    uninstall()


@pytest.fixture
async def mira(db: Database, owner: Actor) -> str:
    return await posting.add_character(db, owner)


async def plan(db: Database, owner: Actor, mira: str, *channels: str, days: int = 1) -> list[Slot]:
    """The open slots of a week that is only planned; the first is a quote about the harbour."""
    async with db.writing() as session:
        new = NewWeek(character_id=mira, days=days, seed=5, only_plan=True, channel_ids=list(channels))
        week = await service.create_week(session, owner, new)
        slots = list(await queries.slots_of(session, owner, week.id))
        slots[0].theme, slots[0].angle, slots[0].format = "The harbour at dusk", "boats come home", "quote"
    assert week.state == WeekState.UNFILLED
    assert week.job_id is None
    return slots


async def approved(db: Database, owner: Actor, mira: str, title: str, **values: Any) -> str:
    """An approved picture in the library."""
    state = values.pop("state", AssetState.APPROVED)
    return await posting.add_asset(
        db, owner, mira, title=title, alt_text=f"A picture of {title.lower()}.", state=state, **values
    )


async def fill(db: Database, owner: Actor, slot: Slot, **wish: object) -> Slot:
    """Ask for it and run its job as the engine would."""
    async with db.writing() as session:
        asked = await service.fill_slot(session, owner, slot.id, Wish.model_validate(wish))
    await run_job(db, str(asked.job_id))
    return await now(db, owner, slot)


async def run_job(db: Database, job_id: str) -> None:
    async with db.writing() as session:
        job = await session.get_one(Job, job_id)
        job.state = JobState.RUNNING
        run = JobRun(job)
    try:
        await planning_jobs.fill_slot(run)
    finally:
        async with db.writing() as session:
            (await session.get_one(Job, job_id)).state = JobState.COMPLETED


async def now(db: Database, owner: Actor, slot: Slot) -> Slot:
    async with db.reading() as session:
        return await queries.get_slot(session, owner, slot.id)


async def whole(db: Database, owner: Actor, slot: Slot) -> Content:
    async with db.reading() as session:
        return await load(session, await publishing.get(session, owner, str(slot.post_id)))


async def test_an_approved_picture_about_the_theme_is_taken(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    await approved(db, owner, mira, "Sourdough and butter")
    fits = await approved(db, owner, mira, "The harbour at dusk", size=(41, 50))
    done = await fill(db, owner, slot, source="either")
    post = await whole(db, owner, done)
    assert [p.asset.id for p in post.pictures] == [fits]
    assert (done.state, done.filled_from) == (SlotState.DONE, "library")
    assert post.post.caption
    assert post.post.state == "in_review"
    assert post.post.due_at == slot.due_at


@pytest.mark.parametrize(
    "values",
    [
        {"state": AssetState.DRAFT},
        {"state": AssetState.REJECTED},
        {"rating": Rating.ADULT},
        {"category": "story"},
        {"kind": "video"},
    ],
)
async def test_what_may_not_be_used_is_not_found(
    db: Database, owner: Actor, mira: str, values: dict[str, object]
) -> None:
    (slot,) = await plan(db, owner, mira)
    asset = await approved(db, owner, mira, "The harbour at dusk")
    async with db.writing() as session:
        row = await session.get_one(Asset, asset)
        for name, value in values.items():
            setattr(row, name, value)
    with pytest.raises(NotFound, match="No approved picture"):
        await fill(db, owner, slot, source="library")
    failed = await now(db, owner, slot)
    assert (failed.state, failed.error["code"]) == (SlotState.FAILED, "not_found")


async def test_a_picture_that_was_shown_lately_rests(db: Database, owner: Actor, mira: str) -> None:
    first, second = await plan(db, owner, mira, days=2)
    async with db.writing() as session:
        other = await queries.get_slot(session, owner, second.id)
        other.theme, other.angle, other.format = first.theme, first.angle, first.format
    await approved(db, owner, mira, "The harbour at dusk")
    assert (await fill(db, owner, first, source="library")).post_id
    with pytest.raises(NotFound):
        await fill(db, owner, second, source="library")


async def test_a_person_may_choose_the_picture(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    bread = await approved(db, owner, mira, "Sourdough and butter")
    done = await fill(db, owner, slot, source="library", asset_id=bread)
    assert [p.asset.id for p in (await whole(db, owner, done)).pictures] == [bread]


async def test_an_unusable_picture_is_refused_before_anything_begins(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    other = await posting.add_character(db, owner, "Tom")
    for asset in (
        await approved(db, owner, mira, "Fog", state=AssetState.DRAFT),
        await approved(db, owner, other, "Fog", size=(42, 50)),
    ):
        async with db.writing() as session:
            with pytest.raises(InvalidInput):
                await service.fill_slot(session, owner, slot.id, Wish(asset_id=asset))
    assert (await now(db, owner, slot)).job_id is None


async def test_all_approved_pages_of_a_set_go_together(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    recipe = PosterRecipe(format="carousel", title="The harbour at dusk", items=("Boats", "Nets", "Lamps"), seed=3)
    new = NewRun(character_id=mira, title="The harbour at dusk", alt_text="Boats come home.", recipe=recipe)
    async with db.writing() as session:
        run = await studio.start(session, owner, new, enqueue=False)
    pages = await studio.execute(owner, run.id)
    async with db.writing() as session:
        for page in pages[:-1]:
            (await session.get_one(Asset, page.id)).state = AssetState.APPROVED
    done = await fill(db, owner, slot, source="library")
    assert [p.asset.id for p in (await whole(db, owner, done)).pictures] == [p.id for p in pages[:-1]]


async def test_where_nothing_fits_a_new_one_is_made(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    await approved(db, owner, mira, "Quarterly numbers")
    done = await fill(db, owner, slot, source="either")
    post = await whole(db, owner, done)
    assert (done.filled_from, done.state) == ("new", SlotState.DONE)
    assert post.pictures[0].asset.run_id == done.run_id
    assert post.pictures[0].asset.character_id == mira
    async with db.reading() as session:
        assert (await queries.get_week(session, owner, slot.week_id)).state == WeekState.READY


async def test_each_channel_gets_words_that_it_takes(
    db: Database, owner: Actor, mira: str, platforms: None, workspace: object
) -> None:
    wide = await posting.add_channel(db, owner, "pier", limits={"text": 5000, "text_bytes": None, "hashtags": 20})
    small = await posting.add_channel(db, owner, "quay", limits={"text": 60, "text_bytes": None})
    (slot,) = await plan(db, owner, mira, wide, small)
    post = await whole(db, owner, await fill(db, owner, slot, source="new"))
    by_channel = {variant.channel_id: (variant, channel) for variant, channel in post.variants}
    assert post.labelled(*by_channel[wide]).text.startswith(post.post.caption.strip())
    cut = post.labelled(*by_channel[small]).text
    assert 0 < len(cut) <= 60
    assert by_channel[small][0].is_adapted
    assert len(by_channel[small][0].hashtags or post.post.hashtags) <= 3


async def test_a_slot_has_one_post_and_one_job(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    async with db.writing() as session:
        asked = await service.fill_slot(session, owner, slot.id, Wish())
        with pytest.raises(Conflict, match="being filled already"):
            await service.fill_slot(session, owner, slot.id, Wish())
        with pytest.raises(Conflict, match="being filled already"):
            await service.retry_week(session, owner, slot.week_id)
        stopped = await service.stop_filling(session, owner, slot.id)
        assert stopped.state == SlotState.PLANNED
        with pytest.raises(Conflict):
            await service.stop_filling(session, owner, slot.id)
    assert asked.job_id
    await fill(db, owner, slot, source="new")
    async with db.writing() as session:
        with pytest.raises(Conflict, match="has its post"):
            await service.fill_slot(session, owner, slot.id, Wish())


async def test_a_job_that_is_run_again_makes_no_second_post(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    done = await fill(db, owner, slot, source="new")
    await run_job(db, str(done.job_id))
    assert (await now(db, owner, slot)).post_id == done.post_id


async def test_approving_needs_a_reviewer_and_is_done_in_their_name(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    creator = Actor(workspace_id=owner.workspace_id, role=Role.CREATOR, user_id=owner.user_id)
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.fill_slot(session, creator, slot.id, Wish(approve=True))
    await approved(db, owner, mira, "The harbour at dusk")
    done = await fill(db, owner, slot, source="library", approve=True)
    post = (await whole(db, owner, done)).post
    assert post.state == "scheduled" or post.problem["code"] == "needs_look"


async def test_several_stand_each_for_itself(db: Database, owner: Actor, mira: str) -> None:
    slots = await plan(db, owner, mira, days=2)
    async with db.writing() as session:
        wish = WishForSeveral(slot_ids=(slots[0].id, "0" * 26, slots[1].id), source="new")
        started, refused = await service.fill_several(session, owner, wish)
    assert [slot.id for slot in started] == [slot.id for slot in slots]
    assert [one.code for one in refused] == ["not_found"]


async def test_an_only_planned_week_is_made_whole_later(db: Database, owner: Actor, mira: str) -> None:
    (slot,) = await plan(db, owner, mira)
    async with db.writing() as session:
        week = await service.retry_week(session, owner, slot.week_id, "either")
        assert week.state == WeekState.PLANNED
        job = await session.get_one(Job, str(week.job_id))
        assert job.payload["source"] == "either"
        with pytest.raises(InvalidInput):
            await service.create_week(session, owner, NewWeek(character_id=mira, only_plan=True, start_now=True))


async def test_over_the_api(db: Database, owner: Actor, mira: str) -> None:
    slots = await plan(db, owner, mira, days=3)
    async with client_for(small_app(api.router), owner) as client:
        listed = (await client.get("/api/v2/slots", params={"open": True, "limit": 2})).json()
        assert [one["id"] for one in listed["items"]] == [slot.id for slot in slots[:2]]
        rest = (await client.get("/api/v2/slots", params={"cursor": listed["next_cursor"]})).json()
        assert [one["id"] for one in rest["items"]] == [slots[2].id]
        where = f"/api/v2/slots/{slots[0].id}"
        begun = await client.post(f"{where}/filling", json={"source": "new"})
        assert (begun.status_code, bool(begun.json()["job_id"])) == (202, True)
        assert (await client.post(f"{where}/filling")).status_code == 409
        assert (await client.delete(f"{where}/filling")).status_code == 200
        assert (await client.delete(f"{where}/filling")).status_code == 409
        assert (await client.post(f"{where}/filling", json={"source": "heaven"})).status_code == 422
        told = (await client.post("/api/v2/slots/fillings", json={"slot_ids": [slots[1].id, "nobody"]})).json()
        assert ([one["id"] for one in told["started"]], len(told["refused"])) == ([slots[1].id], 1)
        assert (await client.get(where)).json()["state"] == "planned"
    stranger = Actor(workspace_id="0" * 26, role=Role.OWNER)
    async with db.reading() as session:
        with pytest.raises(NotFound):
            reading.slot_out(await queries.get_slot(session, stranger, slots[0].id))
        assert (await queries.list_slots(session, stranger, queries.SlotFilter())).items == []
