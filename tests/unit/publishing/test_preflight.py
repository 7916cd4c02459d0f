"""Limits at their edge and one beyond, found before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ainfluencer.channels import registry as channels
from ainfluencer.channels.models import ChannelState
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations import registry
from ainfluencer.integrations.manifest import Action, Rule
from ainfluencer.publishing import content, preflight, service
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.preflight import PreflightFailed, Problem
from ainfluencer.publishing.schemas import PostEdit
from ainfluencer.studio.models import AssetState, Rating
from tests.support import posting
from tests.support.doubles import Platform

LINE = len("\n\nMade with AI.")


async def _check(
    db: Database, owner: Actor, mira: str, *, channel: dict[str, Any] | None = None, **values: Any
) -> dict[str, Problem]:
    made = await posting.add_channel(db, owner, "pier", **(channel or {}))
    post = await posting.add_post(db, owner, mira, [made], **values)
    async with db.reading() as session:
        found = preflight.check(await content.load(session, await session.get_one(Post, post.id)))
    return {problem.code: problem for problem in found}


@pytest.mark.parametrize(("letters", "fits"), [(300 - LINE, True), (301 - LINE, False)])
async def test_text_at_its_edge_counts_letters_and_label(
    db: Database, owner: Actor, mira: str, platform: Platform, letters: int, *, fits: bool
) -> None:
    found = await _check(db, owner, mira, caption="👩‍👩‍👧" * 20 + "e" * (letters - 20))
    assert ("text_too_long" in found) is not fits
    if not fits:
        assert len(found["text_too_long"].suggestion) > 0
        assert found["text_too_long"].hint


async def test_clean_post_has_no_problem(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    asset = await posting.add_asset(db, owner, mira)
    assert await _check(db, owner, mira, asset_ids=(asset,)) == {}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"alt_text": ""}, "alt_text_missing"),
        ({"alt_text": "a" * 101}, "alt_text_too_long"),
        ({"rating": Rating.ADULT}, "adult"),
        ({"state": AssetState.REJECTED}, "asset_rejected"),
        ({"format": "WEBP"}, "image_kind"),
        ({"size": (2001, 2000)}, "image_too_large"),
    ],
)
async def test_pictures(
    db: Database, owner: Actor, mira: str, platform: Platform, values: dict[str, Any], code: str
) -> None:
    asset = await posting.add_asset(db, owner, mira, **values)
    assert code in await _check(db, owner, mira, asset_ids=(asset,))


async def test_counts_links_and_channels(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    assets = tuple([await posting.add_asset(db, owner, mira, size=(40 + n, 50)) for n in range(5)])
    other = await posting.add_character(db, owner, "Zoe")
    found = await _check(
        db,
        owner,
        mira,
        caption="https://a.example https://b.example https://c.example",
        asset_ids=assets,
        channel={"character_id": other, "state": ChannelState.PAUSED},
    )
    assert set(found) >= {"too_many_images", "too_many_links", "other_character", "channel_not_usable"}


async def test_errors_refuse_the_approval(db: Database, owner: Actor, mira: str, platform: Platform) -> None:
    post = await posting.add_post(db, owner, mira, [])
    with pytest.raises(PreflightFailed, match="no channel"):
        await posting.approved(db, owner, post.id)
    channel = await posting.add_channel(db, owner, "pier")
    async with db.writing() as session:
        await service.edit(session, owner, post.id, PostEdit(channel_ids=(channel,)))
    assert (await posting.approved(db, owner, post.id)).state == "approved"


async def test_what_a_platform_forbids_is_said_with_its_own_rule(
    db: Database, owner: Actor, mira: str, platform: Platform
) -> None:
    source, day = "https://pier.example/rules", date(2026, 11, 21)
    told = {Action.POST: "Only people post on Pier.", Action.MENTION: "Names of strangers are spam."}
    rules = tuple(
        Rule(action, allowed=False, sentence=said, source=source, checked=day) for action, said in told.items()
    )
    manifests = registry.manifests(channels.PACKAGE)
    known = manifests["pier"]
    manifests["pier"] = replace(known, rules=rules)
    try:
        found = await _check(db, owner, mira, caption="Good morning @ada and @tom@sea.example.")
    finally:
        manifests["pier"] = known
    assert "Only people post on Pier." in found["platform_forbids"].detail
    assert found["platform_forbids"].severity == "error"
    assert "@ada, @tom@sea.example" in found["mention"].detail
    assert found["mention"].severity == "warning"


async def test_approving_a_post_approves_its_pictures(
    db: Database, owner: Actor, mira: str, platform: Platform
) -> None:
    asset = await posting.add_asset(db, owner, mira, state=AssetState.DRAFT)
    made = await posting.add_channel(db, owner, "pier")
    post = await posting.add_post(db, owner, mira, [made], asset_ids=(asset,))
    await posting.approved(db, owner, post.id)
    async with db.reading() as session:
        pictures = (await content.load(session, await session.get_one(Post, post.id))).pictures
    assert [picture.asset.state for picture in pictures] == [AssetState.APPROVED]
