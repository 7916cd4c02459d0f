"""Speaks the Matrix client-server API. Source: spec.matrix.org v1.16, read 2026-11-21."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from ainfluencer.channels.adapters.matrix import MANIFEST
from ainfluencer.core import clock
from ainfluencer.core.errors import LoginExpired, PermissionMissing, RateLimited, Rejected, Unsupported
from ainfluencer.integrations.outcomes import CannotTell, NotThere, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import Refusal, Reply, raise_for
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, ParcelMedia, Pulled, Reading

_SIGN_IN_STEP = "Sign in to Matrix again and enter the new access token on the channel's page."
_REFUSALS: dict[str | int, Refusal] = {
    "M_UNKNOWN_TOKEN": Refusal(LoginExpired, "The homeserver no longer accepts the access token.", _SIGN_IN_STEP),
    "M_MISSING_TOKEN": Refusal(LoginExpired, "The homeserver asks for an access token.", _SIGN_IN_STEP),
    "M_USER_DEACTIVATED": Refusal(LoginExpired, "This account has been deactivated.", "Connect another account."),
    "M_FORBIDDEN": Refusal(
        PermissionMissing, "The room does not permit this: {said}", "Let the account join the room and write there."
    ),
    "M_GUEST_ACCESS_FORBIDDEN": Refusal(PermissionMissing, "Guests may not do this.", "Connect a registered account."),
    "M_TOO_LARGE": Refusal(Rejected, "This is too large for the homeserver: {said}", "Make it smaller."),
    "M_LIMIT_EXCEEDED": Refusal(RateLimited, "The homeserver asks us to slow down."),
}
# Our own mark inside an event: events may carry fields of anyone's, named like a Java package (spec, event fields).
_MARK, _ALT = "org.ainfluencer.parcel", "org.ainfluencer.alt_text"
_MESSAGE, _REACTION = "m.room.message", "m.reaction"
_CLOCKS_APART = timedelta(minutes=2)
_PAGES = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Event:
    id: str
    kind: str
    sender: str
    at: datetime
    text: str
    mark: str  # the key of ours that it carries
    under: str  # the message that it reacts to, or the root of its thread
    parent: str  # the message that it answers
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    events: tuple[_Event, ...]
    start: str
    end: str


class MatrixChannel:
    """One account in one room."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Who the token belongs to, whether it has joined the room, and what the homeserver takes."""
        me, room = await self._me(link), await self._room(link)
        if room not in await self._ask(link, "v3/joined_rooms", lambda body: list(body["joined_rooms"])):
            raise PermissionMissing(
                link.slug, f"{me} has not joined this room.", "Invite the account, let it join, and try again."
            )
        encryption = await self._call(link, "GET", f"v3/rooms/{_q(room)}/state/m.room.encryption")
        if encryption.ok:
            raise Unsupported(
                link.slug,
                "This room is encrypted, and posts could not be read in it.",
                "Choose a room without encryption.",
            )
        config = await self._call(link, "GET", "v1/media/config")
        size = config.read(lambda body: body.get("m.upload.size")) if config.ok else None
        limits = {"image_bytes": size} if isinstance(size, int) else {}
        address = link.settings["room"]
        return Account(f"{me} {room}", me, address, f"https://matrix.to/#/{_q(address)}", (), limits)

    async def publish(self, link: Link, parcel: Parcel) -> Published:
        """The first picture with the text as its caption, further pictures as a thread under it."""
        room = await self._room(link)
        uploaded = [(item, await self._upload(link, item)) for item in parcel.media]
        content: dict[str, Any] = (
            _content(parcel, *uploaded[0]) if uploaded else {"msgtype": "m.text", "body": parcel.text}
        )
        if parcel.in_reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": parcel.in_reply_to}}
        content |= {"m.mentions": {}, _MARK: {"key": parcel.key, "ai_made": parcel.ai_made}}
        first = await self._send(link, room, content, parcel.key)
        for number, (item, address) in enumerate(uploaded[1:], 1):
            more = _image(item, address) | {
                "body": item.alt_text or item.path.name,
                "m.relates_to": {"rel_type": "m.thread", "event_id": first},
                _MARK: {"key": f"{parcel.key}.{number}", "ai_made": parcel.ai_made},
            }
            await self._send(link, room, more, f"{parcel.key}.{number}")
        return _published(room, first, parcel)

    async def reply(self, link: Link, parcel: Parcel) -> Published:
        """A message that answers another; the same key rule."""
        return await self.publish(link, parcel)

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """Look for the last of the parcel's messages by our mark, from the newest back to when it was first tried.

        When only some of its pictures arrived it counts as not there: sending again with the same transaction ids
        adds what is missing and repeats nothing.
        """
        del token  # nothing is ever pending here
        room = await self._room(link)
        last = parcel.key if len(parcel.media) < 2 else f"{parcel.key}.{len(parcel.media) - 1}"
        keys: dict[str, str] = {}
        params: dict[str, Any] = {"dir": "b", "limit": 100}
        for _ in range(_PAGES):
            page = await self._ask(link, f"v3/rooms/{_q(room)}/messages", _page, params)
            for event in page.events:
                keys.setdefault(event.mark, event.id)
            if last in keys and parcel.key in keys:
                return _published(room, keys[parcel.key], parcel)
            if not page.end or any(event.at < since - _CLOCKS_APART for event in page.events):
                return NotThere()
            params["from"] = page.end
        return CannotTell("The room has had so many messages since then that the post may be further back.")

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """Redact the message and the pictures in the thread under it."""
        room = await self._room(link)
        me = await self._me(link)
        events = [e.id for e in await self._relations(link, room, remote_id, "m.thread") if e.sender == me]
        for event_id in (*events, remote_id):
            path = f"v3/rooms/{_q(room)}/redact/{_q(event_id)}/{_q('w' + event_id)}"
            reply = await self._call(link, "PUT", path, json={})
            if reply.status != 404:
                _good(reply)

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """Messages that answer or name us, and reactions, after the place in the room that `cursor` names."""
        room = await self._room(link)
        me = await self._me(link)
        if not cursor:
            page = await self._ask(link, f"v3/rooms/{_q(room)}/messages", _page, {"dir": "b", "limit": 100})
            return Pulled(_news(page.events[::-1], me, room), page.start)
        rows: list[_Event] = []
        for _ in range(_PAGES):
            params = {"dir": "f", "from": cursor, "limit": 100}
            page = await self._ask(link, f"v3/rooms/{_q(room)}/messages", _page, params)
            rows += page.events
            if not page.events or not page.end:
                break
            cursor = page.end
        return Pulled(_news(rows, me, room), cursor)

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Reactions, and answers in the thread, of each message that is still there."""
        room = await self._room(link)
        me = await self._me(link)
        found = []
        for event_id in remote_ids:
            reply = await self._call(link, "GET", f"v3/rooms/{_q(room)}/event/{_q(event_id)}")
            if reply.status == 404 or not _good(reply).read(lambda body: dict(body["content"])):
                continue
            likes = await self._relations(link, room, event_id, "m.annotation")
            replies = [e for e in await self._relations(link, room, event_id, "m.thread") if e.sender != me]
            found.append(Reading(event_id, {"likes": len(likes), "replies": len(replies)}))
        return tuple(found)

    async def _room(self, link: Link) -> str:
        room = link.settings["room"].strip()
        if not room.startswith("#"):
            return room
        return await self._ask(link, f"v3/directory/room/{_q(room)}", lambda body: str(body["room_id"]))

    async def _me(self, link: Link) -> str:
        return await self._ask(link, "v3/account/whoami", lambda body: str(body["user_id"]))

    async def _upload(self, link: Link, item: ParcelMedia) -> str:
        data = await asyncio.to_thread(item.path.read_bytes)
        reply = await link.client.request(
            "POST", "/_matrix/media/v3/upload", params={"filename": item.path.name}, content=data, timeout=120,
            headers={"Authorization": f"Bearer {link.secrets['token']}", "Content-Type": item.mime},
        )  # fmt: skip
        return _good(reply).read(lambda body: str(body["content_uri"]))

    async def _send(self, link: Link, room: str, content: Mapping[str, Any], transaction: str) -> str:
        path = f"v3/rooms/{_q(room)}/send/{_MESSAGE}/{_q(transaction)}"
        reply = await self._call(link, "PUT", path, json=content, effect=True)
        return _good(reply).read(lambda body: str(body["event_id"]))

    async def _relations(self, link: Link, room: str, event_id: str, kind: str) -> Sequence[_Event]:
        path = f"v1/rooms/{_q(room)}/relations/{_q(event_id)}/{kind}"
        reply = await self._call(link, "GET", path, params={"limit": 100})
        if reply.status == 404:
            return []
        return _good(reply).read(_page).events

    async def _ask(self, link: Link, path: str, read: Callable[[Any], T], params: Mapping[str, Any] | None = None) -> T:
        return _good(await self._call(link, "GET", path, params=params)).read(read)

    @staticmethod
    async def _call(link: Link, method: str, path: str, **parts: Any) -> Reply:
        headers = {"Authorization": f"Bearer {link.secrets['token']}"}
        return await link.client.request(method, f"/_matrix/client/{path}", headers=headers, **parts)


def _good(reply: Reply) -> Reply:
    """The reply, unless it is a refusal; then the error that its code means, with when the homeserver wants us back."""
    told = {} if reply.ok else reply.told()
    wait = told.get("retry_after_ms")
    until = clock.from_now(milliseconds=wait) if isinstance(wait, int) and "retry-after" not in reply.headers else None
    code, message = str(told.get("errcode", "")), str(told.get("error", ""))
    return raise_for(reply, _REFUSALS, code=code, message=message, until=until)


def _content(parcel: Parcel, item: ParcelMedia, address: str) -> dict[str, Any]:
    # A body that differs from the file name is a caption (spec, media captions).
    return _image(item, address) | {"body": parcel.text or item.path.name}


def _image(item: ParcelMedia, address: str) -> dict[str, Any]:
    info = {"mimetype": item.mime, "w": item.width, "h": item.height, "size": item.size_bytes}
    # The spec has no field for a description yet, so it travels in one of our own.
    alt = {_ALT: item.alt_text} if item.alt_text else {}
    return {"msgtype": "m.image", "filename": item.path.name, "url": address, "info": info, **alt}


def _published(room: str, event_id: str, parcel: Parcel) -> Published:
    declared = {"event_field": _MARK} if parcel.ai_made else {}
    return Published(event_id, f"https://matrix.to/#/{_q(room)}/{_q(event_id)}", declared)


def _page(body: Mapping[str, Any]) -> _Page:
    return _Page(tuple(_event(e) for e in body["chunk"]), str(body.get("start") or ""), str(body.get("end") or ""))


def _event(raw: Mapping[str, Any]) -> _Event:
    content = raw.get("content") or {}
    relation = content.get("m.relates_to") or {}
    under = relation.get("event_id", "") if relation.get("rel_type") in {"m.thread", "m.annotation"} else ""
    return _Event(
        id=raw["event_id"],
        kind=raw.get("type", ""),
        sender=raw["sender"],
        at=datetime.fromtimestamp(raw["origin_server_ts"] / 1000, UTC),
        text=str(relation.get("key", "") if raw.get("type") == _REACTION else content.get("body", "")),
        mark=str((content.get(_MARK) or {}).get("key", "")),
        under=under,
        parent=(relation.get("m.in_reply_to") or {}).get("event_id", ""),
        named=tuple((content.get("m.mentions") or {}).get("user_ids") or ()),
    )


def _news(events: Sequence[_Event], me: str, room: str) -> tuple[Incoming, ...]:
    return tuple(made for event in events if event.sender != me and (made := _incoming(event, me, room)))


def _incoming(event: _Event, me: str, room: str) -> Incoming | None:
    if event.kind == _REACTION and event.under:
        kind = "like"
    elif event.kind == _MESSAGE and event.text and (event.parent or event.under or me in event.named):
        kind = "comment" if event.parent or event.under else "mention"
    else:
        return None
    return Incoming(
        remote_id=event.id,
        kind=kind,
        author_id=event.sender,
        author=event.sender,
        text=event.text,
        at=event.at,
        post_remote_id=event.under or event.parent,
        parent_remote_id=event.parent or event.under,
        url=f"https://matrix.to/#/{_q(room)}/{_q(event.id)}",
    )


def _q(part: str) -> str:
    return quote(part, safe="")


ADAPTER = MatrixChannel()
