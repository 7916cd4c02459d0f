"""The Stage keeps the rules of a strict platform: one post a key, limits, tokens, its own workspace only."""

import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.channels.adapters.stage.adapter import ADAPTER
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import LoginExpired, ProductError, Rejected
from ainfluencer.db.session import Database
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.values import Link, Parcel
from tests.support import stage


@pytest.fixture
async def connected(db: Database, owner: Actor) -> Link:
    made = await stage.character(db, owner)
    link = stage.link(stage.stage_app(), owner, made.id)
    await ADAPTER.check(link)
    return link


async def test_the_account_opens_at_the_first_check_and_stays_the_same(connected: Link) -> None:
    first = await ADAPTER.check(connected)
    second = await ADAPTER.check(connected)
    assert first.remote_id == second.remote_id
    assert first.handle == "marina"


async def test_the_same_key_is_one_post(connected: Link) -> None:
    parcel = Parcel(key="k1", text="Cold water, warm coffee.")
    first, second = await ADAPTER.publish(connected, parcel), await ADAPTER.publish(connected, parcel)
    assert first.remote_id == second.remote_id
    assert first.declared == {"field": "ai_made=true"}


async def test_settling_only_asks(connected: Link) -> None:
    parcel = Parcel(key="k2", text="Is it there?")
    assert isinstance(await ADAPTER.settle(connected, parcel, "", clock.now()), NotThere)
    sent = await ADAPTER.publish(connected, parcel)
    found = await ADAPTER.settle(connected, parcel, "", clock.now())
    assert isinstance(found, Published)
    assert found.remote_id == sent.remote_id


async def test_an_empty_post_is_refused(connected: Link) -> None:
    with pytest.raises(Rejected):
        await ADAPTER.publish(connected, Parcel(key="k3", text="  "))


async def test_a_post_beyond_the_limit_is_refused(connected: Link) -> None:
    await ADAPTER.publish(connected, Parcel(key="k4", text="x" * 1000))
    with pytest.raises(Rejected):
        await ADAPTER.publish(connected, Parcel(key="k5", text="x" * 1001))


async def test_a_forged_token_does_not_get_in(connected: Link) -> None:
    forged = Link("stage", connected.client, connected.settings, {"token": connected.secrets["token"][:-2] + "zz"})
    with pytest.raises((LoginExpired, ProductError)):
        await ADAPTER.check(forged)


async def test_replies_reach_the_author_and_are_counted(db: Database, owner: Actor, connected: Link) -> None:
    post = await ADAPTER.publish(connected, Parcel(key="k6", text="Who is up?"))
    other = await stage.character(db, owner, "Rui Neto")
    theirs = stage.link(stage.stage_app(), owner, other.id, handle="rui")
    await ADAPTER.check(theirs)
    await ADAPTER.reply(theirs, Parcel(key="r1", text="Always.", in_reply_to=post.remote_id))
    pulled = await ADAPTER.pull(connected, "")
    assert [(i.kind, i.text, i.post_remote_id) for i in pulled.items] == [("comment", "Always.", post.remote_id)]
    assert (await ADAPTER.pull(connected, pulled.cursor)).items == ()
    (reading,) = await ADAPTER.measure(connected, [post.remote_id])
    assert reading.metrics["replies"] == 1


async def test_a_withdrawn_post_is_gone_and_may_be_withdrawn_again(connected: Link) -> None:
    post = await ADAPTER.publish(connected, Parcel(key="k7", text="Not for long."))
    await ADAPTER.withdraw(connected, post.remote_id)
    await ADAPTER.withdraw(connected, post.remote_id)
    assert await ADAPTER.measure(connected, [post.remote_id]) == ()


async def test_another_workspace_cannot_answer_or_measure(db: Database, connected: Link) -> None:
    post = await ADAPTER.publish(connected, Parcel(key="k8", text="Ours."))
    async with db.writing() as session:
        elsewhere = Workspace(name="Elsewhere")
        session.add(elsewhere)
    stranger = Actor(workspace_id=elsewhere.id, role=Role.OWNER)
    theirs = stage.link(stage.stage_app(), stranger, "0" * 26, handle="spy")
    await ADAPTER.check(theirs)
    assert await ADAPTER.measure(theirs, [post.remote_id]) == ()
    with pytest.raises(ProductError):
        await ADAPTER.reply(theirs, Parcel(key="s1", text="Hello?", in_reply_to=post.remote_id))
