"""Each adapter against a double of its platform that obeys the platform's documented rules."""

from __future__ import annotations

import logging

import pytest

from ainfluencer.core import clock
from ainfluencer.core.errors import LoginExpired, OutcomeUnknown, Rejected
from ainfluencer.integrations.manifest import Capability, Counting, Label
from ainfluencer.integrations.outcomes import NotThere, Pending, Published
from ainfluencer.integrations.text import fits, measure_text
from ainfluencer.integrations.values import Parcel
from tests.contract.channels.conftest import World, link_to
from tests.support.parcels import parcel, picture
from tests.support.platforms.double import SECRET

LETTERS = ["x", "é", "e\u0301", "漢", "\U0001f44d\U0001f3fd", "👩‍👩‍👧‍👦", "\U0001f1e7\U0001f1f7"]


async def send(world: World, made: Parcel) -> Published:
    """Publish, and wait where the platform is slow."""
    outcome = await world.adapter.publish(world.link, made)
    for _ in range(20):
        if isinstance(outcome, Published):
            return outcome
        assert isinstance(outcome, Pending)
        settled = await world.adapter.settle(world.link, made, outcome.token, clock.now())
        assert isinstance(settled, Published | Pending)
        outcome = settled
    raise AssertionError("it stayed pending")


async def test_check_finds_out_who_we_are(world: World) -> None:
    account = await world.adapter.check(world.link)
    assert account.remote_id
    assert account.handle
    assert set(account.limits) <= set(type(world.manifest.limits).__dataclass_fields__)


async def test_a_dead_sign_in_is_recognised_everywhere(world: World) -> None:
    world.double.revoked = True
    with pytest.raises(LoginExpired):
        await world.adapter.check(world.link)
    with pytest.raises(LoginExpired):
        await world.adapter.publish(world.link, parcel())
    assert world.double.posts() == 0


async def test_a_post_goes_out_with_its_pictures(world: World) -> None:
    made = await send(world, parcel(media=(picture(world.folder), picture(world.folder, "second.png"))))
    assert world.double.posts() == 1
    assert made.remote_id
    assert made.url.startswith(("https://", "http://", "/"))
    if world.manifest.label == Label.FIELD:
        assert made.declared


async def test_the_same_key_twice_is_one_post(world: World) -> None:
    assert world.manifest.idempotent
    made = parcel(media=(picture(world.folder),))
    assert await send(world, made) == await send(world, made)
    assert world.double.posts() == 1
    await send(world, parcel("another-key"))
    assert world.double.posts() == 2


async def test_a_lost_answer_is_unknown_and_settling_finds_the_post(world: World) -> None:
    made, since = parcel(text="Morning & <evening> https://example.org/a @ada@far.test"), clock.now()
    world.double.lose_after = True
    with pytest.raises(OutcomeUnknown):
        await world.adapter.publish(world.link, made)
    found = await world.adapter.settle(world.link, made, "", since)
    assert isinstance(found, Published)
    assert found == await send(world, made)
    assert world.double.posts() == 1


async def test_a_request_that_was_lost_on_its_way_is_unknown_and_settling_says_not_there(world: World) -> None:
    await send(world, parcel("before", "Something else"))
    made, since = parcel("lost", media=(picture(world.folder),)), clock.now()
    world.double.lose_before = True
    with pytest.raises(OutcomeUnknown):
        await world.adapter.publish(world.link, made)
    assert await world.adapter.settle(world.link, made, "", since) == NotThere()
    await send(world, made)
    assert world.double.posts() == 2


@pytest.mark.parametrize("letter", LETTERS, ids=[f"U+{ord(letter[0]):X}" for letter in LETTERS])
async def test_text_at_the_limit_goes_and_one_beyond_does_not(world: World, letter: str) -> None:
    limits = world.manifest.limits
    assert limits.text
    number = limits.text // measure_text(letter, limits)
    if limits.text_bytes:
        number = min(number, limits.text_bytes // len(letter.encode()))
    text = letter * number
    assert fits(text, limits)
    assert not fits(text + letter, limits)
    await send(world, parcel("edge", text))
    # A house limit may be stricter than the platform; a platform that is stricter refuses in the closed set.
    try:
        await world.adapter.publish(world.link, parcel("beyond", text + letter))
    except Rejected:
        assert world.double.posts() == 1
    else:
        assert limits.counting == Counting.BYTES


async def test_links_and_names_count_as_the_platform_counts(world: World) -> None:
    limits = world.manifest.limits
    base = "https://example.org/a/rather/long/path?with=query and @ada@far.test "
    assert limits.text
    text = base + "x" * (limits.text - measure_text(base, limits))
    assert measure_text(text, limits) == limits.text
    await send(world, parcel("links", text))
    assert not fits(text + "x", limits)


async def test_as_many_pictures_as_allowed(world: World) -> None:
    number = world.manifest.limits.images or 0
    media = tuple(picture(world.folder, f"{n}.png") for n in range(number + 1))
    await send(world, parcel("edge", media=media[:number]))
    assert world.double.posts() == 1
    try:
        await world.adapter.publish(world.link, parcel("beyond", media=media))
    except Rejected:
        assert world.double.posts() == 1


async def test_withdrawn_is_gone_and_twice_is_no_error(world: World) -> None:
    made = await send(world, parcel(media=(picture(world.folder), picture(world.folder, "b.png"))))
    for _ in range(2):
        await world.adapter.withdraw(world.link, made.remote_id)
    assert world.double.posts() == 0
    assert await world.adapter.settle(world.link, parcel(), "", clock.now()) == NotThere()


async def test_what_comes_back_is_pulled_once(world: World) -> None:
    made = await send(world, parcel())
    start = await world.adapter.pull(world.link, "")
    kinds = world.double.somebody_reacts(made.remote_id)
    news = await world.adapter.pull(world.link, start.cursor)
    assert {item.kind for item in news.items} == kinds
    assert list(news.items) == sorted(news.items, key=lambda item: item.at)
    assert len({item.remote_id for item in news.items}) == len(news.items)
    comment = next(item for item in news.items if item.kind == "comment")
    assert (comment.text.endswith("A boat"), comment.post_remote_id) == (True, made.remote_id)
    assert all(item.author_id and item.author and item.at.tzinfo for item in news.items)
    again = await world.adapter.pull(world.link, news.cursor)
    assert (again.items, again.cursor) == ((), news.cursor)
    answered = await world.adapter.reply(world.link, parcel("answer", "And a gull", in_reply_to=comment.remote_id))
    assert isinstance(answered, Published)
    assert (
        await world.adapter.reply(world.link, parcel("answer", "And a gull", in_reply_to=comment.remote_id)) == answered
    )
    assert world.double.posts() == 2


async def test_a_lost_answer_to_a_reply_is_settled_too(world: World) -> None:
    made = await send(world, parcel())
    start = await world.adapter.pull(world.link, "")
    world.double.somebody_reacts(made.remote_id)
    comment = next(i for i in (await world.adapter.pull(world.link, start.cursor)).items if i.kind == "comment")
    answer, since = parcel("answer", "And a gull", in_reply_to=comment.remote_id), clock.now()
    world.double.lose_after = True
    with pytest.raises(OutcomeUnknown):
        await world.adapter.reply(world.link, answer)
    assert isinstance(await world.adapter.settle(world.link, answer, "", since), Published)


async def test_counters_of_what_is_there(world: World) -> None:
    made, gone = await send(world, parcel()), await send(world, parcel("gone", "Soon gone"))
    world.double.somebody_reacts(made.remote_id)
    await world.adapter.withdraw(world.link, gone.remote_id)
    readings = await world.adapter.measure(world.link, [made.remote_id, gone.remote_id])
    assert [reading.remote_id for reading in readings] == [made.remote_id]
    assert readings[0].metrics["likes"] == 1
    assert all(isinstance(value, int) for value in readings[0].metrics.values())
    assert await world.adapter.measure(world.link, []) == ()


async def test_renewed_secrets_work(world: World) -> None:
    if not world.manifest.can(Capability.REFRESH):
        return
    fresh = dict(await world.adapter.refresh(world.link))
    assert clock.parse_instant(fresh.pop("fresh_until")) > clock.now()
    renewed = link_to(world.manifest, world.double.url, world.double.settings, {**world.double.secrets, **fresh})
    await world.adapter.publish(renewed, parcel())
    assert world.double.posts() == 1
    assert dict(await world.adapter.refresh(renewed))


async def test_no_secret_is_written_anywhere(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        made = await send(world, parcel())
        world.double.revoked = True
        with pytest.raises(LoginExpired) as caught:
            await world.adapter.check(world.link)
    shown = (
        caplog.text + repr(world.link) + repr(made) + repr(caught.value) + str(caught.value) + caught.value.next_step
    )
    assert SECRET not in shown
    assert "signature" not in shown
    assert "ainfluencer.outside" in caplog.text
