"""Connecting, renewing, failing and ending channels, against a double of a platform on a loopback socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from ainfluencer.accounts.models import Workspace
from ainfluencer.channels import queries, registry, service
from ainfluencer.channels.errors import NotUsable
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.channels.schemas import ChannelChanges, NewChannel, channel_out
from ainfluencer.characters import service as characters
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import (
    Conflict,
    InvalidInput,
    LoginExpired,
    NotAllowed,
    NotFound,
    RateLimited,
    Unreachable,
)
from ainfluencer.db.session import Database, database
from ainfluencer.integrations.guard import close_pools
from tests.support.parcels import parcel
from tests.support.platforms.bluesky import Platform
from tests.support.platforms.double import SECRET
from tests.support.platforms.server import Answer

SLUG = "bluesky"


@pytest.fixture
async def platform(db: Database) -> AsyncIterator[Platform]:
    """A platform with Mira's account."""
    config.use(replace(config.settings(), allow_private_urls=True))
    async with Platform() as double:
        yield double
        await close_pools()


@pytest.fixture
async def mira(db: Database, owner: Actor) -> Character:
    async with db.writing() as session:
        return await characters.create(session, owner, CharacterDraft(name="Mira"), picture=None)


def form(platform: Platform, **values: str) -> NewChannel:
    settings = {"url": platform.url, "handle": values.pop("handle", "mira.test")}
    return NewChannel(platform=SLUG, settings=settings, secrets={"password": values.pop("password", SECRET)})


async def connected(actor: Actor, platform: Platform) -> Channel:
    new = form(platform)
    account = await service.probe(actor, new.platform, new.settings, new.secrets)
    async with database().writing() as session:
        return await service.connect(session, actor, new, account)


async def test_connecting_tests_first_and_keeps_the_secret_encrypted(
    owner: Actor, platform: Platform, db: Database
) -> None:
    channel = await connected(owner, platform)
    assert (channel.handle, channel.state, channel.title) == ("mira.test", ChannelState.CONNECTED, "Mira")
    async with db.reading() as session:
        raw = str((await session.execute(text("select * from channels"))).one())
    assert SECRET not in raw
    assert SECRET not in channel_out(channel).model_dump_json() + repr(channel)
    assert service.link(channel).secrets["password"] == SECRET
    assert "password" not in channel.settings


async def test_what_does_not_work_is_not_saved(owner: Actor, platform: Platform, db: Database) -> None:
    bad = form(platform, password="wrong-password")
    with pytest.raises(LoginExpired):
        await service.probe(owner, bad.platform, bad.settings, bad.secrets)
    async with db.writing() as session:
        with pytest.raises(Conflict, match="tested"):
            await service.connect(session, owner, bad)
    async with db.reading() as session:
        assert (await queries.list_channels(session, owner)).items == []


@pytest.mark.parametrize(
    ("settings", "secrets", "field"),
    [
        ({"handle": "x"}, {}, "password"), ({}, {"password": "x"}, "handle"), ({"handle": "x", "url": "ftp://x"}, {"password": "x"}, "url"),
        ({"handle": "x", "colour": "red"}, {"password": "x"}, "colour"), ({"handle": "x", "password": "x"}, {}, "password"),
    ],
)  # fmt: skip
def test_the_form_names_the_field_at_fault(settings: dict[str, str], secrets: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        service.clean_form(registry.manifest(SLUG), settings, secrets)
    assert caught.value.field == field


def test_the_form_fills_in_what_is_known() -> None:
    settings, secrets = service.clean_form(registry.manifest(SLUG), {"handle": " mira.test "}, {"password": " x "})
    assert settings == {"url": "https://bsky.social", "handle": "mira.test"}
    assert secrets == {"password": " x "}


async def test_the_same_account_again_is_the_same_channel(
    owner: Actor, platform: Platform, db: Database, mira: Character
) -> None:
    first = await connected(owner, platform)
    async with db.writing() as session:
        await service.update(session, owner, first.id, ChannelChanges(title="Mine", character_id=mira.id))
        await service.disconnect(session, owner, first.id)
    again = await connected(owner, platform)
    assert (again.id, again.state, again.title, again.character_id) == (
        first.id,
        ChannelState.CONNECTED,
        "Mine",
        mira.id,
    )


async def test_only_who_may_publish_connects(owner: Actor, platform: Platform) -> None:
    with pytest.raises(NotAllowed):
        await connected(replace(owner, role=Role.CREATOR), platform)


async def test_another_workspace_sees_nothing(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    async with db.writing() as session:
        other = Workspace(name="Lighthouse")
        session.add(other)
    stranger = Actor(workspace_id=other.id, role=Role.OWNER, name="Rui")
    async with db.reading() as session:
        assert (await queries.list_channels(session, stranger)).items == []
        with pytest.raises(NotFound):
            await queries.get(session, stranger, channel.id)
    with pytest.raises(NotFound):
        await service.open_link(stranger, channel.id)


async def test_a_link_is_renewed_before_it_ages_out(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    link = await service.open_link(owner, channel.id)
    assert link.secrets["access_jwt"] in platform.tokens
    asked = len(platform.asked)
    assert (await service.open_link(owner, channel.id)).secrets["access_jwt"] == link.secrets["access_jwt"]
    assert len(platform.asked) == asked
    async with db.writing() as session:
        (await queries.get(session, owner, channel.id)).fresh_until = clock.from_now(minutes=2)
    assert (await service.open_link(owner, channel.id)).secrets["access_jwt"] != link.secrets["access_jwt"]
    assert platform.asked[-1].path.endswith("refreshSession")


async def test_a_blip_while_renewing_changes_nothing_and_a_dead_sign_in_does(
    owner: Actor, platform: Platform, db: Database
) -> None:
    channel = await connected(owner, platform)
    link = await service.open_link(owner, channel.id)
    async with db.writing() as session:
        (await queries.get(session, owner, channel.id)).fresh_until = clock.from_now(minutes=2)
    platform.handle = lambda _: Answer(503)
    assert (await service.open_link(owner, channel.id)).secrets == link.secrets
    async with db.reading() as session:
        row = await queries.get(session, owner, channel.id)
    assert (row.state, row.problem["code"]) == (ChannelState.CONNECTED, "unreachable")
    platform.handle = platform._answer
    platform.revoked = True
    with pytest.raises(LoginExpired):
        await service.open_link(owner, channel.id)
    async with db.reading() as session:
        row = await queries.get(session, owner, channel.id)
    assert row.state == ChannelState.LOGIN_EXPIRED
    with pytest.raises(NotUsable, match="signed out"):
        service.link(row)


async def test_only_a_dead_sign_in_takes_a_channel_out_of_use(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    until = clock.from_now(minutes=4)
    for error in (Unreachable(SLUG, "No answer."), RateLimited(SLUG, "Slower.", until=until)):
        async with db.writing() as session:
            row = await service.note_failure(session, owner, channel.id, error)
        assert (row.state, row.problem["detail"]) == (ChannelState.CONNECTED, error.detail)
    assert row.problem["until"] == until.isoformat()
    async with db.writing() as session:
        row = await service.note_failure(session, owner, channel.id, LoginExpired(SLUG, "Out."))
        assert row.state == ChannelState.LOGIN_EXPIRED
        row = await service.note_success(session, owner, channel.id)
    assert (row.state, row.problem) == (ChannelState.CONNECTED, {})


async def test_the_doctor_finds_out_and_heals(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    platform.revoked = True
    found = await service.check(owner, channel.id)
    assert (found.ok, found.state) == (False, ChannelState.LOGIN_EXPIRED)
    assert found.next_step
    platform.revoked = False
    found = await service.check(owner, channel.id)
    assert (found.ok, found.state, found.handle) == (True, ChannelState.CONNECTED, "mira.test")


async def test_paused_resumed_and_ended(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    async with db.writing() as session:
        with pytest.raises(NotUsable, match="paused"):
            service.link(await service.pause(session, owner, channel.id))
        assert service.link(await service.resume(session, owner, channel.id))
        gone = await service.disconnect(session, owner, channel.id)
        assert (gone.secrets, gone.state) == ("", ChannelState.DISCONNECTED)
        with pytest.raises(Conflict):
            await service.resume(session, owner, channel.id)
        assert (await queries.list_channels(session, owner)).items == []
        assert len((await queries.list_channels(session, owner, state="disconnected")).items) == 1


async def test_new_secrets_are_tested_and_merged(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    changes = ChannelChanges(settings={"handle": "mira.test"}, secrets={"password": ""})
    assert service.merged(channel, changes)[1] == {"password": SECRET}
    async with db.writing() as session:
        with pytest.raises(Conflict, match="tested"):
            await service.update(session, owner, channel.id, changes)
    account = await service.probe(owner, SLUG, *service.merged(channel, changes))
    async with db.writing() as session:
        assert (await service.update(session, owner, channel.id, changes, account)).id == channel.id


async def test_what_an_account_says_of_its_limits_wins(owner: Actor, platform: Platform) -> None:
    channel = await connected(owner, platform)
    channel.limits = {"text": 5000, "nonsense": 1}
    assert service.limits(channel).text == 5000
    assert service.limits(channel).images == registry.manifest(SLUG).limits.images


async def test_a_built_in_channel_needs_no_form_and_is_made_once(owner: Actor, mira: Character, db: Database) -> None:
    async with db.writing() as session:
        first = await service.ensure_built_in(session, owner, mira.id)
        again = await service.connect(session, owner, NewChannel(platform=first.platform, character_id=mira.id))
    assert (first.id, first.character_id, first.state) == (again.id, mira.id, ChannelState.CONNECTED)
    link = service.link(first)
    assert link.client.base_url == config.settings().url
    assert link.settings["character_id"] == mira.id
    assert link.secrets["token"]
    assert first.secrets == ""
    with pytest.raises(NotFound):
        async with db.writing() as session:
            await service.ensure_built_in(session, owner, mira.id, platform="nowhere")


async def test_cursors_are_kept_by_kind(owner: Actor, platform: Platform, db: Database) -> None:
    channel = await connected(owner, platform)
    async with db.writing() as session:
        assert await queries.cursor(session, channel) == ""
        await service.keep_cursor(session, channel, "a")
        await service.keep_cursor(session, channel, "b")
        await service.keep_cursor(session, channel, "z", kind="other")
    async with db.reading() as session:
        assert (await queries.cursor(session, channel), await queries.cursor(session, channel, "other")) == ("b", "z")


async def test_the_whole_way_from_form_to_post(owner: Actor, platform: Platform) -> None:
    channel = await connected(owner, platform)
    link = await service.open_link(owner, channel.id)
    await registry.adapter(channel.platform).publish(link, parcel())
    assert platform.posts() == 1
