"""The pages of weeks and the calendar."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request

from ainfluencer.accounts.models import Workspace
from ainfluencer.channels import registry
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.planning import queries
from ainfluencer.planning.models import SlotState, WeekState
from ainfluencer.planning.pages import router as pages
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from tests.support import posting
from tests.support.clients import client_for, small_app, token_for
from tests.support.people import add_person, second_workspace

HTMX = {"hx-request": "true"}
FORM = {"days": "3", "channel_ids": "built-in", "start": "tomorrow", "approve": "each"}


async def bare_shell(request: Request) -> Shell:
    """A frame without menus."""
    del request
    return Shell(user=Person(name="Ada", role="owner"), workspace=Place(id="w", name="Harbour"), sections=())


@pytest.fixture
def app() -> FastAPI:
    jobs.load_all()
    made = small_app(pages)
    made.state.shell = bare_shell
    made.state.error_page = errors.page
    return made


async def browser(app: FastAPI, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(app, cookies={security.SESSION_COOKIE: await token_for(actor)}) as made:
        made.headers["accept"] = "text/html"
        found = re.search(r'name="csrf" content="([0-9a-f]+)"', (await made.get("/calendar")).text)
        assert found
        made.headers[security.CSRF_HEADER] = found.group(1)
        yield made


@pytest.fixture
async def client(app: FastAPI, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async for made in browser(app, owner):
        yield made


@pytest.fixture
async def mira(db: Database, owner: Actor) -> str:
    return await posting.add_character(db, owner)


@pytest.fixture
async def stage(db: Database, owner: Actor, mira: str) -> str:
    """Mira's channel on the local network."""
    from ainfluencer.channels import service  # noqa: PLC0415 - only here

    async with db.writing() as session:
        return (await service.ensure_built_in(session, owner, mira)).id


async def test_a_week_in_three_steps(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    assert "Nobody lives here yet" in (await client.get("/weeks/new")).text
    mira = await posting.add_character(db, owner)
    who = (await client.get("/weeks/new")).text
    assert f"/weeks/new?character={mira}" in who
    when = (await client.get(f"/weeks/new?character={mira}")).text
    assert registry.built_in()[0].title in when
    made = await client.post("/weeks", data=FORM | {"character_id": mira})
    assert made.status_code == 303
    where = made.headers["location"]
    shown = (await client.get(where)).text
    assert "0 of 3 ready" in shown
    assert shown.count('id="slot-') == 3
    assert "every 3s" in shown
    async with db.reading() as session:
        week = await queries.get_week(session, owner, where.removeprefix("/weeks/"))
    assert (week.days, week.approve_all, week.start_now, len(week.channel_ids)) == (3, False, False, 1)
    assert where in (await client.get("/weeks/new")).text


async def test_mistakes_of_the_second_step(client: httpx.AsyncClient, db: Database, owner: Actor, mira: str) -> None:
    for wrong, words in (
        ({"channel_ids": ""}, "goes to no channel"),
        ({"days": "0"}, "look at one field again"),
        ({"days": "many"}, "look at one field again"),
    ):
        refused = await client.post("/weeks", data=FORM | {"character_id": mira} | wrong, headers=HTMX)
        assert refused.status_code == 422
        assert words in refused.text
    assert (await client.post("/weeks", data=FORM | {"character_id": "nobody"})).status_code == 404
    async with db.reading() as session:
        assert not await queries.list_weeks(session, owner)


async def test_a_week_is_stopped_and_goes_on(client: httpx.AsyncClient, db: Database, owner: Actor, mira: str) -> None:
    where = (await client.post("/weeks", data=FORM | {"character_id": mira})).headers["location"]
    stopped = await client.post(f"{where}/cancellation", headers=HTMX)
    assert "Stopped after 0 posts" in stopped.text
    assert "Make the rest" in stopped.text
    again = await client.post(f"{where}/continuation", headers=HTMX)
    assert "0 of 3 ready" in again.text
    assert (await client.post(f"{where}/continuation", headers=HTMX)).status_code == 409


async def test_what_a_finished_week_shows(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, stage: str
) -> None:
    where = (await client.post("/weeks", data=FORM | {"character_id": mira})).headers["location"]
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [stage], asset_ids=(asset,), caption="Low tide tells.")
    async with db.writing() as session:
        week = await queries.get_week(session, owner, where.removeprefix("/weeks/"))
        first, second, third = await queries.slots_of(session, owner, week.id)
        first.state, first.post_id = SlotState.DONE, post.id
        second.state = SlotState.FAILED
        second.error = {"code": "x", "detail": "The writer was away.", "next_step": "Try again later."}
        third.state, third.note = SlotState.PLANNED, "02:30 does not exist that day."
        week.state = WeekState.READY
    shown = (await client.get(f"{where}/region", headers=HTMX)).text
    assert "Low tide tells." in shown
    assert "/480.webp" in shown
    assert "Review 1" in shown
    assert "The writer was away." in shown
    assert "Try again later." in shown
    assert "does not exist that day" in shown
    assert "every 3s" not in shown


async def test_the_calendar_and_its_events(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, stage: str
) -> None:
    due = clock.from_now(days=2)
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [stage], asset_ids=(asset,), due_at=due, timezone="Europe/Lisbon")
    loose = await posting.add_post(db, owner, mira, [stage], caption="Some day")
    page = (await client.get("/calendar")).text
    assert f'data-draft="/calendar/posts/{loose.id}"' in page
    await client.post("/weeks", data=FORM | {"character_id": mira})
    span = {"start": clock.now().isoformat(), "end": clock.from_now(days=9).isoformat()}
    found = (await client.get("/calendar/events", params=span)).json()
    assert [one["id"] for one in found if not one.get("planned")] == [post.id]
    assert sum(bool(one.get("planned")) for one in found) == 3
    (one,) = (event for event in found if event["id"] == post.id)
    assert one["image"].endswith("/160.webp")
    assert one["url_move"] == f"/calendar/posts/{post.id}"
    for wanted in ({"character": "nobody"}, {"channel": "none"}):
        assert (await client.get("/calendar/events", params=span | wanted)).json() == []


async def test_a_drag_moves_what_may_be_moved(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, stage: str
) -> None:
    at = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    waiting = await posting.add_post(db, owner, mira, [stage])
    assert (await client.post(f"/calendar/posts/{waiting.id}", json={"start": at.isoformat()})).status_code == 200
    moved = await posting.post_now(db, owner, waiting.id)
    assert (moved.state, moved.due_at) == ("in_review", at)
    sure = await posting.add_post(db, owner, mira, [stage], caption="Approved", due_at=clock.from_now(days=1))
    await posting.approved(db, owner, sure.id)
    assert (await client.put(f"/calendar/posts/{sure.id}", json={"start": at.isoformat()})).json()[
        "state"
    ] == "scheduled"
    (delivery,) = await posting.deliveries(db, owner, sure.id)
    assert delivery.due_at == at
    gone = clock.from_now(days=-1).isoformat()
    refused = await client.put(
        f"/calendar/posts/{sure.id}", json={"start": gone}, headers={"accept": "application/json"}
    )
    assert refused.status_code == 422
    assert "has passed" in refused.json()["detail"]


async def test_roles_and_walls(app: FastAPI, db: Database, owner: Actor, mira: str, workspace: object) -> None:
    post = await posting.add_post(db, owner, mira, [], due_at=clock.from_now(days=1))
    where = ""
    async for client in browser(app, owner):
        where = (await client.post("/weeks", data=FORM | {"character_id": mira})).headers["location"]
    viewer = await add_person(db, workspace, "Vera", Role.VIEWER)  # type: ignore[arg-type] # the fixture's own type
    async for client in browser(app, viewer):
        assert (await client.get("/weeks/new")).status_code == 403
        assert "Stop" not in re.sub(r"<script.*?</script>", "", (await client.get(where)).text)
        (event,) = (e for e in (await client.get("/calendar/events")).json() if e["id"] == post.id)
        assert not event["editable"]
        moved = await client.put(f"/calendar/posts/{post.id}", json={"start": clock.from_now(days=2).isoformat()})
        assert moved.status_code == 403
    async for client in browser(app, await second_workspace(db)):
        assert (await client.get(where)).status_code == 404
        assert (await client.post(f"{where}/cancellation")).status_code == 404
        assert (await client.get("/calendar/events")).json() == []


# --- one slot ---


async def only_planned(client: httpx.AsyncClient, db: Database, owner: Actor, mira: str) -> list[str]:
    """The slots of a week that is only planned."""
    made = await client.post("/weeks", data={**FORM, "character_id": mira, "start": "plan"})
    assert made.status_code == 303
    week_id = made.headers["location"].rsplit("/", maxsplit=1)[-1]
    async with db.reading() as session:
        return [slot.id for slot in await queries.slots_of(session, owner, week_id)]


async def test_a_slot_is_filled_from_its_page(client: httpx.AsyncClient, db: Database, owner: Actor, mira: str) -> None:
    slot_id, *_ = await only_planned(client, db, owner, mira)
    await posting.add_asset(db, owner, mira, title="Boats come home", state="approved")
    await posting.add_asset(db, owner, mira, title="Not yet", size=(44, 50))
    where = f"/slots/{slot_id}"
    drawn = (await client.get(where)).text
    assert drawn.count("<h1") == 1
    assert "Whatever fits best" in drawn
    assert "every 2s" not in drawn
    async with db.reading() as session:
        is_story = (await queries.get_slot(session, owner, slot_id)).format == "story"
    assert ("Boats come home" in drawn) is not is_story
    assert "Not yet" not in drawn
    begun = (await client.post(f"{where}/filling", data={"source": "library"}, headers=HTMX)).text
    assert "The post is being made" in begun
    assert "every 2s" in begun
    assert (await client.post(f"{where}/filling", headers=HTMX)).status_code == 409
    stopped = (await client.post(f"{where}/filling/cancellation", headers=HTMX)).text
    assert "Whatever fits best" in stopped
    assert (await client.post(f"{where}/filling", data={"source": "nowhere"})).status_code == 422


async def test_a_filled_slot_shows_its_post_and_a_failed_one_its_reason(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str
) -> None:
    first, second, *_ = await only_planned(client, db, owner, mira)
    post = await posting.add_post(db, owner, mira, [], caption="Salt in the air")
    async with db.writing() as session:
        done, failed = [await queries.get_slot(session, owner, one) for one in (first, second)]
        done.post_id, done.state, done.filled_from = post.id, SlotState.DONE, "library"
        failed.state, failed.error = SlotState.FAILED, {"detail": "Nothing fits.", "next_step": "Make one."}
    shown = (await client.get(f"/slots/{first}")).text
    assert "Salt in the air" in shown
    assert f"/posts/{post.id}" in shown
    assert "From the library" in shown
    assert "Whatever fits best" not in shown
    assert "Nothing fits. Make one." in (await client.get(f"/slots/{second}")).text


async def test_a_viewer_may_look_at_a_slot_and_another_workspace_may_not(
    app: FastAPI, client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, workspace: Workspace
) -> None:
    slot_id, *_ = await only_planned(client, db, owner, mira)
    async for viewer in browser(app, await add_person(db, workspace, "Tom", Role.VIEWER)):
        drawn = await viewer.get(f"/slots/{slot_id}")
        assert drawn.status_code == 200
        assert "Whatever fits best" not in drawn.text
        assert (await viewer.post(f"/slots/{slot_id}/filling")).status_code == 403
    async for stranger in browser(app, await second_workspace(db)):
        assert (await stranger.get(f"/slots/{slot_id}")).status_code == 404


async def test_an_only_planned_week_says_so_and_may_be_filled_whole(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str
) -> None:
    slot_id, *_ = await only_planned(client, db, owner, mira)
    async with db.reading() as session:
        week_id = (await queries.get_slot(session, owner, slot_id)).week_id
    drawn = (await client.get(f"/weeks/{week_id}")).text
    assert "0 of 3 are filled" in drawn
    assert f"/slots/{slot_id}" in drawn
    events = (await client.get("/calendar/events")).json()
    assert f"/slots/{slot_id}" in {one["url"] for one in events}
    begun = await client.post(f"/weeks/{week_id}/continuation", data={"source": "either"}, headers=HTMX)
    assert "0 of 3 ready" in begun.text


async def test_what_is_held_for_being_late_is_said_and_released_on_the_calendar(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, stage: str
) -> None:
    assert "is held" not in (await client.get("/calendar")).text
    post = await posting.add_post(db, owner, mira, [stage], due_at=clock.from_now(hours=-9))
    await posting.approved(db, owner, post.id)
    assert "1 post is held" in (await client.get("/calendar")).text
    assert (await client.post("/calendar/due")).status_code == 303
    assert (await posting.post_now(db, owner, post.id)).state == "approved"
    assert (await client.post("/calendar/due", data={"late": "on"})).status_code == 303
    assert (await posting.post_now(db, owner, post.id)).state == "scheduled"
    assert "is held" not in (await client.get("/calendar")).text
