"""Caption and hashtags for channels that take less: whole sentences, few tags, and always with the post's own words."""

from __future__ import annotations

import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations import text as lengths
from ainfluencer.integrations.manifest import Counting, Limits
from ainfluencer.publishing import queries, service
from ainfluencer.publishing.adapting import adapted
from ainfluencer.publishing.content import Content, load
from ainfluencer.publishing.models import Variant
from ainfluencer.publishing.schemas import PostEdit
from tests.support import posting
from tests.support.doubles import Platform

CAPTION = (
    "The tide was late. Nobody minded, least of all the gulls! We counted boats until it came.\n\nThen we went home."
)


@pytest.mark.parametrize(
    ("room", "kept"),
    [
        (400, ""),
        (100, "The tide was late. Nobody minded, least of all the gulls! We counted boats until it came."),
        (60, "The tide was late. Nobody minded, least of all the gulls!"),
        (20, "The tide was late."),
        (12, "The tide…"),
    ],
)
def test_sentences_stay_whole_as_long_as_one_fits(room: int, kept: str) -> None:
    assert adapted(CAPTION, [], "", Limits(text=room)).text == kept


def test_the_label_has_its_room() -> None:
    line = "Made with AI."
    made = adapted(CAPTION, [], line, Limits(text=60))
    assert len(f"{made.text}\n\n{line}") <= 60
    assert made.text == "The tide was late."


@pytest.mark.parametrize("counting", list(Counting))
def test_every_way_of_counting_is_kept(counting: Counting) -> None:
    limits = Limits(text=40, counting=counting)
    made = adapted("Äußerst früh 👩‍👩‍👧 und https://example.org/a/very/long/link da. Später mehr.", [], "", limits)
    assert lengths.fits(made.text, limits)
    assert made.text


@pytest.mark.parametrize(
    ("limits", "kept"),
    [
        (Limits(text=300), ["a", "b", "c"]),
        (Limits(text=2200), None),
        (Limits(text=2200, hashtags=1), ["a"]),
        (Limits(text=2200, hashtags=0), []),
    ],
)
def test_short_texts_carry_few_hashtags(limits: Limits, kept: list[str] | None) -> None:
    assert adapted("Tide.", ["a", "b", "c", "d"], "", limits).hashtags == kept


# --- in a post ---


@pytest.fixture
async def channels(db: Database, owner: Actor, platform: Platform) -> tuple[str, str]:
    """A wide channel, and one with room for sixty letters."""
    wide = await posting.add_channel(db, owner, "quay", platform.url, limits={"text": 5000, "text_bytes": None})
    return wide, await posting.add_channel(db, owner, "pier", platform.url, limits={"text": 60, "text_bytes": None})


async def whole(db: Database, owner: Actor, post_id: str) -> Content:
    async with db.reading() as session:
        return await load(session, await queries.get(session, owner, post_id))


async def small(db: Database, owner: Actor, post_id: str, channel_id: str) -> Variant:
    return next(v for v, _ in (await whole(db, owner, post_id)).variants if v.channel_id == channel_id)


async def test_only_the_channel_that_takes_less_gets_less(
    db: Database, owner: Actor, mira: str, channels: tuple[str, str]
) -> None:
    tags = ("sea", "dusk", "boats", "gulls")
    post = await posting.add_post(db, owner, mira, channels, caption=CAPTION, hashtags=tags, adapt=True)
    found = await whole(db, owner, post.id)
    texts = {channel.id: found.labelled(variant, channel).text for variant, channel in found.variants}
    assert texts[channels[0]] == f"{CAPTION}\n\n#sea #dusk #boats #gulls"
    assert texts[channels[1]] == "The tide was late.\n\n#sea #dusk #boats\n\nMade with AI."
    async with db.writing() as session:
        assert (await service.approve(session, owner, post.id)).state == "approved"


async def test_what_was_cut_follows_the_posts_words(
    db: Database, owner: Actor, mira: str, channels: tuple[str, str]
) -> None:
    post = await posting.add_post(db, owner, mira, channels, caption=CAPTION, adapt=True)
    assert (await small(db, owner, post.id, channels[1])).text == "The tide was late."
    for caption, text in (("Gulls first. " + CAPTION, "Gulls first. The tide was late."), ("Gulls.", "")):
        async with db.writing() as session:
            await service.edit(session, owner, post.id, PostEdit(caption=caption))
        assert (await small(db, owner, post.id, channels[1])).text == text


async def test_a_persons_own_text_is_never_touched(
    db: Database, owner: Actor, mira: str, channels: tuple[str, str]
) -> None:
    post = await posting.add_post(db, owner, mira, channels, caption=CAPTION, adapt=True)
    for texts in ({channels[1]: "The tide was late."}, {channels[1]: "In my own words."}):
        async with db.writing() as session:
            await service.edit(session, owner, post.id, PostEdit(texts=texts))
    async with db.writing() as session:
        await service.edit(session, owner, post.id, PostEdit(caption="Another. " * 20, adapt=True))
    kept = await small(db, owner, post.id, channels[1])
    assert (kept.text, kept.is_adapted) == ("In my own words.", False)


async def test_cutting_ends_when_it_is_not_wanted(
    db: Database, owner: Actor, mira: str, channels: tuple[str, str]
) -> None:
    post = await posting.add_post(db, owner, mira, channels, caption=CAPTION, hashtags=("a", "b", "c", "d"), adapt=True)
    async with db.writing() as session:
        await service.edit(session, owner, post.id, PostEdit(adapt=False))
    left = await small(db, owner, post.id, channels[1])
    assert (left.text, left.hashtags, left.is_adapted) == ("", None, False)
