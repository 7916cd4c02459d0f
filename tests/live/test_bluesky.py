"""Against a real AT Protocol Personal Data Server: its validation, its keys, its deletions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.channels import registry
from ainfluencer.channels.service import make_link
from ainfluencer.core import clock, config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import LoginExpired, OutcomeUnknown, OutsideError, Rejected
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.values import Link, Parcel
from tests.live.servers import Running, ask
from tests.support.parcels import MORNING, parcel, picture
from tests.support.platforms.lossy import Lossy

PLATFORM = "bluesky"
SERVER = "at_protocol"
COVERED = {"publish", "settle", "withdraw", "reply", "refresh"}  # the server alone has no AppView: no pull, no measure
pytestmark = pytest.mark.live

PASSWORD = "a-password-of-mira"
FAMILY = "👩‍👩‍👧‍👦"
ADAPTER = registry.adapter(PLATFORM)


@pytest.fixture(scope="session")
def account(at_protocol: Running) -> dict[str, Any]:
    body = {"handle": "mira.test", "email": "mira@example.org", "password": PASSWORD}
    made: dict[str, Any] = ask(f"{at_protocol.url}/xrpc/com.atproto.server.createAccount", body)
    ask(
        f"{at_protocol.url}/xrpc/com.atproto.server.createAccount",
        {"handle": "ada.test", "email": "ada@example.org", "password": PASSWORD},
    )
    return made


@pytest.fixture
def link(account: dict[str, Any], at_protocol: Running, settings: Settings) -> Link:
    return linked(at_protocol.url)


def linked(url: str, **secrets: str) -> Link:
    config.use(Settings(data=config.settings().data, allow_private_urls=True))
    settings = {"url": url, "handle": "mira.test"}
    return make_link(registry.manifest(PLATFORM), settings, {"password": PASSWORD, **secrets})


def stored(server: Running, account: dict[str, Any]) -> dict[str, Any]:
    """Every post of Mira as the server has it, by address."""
    url = (
        f"{server.url}/xrpc/com.atproto.repo.listRecords?repo={account['did']}&collection=app.bsky.feed.post&limit=100"
    )
    return {row["uri"]: row["value"] for row in ask(url)["records"]}


async def publish(link: Link, made: Parcel) -> Published:
    found = await ADAPTER.publish(link, made)
    assert isinstance(found, Published)
    return found


async def test_check_says_who_we_are(link: Link, account: dict[str, Any]) -> None:
    found = await ADAPTER.check(link)
    assert (found.remote_id, found.handle) == (account["did"], "mira.test")
    assert "automated" in found.notes[0]


async def test_a_wrong_password_is_a_dead_sign_in(link: Link, at_protocol: Running) -> None:
    with pytest.raises(LoginExpired) as caught:
        await ADAPTER.check(linked(at_protocol.url, password="not-the-password"))
    assert "not-the-password" not in str(caught.value) + repr(caught.value)


async def test_a_post_with_pictures_links_tags_and_a_mention(
    link: Link, account: dict[str, Any], at_protocol: Running, tmp_path: Path
) -> None:
    text = f"Olá {FAMILY} @ada.test, see https://example.org/x?y=1 #harbour #Søndag @nobody.test"
    made = await publish(
        link, parcel("facets", text, media=(picture(tmp_path), picture(tmp_path, "b.png")), language="pt-BR")
    )
    record = stored(at_protocol, account)[made.remote_id]
    assert record["text"] == text
    cut = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in record["facets"]]
    assert cut == ["@ada.test", "https://example.org/x?y=1", "#harbour", "#Søndag"]
    assert record["facets"][0]["features"][0]["did"].startswith("did:plc:")
    assert record["createdAt"] == "2026-11-21T08:30:00.123Z"
    assert record["labels"]["values"] == [{"val": "ai-generated"}]
    assert [i["alt"] for i in record["embed"]["images"]] == ["A picture called harbour.png", "A picture called b.png"]
    assert made.url.endswith(made.remote_id.rpartition("/")[2])


async def test_more_than_four_pictures_become_a_gallery(
    link: Link, account: dict[str, Any], at_protocol: Running, tmp_path: Path
) -> None:
    media = tuple(picture(tmp_path, f"{n}.png") for n in range(10))
    made = await publish(link, parcel("gallery", media=media))
    assert len(stored(at_protocol, account)[made.remote_id]["embed"]["items"]) == 10


async def test_the_same_key_twice_is_one_post(
    link: Link, account: dict[str, Any], at_protocol: Running, tmp_path: Path
) -> None:
    before = len(stored(at_protocol, account))
    first, second = [await publish(link, parcel("twice", media=(picture(tmp_path),))) for _ in range(2)]
    assert first == second
    assert len(stored(at_protocol, account)) == before + 1


async def test_a_lost_answer_is_unknown_and_settling_finds_the_post(
    link: Link, account: dict[str, Any], at_protocol: Running
) -> None:
    made, before = parcel("lost"), len(stored(at_protocol, account))
    assert await ADAPTER.settle(link, made, "", MORNING) == NotThere()
    async with Lossy(at_protocol.url, "putRecord") as between:
        with pytest.raises(OutcomeUnknown):
            await ADAPTER.publish(linked(between.url), made)
    found = await ADAPTER.settle(link, made, "", MORNING)
    assert isinstance(found, Published)
    assert found == await publish(link, made)
    assert len(stored(at_protocol, account)) == before + 1


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f44d"])
async def test_the_server_counts_as_we_do(link: Link, letter: str) -> None:
    await publish(link, parcel(f"edge-{ord(letter)}", letter * 300))
    with pytest.raises(Rejected):
        await ADAPTER.publish(link, parcel(f"beyond-{ord(letter)}", letter * 301))


async def test_joined_letters_count_as_one_until_the_bytes_run_out(link: Link) -> None:
    await publish(link, parcel("bytes", FAMILY * 120))  # 3,000 bytes
    with pytest.raises(Rejected):
        await ADAPTER.publish(link, parcel("too-many-bytes", FAMILY * 121))


async def test_a_picture_that_is_too_large_is_refused(link: Link, tmp_path: Path) -> None:
    big = picture(tmp_path, "big.png", size=(1000, 700), noise=True)
    assert big.size_bytes > 2_000_000
    with pytest.raises(Rejected):
        await ADAPTER.publish(link, parcel("big", media=(big,)))


async def test_an_answer_hangs_in_its_thread(link: Link, account: dict[str, Any], at_protocol: Running) -> None:
    root = await publish(link, parcel("root"))
    first = await ADAPTER.reply(link, parcel("answer-1", "An answer", in_reply_to=root.remote_id))
    assert isinstance(first, Published)
    second = await ADAPTER.reply(link, parcel("answer-2", "And another", in_reply_to=first.remote_id))
    assert isinstance(second, Published)
    thread = stored(at_protocol, account)[second.remote_id]["reply"]
    assert (thread["root"]["uri"], thread["parent"]["uri"]) == (root.remote_id, first.remote_id)


async def test_withdrawn_is_gone_and_twice_is_no_error(
    link: Link, account: dict[str, Any], at_protocol: Running
) -> None:
    made = await publish(link, parcel("regretted"))
    for _ in range(2):
        await ADAPTER.withdraw(link, made.remote_id)
    assert made.remote_id not in stored(at_protocol, account)
    assert await ADAPTER.settle(link, parcel("regretted"), "", MORNING) == NotThere()


async def test_a_session_is_renewed_and_used(link: Link, at_protocol: Running) -> None:
    fresh = dict(await ADAPTER.refresh(link))
    until = clock.parse_instant(fresh.pop("fresh_until"))
    assert until - clock.now() > timedelta(minutes=30)
    renewed = dict(await ADAPTER.refresh(linked(at_protocol.url, **fresh)))
    assert renewed["access_jwt"]
    with_token = linked(at_protocol.url, access_jwt=renewed["access_jwt"], password="not-needed-now")
    await publish(with_token, parcel("by-token"))


async def test_without_an_appview_pull_and_measure_fail_in_the_closed_set(link: Link) -> None:
    with pytest.raises(OutsideError):
        await ADAPTER.pull(link, "")
    with pytest.raises(OutsideError):
        await ADAPTER.measure(link, ["at://did:plc:x/app.bsky.feed.post/1"])
