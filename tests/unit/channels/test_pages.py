"""Channels as pages: connecting with a live test, changing, pausing, ending, and what platforms can do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.channels import queries, registry, service
from ainfluencer.channels.declined import DECLINED
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.channels.pages import router
from ainfluencer.characters import service as characters
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.engine import queries as jobs
from ainfluencer.engine.queries import JobFilter
from ainfluencer.integrations.guard import close_pools
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace
from tests.support.platforms.bluesky import Platform
from tests.support.platforms.double import SECRET

SLUG = "bluesky"


@pytest.fixture
def app(db: Database) -> FastAPI:
    assert db
    return page_app(router)


@pytest.fixture
async def platform(db: Database) -> AsyncIterator[Platform]:
    """A platform with Mira's account."""
    assert db
    config.use(replace(config.settings(), allow_private_urls=True))
    async with Platform() as double:
        yield double
        await close_pools()


@pytest.fixture
async def mira(db: Database, owner: Actor) -> Character:
    async with db.writing() as session:
        return await characters.create(session, owner, CharacterDraft(name="Mira"), picture=None)


@pytest.fixture
async def stage(db: Database, owner: Actor, mira: Character) -> Channel:
    """Mira's channel on the local network."""
    async with db.writing() as session:
        return await service.ensure_built_in(session, owner, mira.id)


def form(platform: Platform, **values: str) -> dict[str, str]:
    known = {
        "field-url": platform.url,
        "field-handle": "mira.test",
        "field-password": SECRET,
        "title": "Mira out there",
    }
    return known | values


async def listed(db: Database, actor: Actor, state: str = "") -> list[Channel]:
    async with db.reading() as session:
        return list((await queries.list_channels(session, actor, state=state)).items)


async def test_no_channel_yet_says_that_the_local_network_needs_none(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/channels")
    assert "No channel yet" in page.text
    assert 'href="/channels/new"' in page.text


async def test_every_platform_can_be_chosen_with_its_grade(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/channels/new")
        missing = await client.get("/channels/new/nowhere")
    for manifest in registry.manifests().values():
        assert f"/channels/new/{manifest.slug}" in page.text
        assert manifest.title in page.text
    assert "Rehearsed" in page.text
    assert missing.status_code == 404


async def test_the_form_comes_from_the_manifest_with_help(app: FastAPI, owner: Actor, mira: Character) -> None:
    async with browsing(app, owner) as client:
        page = await client.get(f"/channels/new/{SLUG}")
    for field in registry.manifest(SLUG).fields:
        assert f'name="field-{field.name}"' in page.text
    assert "<ol>" in page.text
    assert f'<option value="{mira.id}">Mira</option>' in page.text


async def test_an_account_is_tested_then_kept(
    app: FastAPI, db: Database, owner: Actor, mira: Character, platform: Platform
) -> None:
    async with browsing(app, owner) as client:
        done = await client.post(f"/channels/new/{SLUG}", data=form(platform, character_id=mira.id))
        channel = (await listed(db, owner))[0]
        page = await client.get(f"/channels/{channel.id}")
    assert done.status_code == 303
    assert done.headers["location"] == f"/channels/{channel.id}"
    assert (channel.title, channel.character_id, channel.state) == ("Mira out there", mira.id, ChannelState.CONNECTED)
    assert "Mira out there" in page.text
    assert SECRET not in page.text


async def test_a_wrong_password_is_said_above_the_form_and_nothing_is_kept(
    app: FastAPI, db: Database, owner: Actor, platform: Platform
) -> None:
    async with browsing(app, owner) as client:
        refused = await client.post(f"/channels/new/{SLUG}", data=form(platform, **{"field-password": "wrong-one"}))
    assert refused.status_code == 422
    assert registry.manifest(SLUG).title + ":" in refused.text
    assert "mira.test" in refused.text
    assert "wrong-one" not in refused.text
    assert await listed(db, owner) == []


async def test_a_missing_field_is_said_beside_it(app: FastAPI, owner: Actor, platform: Platform) -> None:
    async with browsing(app, owner) as client:
        refused = await client.post(f"/channels/new/{SLUG}", data=form(platform, **{"field-handle": ""}), headers=HTMX)
    assert refused.status_code == 422
    assert 'id="e-field-handle"' in refused.text
    assert "<html" not in refused.text


async def test_the_local_network_asks_only_for_whom(app: FastAPI, db: Database, owner: Actor, mira: Character) -> None:
    slug = registry.built_in()[0].slug
    async with browsing(app, owner) as client:
        nobody = await client.post(f"/channels/new/{slug}", data={})
        done = await client.post(f"/channels/new/{slug}", data={"character_id": mira.id})
    assert nobody.status_code == 422
    assert 'id="e-character_id"' in nobody.text
    assert done.status_code == 303
    assert [c.character_id for c in await listed(db, owner)] == [mira.id]


async def test_pausing_resuming_checking_and_ending(app: FastAPI, db: Database, owner: Actor, stage: Channel) -> None:
    async with browsing(app, owner) as client:
        paused = await client.post(f"/channels/{stage.id}/pause", headers=HTMX)
        shown = await client.get("/channels?state=paused", headers=HTMX)
        back = await client.post(f"/channels/{stage.id}/resumption", headers=HTMX)
        checking = await client.post(f"/channels/{stage.id}/check", headers=HTMX)
        await client.post(f"/channels/{stage.id}/check")
        gone = await client.post(f"/channels/{stage.id}/disconnection")
    assert "Paused" in paused.text
    assert stage.title in shown.text
    assert "Connected" in back.text
    assert "Checking" in checking.text
    assert gone.headers["location"] == "/channels"
    assert [c.id for c in await listed(db, owner, "disconnected")] == [stage.id]
    async with db.reading() as session:
        assert len((await jobs.list_jobs(session, owner, JobFilter(kind="channels.check"))).items) == 1


async def test_a_name_is_changed_without_asking_the_platform(
    app: FastAPI, db: Database, owner: Actor, stage: Channel
) -> None:
    async with browsing(app, owner) as client:
        done = await client.post(f"/channels/{stage.id}", data={"title": "Mira at home"})
    assert done.status_code == 303
    assert (await listed(db, owner))[0].title == "Mira at home"


async def test_how_often_it_posts_is_a_persons_choice(app: FastAPI, db: Database, owner: Actor, stage: Channel) -> None:
    where = f"/channels/{stage.id}"
    async with browsing(app, owner) as client:
        kept = await client.post(where, data={"title": "Mira", "posts_per_day": "3", "spacing_minutes": "90"})
        assert kept.status_code == 303
        drawn = (await client.get(where)).text
        assert "1 h 30 min" in drawn
        assert 'name="posts_per_day"' in drawn
        refused = await client.post(where, data={"title": "Mira", "posts_per_day": "0"}, headers=HTMX)
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.text
        await client.post(where, data={"title": "Mira", "posts_per_day": "", "spacing_minutes": ""})
    (channel,) = await listed(db, owner)
    assert (channel.posts_per_day, channel.spacing_minutes) == (None, None)


async def test_a_new_secret_is_tested_first(
    app: FastAPI, db: Database, owner: Actor, mira: Character, platform: Platform
) -> None:
    async with browsing(app, owner) as client:
        await client.post(f"/channels/new/{SLUG}", data=form(platform))
        channel = (await listed(db, owner))[0]
        refused = await client.post(f"/channels/{channel.id}", data=form(platform, **{"field-password": "no"}))
        kept = await client.post(
            f"/channels/{channel.id}", data=form(platform, **{"field-password": "", "character_id": mira.id})
        )
    assert refused.status_code == 422
    assert kept.status_code == 303
    assert (await listed(db, owner))[0].character_id == mira.id


async def test_a_problem_is_shown_with_its_next_step(app: FastAPI, db: Database, owner: Actor, stage: Channel) -> None:
    async with db.writing() as session:
        row = await session.get_one(Channel, stage.id)
        row.problem = {"code": "x", "detail": "The lighthouse is dark.", "next_step": "Light it."}
    async with browsing(app, owner) as client:
        page = await client.get("/channels")
    assert "The lighthouse is dark." in page.text
    assert "Light it." in page.text


async def test_a_viewer_sees_and_cannot_touch(app: FastAPI, db: Database, workspace: Workspace, stage: Channel) -> None:
    async with browsing(app, await add_person(db, workspace, "Niko", Role.VIEWER)) as client:
        page = await client.get("/channels")
        one = await client.get(f"/channels/{stage.id}")
        refused = await client.post(f"/channels/{stage.id}/pause")
        new = await client.get("/channels/new")
    assert stage.title in page.text
    assert "/channels/new" not in page.text
    assert "/disconnection" not in one.text
    assert (refused.status_code, new.status_code) == (403, 403)


async def test_another_workspace_s_channel_is_not_there(app: FastAPI, db: Database, stage: Channel) -> None:
    async with browsing(app, await second_workspace(db)) as client:
        assert (await client.get(f"/channels/{stage.id}")).status_code == 404
        assert (await client.post(f"/channels/{stage.id}/pause")).status_code == 404


async def test_what_is_never_built_is_said_with_its_reason(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/channels/capabilities")
    for one in DECLINED:
        assert one.title in page.text
    assert "Proxy rotation" in page.text
    assert "not allowed" in page.text
