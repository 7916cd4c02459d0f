"""Against a real Synapse: transaction ids, threads, reactions, redactions."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ainfluencer.channels import registry
from ainfluencer.channels.service import make_link
from ainfluencer.core import clock, config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import LoginExpired, OutcomeUnknown, PermissionMissing, Rejected, Unsupported
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.values import Link, Parcel
from tests.live.servers import Running, ask
from tests.support.parcels import parcel, picture
from tests.support.platforms.lossy import Lossy

PLATFORM = "matrix"
SERVER = "homeserver"
COVERED = {"publish", "settle", "withdraw", "reply", "pull", "measure"}
pytestmark = pytest.mark.live

ADAPTER = registry.adapter(PLATFORM)


class Person:
    """Somebody with an account of their own."""

    def __init__(self, server: Running, name: str) -> None:
        self.base = f"{server.url}/_matrix/client/v3"
        body = {"username": name, "password": "a-password-here", "auth": {"type": "m.login.dummy"}}
        made = ask(f"{self.base}/register", body)
        self.id, self.token, self._count = made["user_id"], made["access_token"], 0

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
        return ask(f"{self.base}/{path}", body, token=self.token, method=method)

    def say(self, room: str, kind: str, content: dict[str, Any]) -> str:
        self._count += 1
        made = self.ask(f"rooms/{quote(room)}/send/{kind}/own{self._count}", content, "PUT")
        return str(made["event_id"])


@pytest.fixture(scope="session")
def mira(homeserver: Running) -> Person:
    return Person(homeserver, "mira")


@pytest.fixture(scope="session")
def ada(homeserver: Running) -> Person:
    return Person(homeserver, "ada")


@pytest.fixture
def room(mira: Person, ada: Person) -> str:
    made = mira.ask("createRoom", {"preset": "public_chat"})
    ada.ask(f"join/{quote(made['room_id'])}", {})
    return str(made["room_id"])


@pytest.fixture
def link(mira: Person, homeserver: Running, room: str, settings: Settings) -> Link:
    return linked(homeserver.url, room, mira.token)


def linked(url: str, room: str, token: str) -> Link:
    config.use(Settings(data=config.settings().data, allow_private_urls=True))
    return make_link(registry.manifest(PLATFORM), {"url": url, "room": room}, {"token": token})


def written(person: Person, room: str) -> list[dict[str, Any]]:
    """Every message of the room that has not been redacted, oldest first."""
    rows = person.ask(f"rooms/{quote(room)}/messages?dir=f&limit=100")["chunk"]
    return [e for e in rows if e["type"] == "m.room.message" and e["content"]]


async def publish(link: Link, made: Parcel) -> Published:
    found = await ADAPTER.publish(link, made)
    assert isinstance(found, Published)
    return found


async def test_check_says_who_we_are_and_what_the_server_takes(link: Link, mira: Person, room: str) -> None:
    found = await ADAPTER.check(link)
    assert (found.remote_id, found.handle) == (f"{mira.id} {room}", mira.id)
    assert found.limits["image_bytes"] == 50 * 1024 * 1024


async def test_what_check_refuses(
    link: Link, mira: Person, ada: Person, homeserver: Running, settings: Settings
) -> None:
    with pytest.raises(LoginExpired):
        await ADAPTER.check(linked(homeserver.url, "!a:live.test", "syt_not_a_token"))
    private = ada.ask("createRoom", {"preset": "private_chat"})["room_id"]
    with pytest.raises(PermissionMissing, match="joined"):
        await ADAPTER.check(linked(homeserver.url, private, mira.token))
    with pytest.raises(Rejected):
        await ADAPTER.check(linked(homeserver.url, "#nowhere:live.test", mira.token))
    state = [{"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
    sealed = mira.ask("createRoom", {"initial_state": state})["room_id"]
    with pytest.raises(Unsupported, match="encrypted"):
        await ADAPTER.check(linked(homeserver.url, sealed, mira.token))


async def test_a_room_by_its_address(mira: Person, homeserver: Running, settings: Settings) -> None:
    mira.ask("createRoom", {"room_alias_name": "news"})
    by_address = linked(homeserver.url, "#news:live.test", mira.token)
    assert (await ADAPTER.check(by_address)).title == "#news:live.test"
    await publish(by_address, parcel("addressed"))


async def test_text_and_pictures(link: Link, mira: Person, room: str, tmp_path: Path) -> None:
    only = await publish(link, parcel("text", "Olá 👩‍👩‍👧‍👦"))
    first = await publish(
        link, parcel("three", "With three", media=tuple(picture(tmp_path, f"{n}.png") for n in range(3)))
    )
    events = written(mira, room)
    assert [e["event_id"] for e in events[:2]] == [only.remote_id, first.remote_id]
    assert events[0]["content"]["body"] == "Olá 👩‍👩‍👧‍👦"
    content = events[1]["content"]
    assert (content["msgtype"], content["body"], content["filename"]) == ("m.image", "With three", "0.png")
    assert content["info"] == {"mimetype": "image/png", "w": 48, "h": 60, "size": content["info"]["size"]}
    assert [e["content"]["m.relates_to"]["event_id"] for e in events[2:]] == [first.remote_id] * 2
    assert content["org.ainfluencer.parcel"] == {"key": "three", "ai_made": True}


async def test_the_same_key_twice_is_one_post(link: Link, mira: Person, room: str, tmp_path: Path) -> None:
    made = parcel("twice", media=(picture(tmp_path), picture(tmp_path, "b.png")))
    first, second = [await publish(link, made) for _ in range(2)]
    assert first == second
    assert len(written(mira, room)) == 2


@pytest.mark.parametrize("lost", ["delivery-9", "delivery-9.1"])
async def test_a_lost_answer_is_unknown_and_settling_tells(
    link: Link, mira: Person, room: str, homeserver: Running, tmp_path: Path, lost: str
) -> None:
    made, since = parcel("delivery-9", media=(picture(tmp_path), picture(tmp_path, "b.png"))), clock.now()
    assert await ADAPTER.settle(link, made, "", since) == NotThere()
    async with Lossy(homeserver.url, f"/send/m.room.message/{lost}") as between:
        with pytest.raises(OutcomeUnknown):
            await ADAPTER.publish(linked(between.url, room, mira.token), made)
    found = await ADAPTER.settle(link, made, "", since)
    # After the first of two messages the post is not whole: sending again completes it.
    assert (found == NotThere()) == (lost == "delivery-9")
    whole = await publish(link, made)
    assert len(written(mira, room)) == 2
    assert await ADAPTER.settle(link, made, "", since) == whole


async def test_the_size_of_a_text(link: Link) -> None:
    await publish(link, parcel("edge", "x" * 40_000))
    with pytest.raises(Rejected):
        await ADAPTER.publish(link, parcel("beyond", "x" * 70_000))


async def test_what_comes_back_is_pulled_once_and_counted(link: Link, mira: Person, ada: Person, room: str) -> None:
    post = await publish(link, parcel("asked", "What do you see?"))
    start = await ADAPTER.pull(link, "")
    assert start.items == ()
    assert start.cursor
    answer = ada.say(room, "m.room.message", {
        "msgtype": "m.text", "body": "A boat",
        "m.relates_to": {"rel_type": "m.thread", "event_id": post.remote_id, "m.in_reply_to": {"event_id": post.remote_id}},
    })  # fmt: skip
    ada.say(room, "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": post.remote_id, "key": "⛵"}})
    ada.say(room, "m.room.message", {"msgtype": "m.text", "body": "to nobody"})
    ada.say(room, "m.room.message", {"msgtype": "m.text", "body": "hi", "m.mentions": {"user_ids": [mira.id]}})
    news = await ADAPTER.pull(link, start.cursor)
    assert [(i.kind, i.text, i.author) for i in news.items] == [
        ("comment", "A boat", ada.id), ("like", "⛵", ada.id), ("mention", "hi", ada.id),
    ]  # fmt: skip
    assert {i.post_remote_id for i in news.items[:2]} == {post.remote_id}
    assert (await ADAPTER.pull(link, news.cursor)).items == ()
    assert [i.text for i in (await ADAPTER.pull(link, "")).items] == ["A boat", "⛵", "hi"]
    readings = await ADAPTER.measure(link, [post.remote_id, "$gone"])
    assert [(r.remote_id, dict(r.metrics)) for r in readings] == [(post.remote_id, {"likes": 1, "replies": 1})]
    made = await ADAPTER.reply(link, parcel("answered", "And a gull", in_reply_to=answer))
    assert isinstance(made, Published)
    assert written(ada, room)[-1]["content"]["m.relates_to"]["m.in_reply_to"]["event_id"] == answer


async def test_withdrawn_is_gone_with_all_its_pictures(link: Link, mira: Person, room: str, tmp_path: Path) -> None:
    made = await publish(link, parcel("regretted", media=tuple(picture(tmp_path, f"{n}.png") for n in range(3))))
    for _ in range(2):
        await ADAPTER.withdraw(link, made.remote_id)
    assert written(mira, room) == []
    assert await ADAPTER.measure(link, [made.remote_id]) == ()
    assert await ADAPTER.settle(link, parcel("regretted"), "", clock.now()) == NotThere()
