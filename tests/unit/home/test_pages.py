"""Home, its live parts, and search, over real characters, posts and jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.api.schemas import Health
from ainfluencer.cards import starters
from ainfluencer.characters import service as characters
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job, JobState
from ainfluencer.home import overview
from ainfluencer.home.pages import router
from ainfluencer.planning import service as planning
from ainfluencer.planning.schemas import NewWeek
from ainfluencer.publishing import service as publishing
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.schemas import NewPost
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace


@pytest.fixture
def app(db: Database) -> FastAPI:
    assert db
    made = page_app(router)

    async def tired() -> Health:
        return Health(ok=False, detail="No worker has been seen lately")

    made.state.health_checks = {"engine": tired}
    return made


async def born(db: Database, actor: Actor, name: str = "Mira Vale") -> Character:
    async with db.writing() as session:
        draft = CharacterDraft(name=name, bio="A ceramicist in Lisbon who keeps the cracks.")
        return await characters.create(session, actor, draft, picture=None)


async def posted(db: Database, actor: Actor, who: Character, caption: str, *, hours: int = 30) -> Post:
    async with db.writing() as session:
        channel_id = await planning.built_in_channel(session, actor, who.id)
        new = NewPost(
            character_id=who.id, caption=caption, channel_ids=(channel_id,), due_at=clock.from_now(hours=hours)
        )
        return await publishing.create_post(session, actor, new)


async def test_an_empty_workspace_invites_somebody_in(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/")
    assert page.status_code == 200
    assert "Bring a character." in page.text
    assert 'action="/characters/import"' in page.text
    assert 'name="then" value="week"' in page.text
    assert page.text.count("<h1") == 1


async def test_a_viewer_of_an_empty_workspace_is_not_asked_to_bring_anybody(
    app: FastAPI, db: Database, workspace: Workspace
) -> None:
    async with browsing(app, await add_person(db, workspace, "Niko", Role.VIEWER)) as client:
        page = await client.get("/")
    assert "/characters/import" not in page.text
    assert "Nobody lives here yet" in page.text


async def test_a_ready_made_character_moves_in_and_gets_a_week(app: FastAPI, owner: Actor) -> None:
    first = starters.starters()[0]
    async with browsing(app, owner) as client:
        answer = await client.post(f"/starters/{first.slug}")
        unknown = await client.post("/starters/nobody")
        home = await client.get("/")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/weeks/new?character=")
    assert unknown.status_code == 404
    assert first.name in home.text


async def test_home_shows_what_waits_what_comes_and_who_lives_here(app: FastAPI, db: Database, owner: Actor) -> None:
    mira = await born(db, owner)
    post = await posted(db, owner, mira, "The kiln keeps its own calendar.")
    async with browsing(app, owner) as client:
        page = await client.get("/")
        region = await client.get("/", headers=HTMX)
    assert "1 post waits for your look" in page.text
    assert "The kiln keeps its own calendar." in page.text
    assert f"/posts/{post.id}" in page.text
    assert "Mira Vale" in page.text
    assert f"/weeks/new?character={mira.id}" in page.text
    assert "<html" not in region.text
    assert f"/posts/{post.id}" in region.text


async def test_who_may_not_create_gets_no_button_for_it(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace
) -> None:
    await born(db, owner)
    async with browsing(app, await add_person(db, workspace, "Niko", Role.VIEWER)) as client:
        page = await client.get("/")
    assert "Mira Vale" in page.text
    assert "/weeks/new" not in page.text
    assert "/characters/import" not in page.text


async def test_a_week_that_is_being_made_shows_its_places(app: FastAPI, db: Database, owner: Actor) -> None:
    mira = await born(db, owner)
    async with db.writing() as session:
        week = await planning.create_week(session, owner, NewWeek(character_id=mira.id, days=3))
        job = await session.get_one(Job, week.job_id)
        job.state, job.progress, job.message = JobState.RUNNING, 0.4, "Tuesday: writing"
    async with browsing(app, owner) as client:
        swapped = await client.get("/home/making", headers=HTMX)
        plain = await client.get("/home/making")
    assert "A week of Mira Vale" in swapped.text
    assert "40 %" in swapped.text
    assert "Tuesday: writing" in swapped.text
    assert swapped.text.count('class="crumb bone"') == 3
    assert f"/weeks/{week.id}" in swapped.text
    assert plain.headers["location"] == "/"


async def test_the_lights_say_what_is_wrong(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        strip = await client.get("/home/health", headers=HTMX)
    assert "No worker has been seen lately" in strip.text
    assert "tone-warning" in strip.text


async def test_nothing_of_another_workspace_is_seen(app: FastAPI, db: Database, owner: Actor) -> None:
    stranger = await second_workspace(db)
    await posted(db, stranger, await born(db, stranger, "Orla Finch"), "Not for Ada.")
    async with browsing(app, owner) as client:
        home = await client.get("/")
        found = await client.get("/search?q=orla", headers={"accept": "application/json"})
    assert "Orla" not in home.text
    assert found.json() == {"items": []}


async def test_the_palette_finds_people_and_posts(app: FastAPI, db: Database, owner: Actor) -> None:
    mira = await born(db, owner)
    post = await posted(db, owner, mira, "Mira says that cracks are signatures.")
    async with browsing(app, owner) as client:
        found = await client.get("/search?q=mira", headers={"accept": "application/json"})
        short = await client.get("/search?q=m", headers={"accept": "application/json"})
    by_href = {item["href"]: item for item in found.json()["items"]}
    assert by_href[f"/characters/{mira.id}"]["hint"] == "Character"
    assert by_href[f"/posts/{post.id}"]["label"] == "Mira says that cracks are signatures."
    assert short.json() == {"items": []}


async def test_search_is_a_page_too(app: FastAPI, db: Database, owner: Actor) -> None:
    await born(db, owner)
    async with browsing(app, owner) as client:
        found = await client.get("/search?q=mira")
        places = await client.get("/search?q=calen")
        nothing = await client.get("/search?q=zzzz")
    assert "Mira Vale" in found.text
    assert 'href="/calendar"' in places.text
    assert "Nothing is called that" in nothing.text


async def test_days_are_those_of_the_workspace(db: Database, owner: Actor) -> None:
    mira = await born(db, owner)
    post = await posted(db, owner, mira, "Tomorrow.", hours=26)
    async with db.reading() as session:
        now = await overview.read(session, owner)
    assert post.due_at is not None
    here = clock.zone(now.zone)
    today = clock.now().astimezone(here).date()
    assert [d.day for d in now.days] == [today + timedelta(days=n) for n in range(7)]
    day = next(d for d in now.days if d.cards)
    assert day.day == post.due_at.astimezone(here).date()
    assert now.people[0].days_planned == 1
