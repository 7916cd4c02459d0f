"""Speaks the Mastodon client API. Source: docs.joinmastodon.org, read 2026-11-21."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ainfluencer.channels.adapters.mastodon import MANIFEST
from ainfluencer.core import clock
from ainfluencer.core.errors import LoginExpired, PermissionMissing, Rejected
from ainfluencer.integrations.outcomes import CannotTell, NotThere, Pending, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import Refusal, Reply, raise_for
from ainfluencer.integrations.text import MENTION
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, ParcelMedia, Pulled, Reading

_REFUSALS: dict[str | int, Refusal] = {
    401: Refusal(
        LoginExpired,
        "The server no longer accepts the access token: {said}",
        "Make a new token and enter it on the channel's page.",
    ),
    403: Refusal(
        PermissionMissing,
        "The server does not permit this: {said}",
        "Give the application the scopes read and write, and make a new token.",
    ),
    404: Refusal(Rejected, "The server does not know this: {said}"),
    422: Refusal(Rejected, "The server refused this: {said}", "Change what it objects to and try again."),
}
_KINDS = {"mention": "mention", "favourite": "like", "reblog": "repost", "follow": "follow"}
_COUNTS = {"likes": "favourites_count", "reposts": "reblogs_count", "replies": "replies_count"}
_ME = "/api/v1/accounts/verify_credentials"
_PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4)  # how long publishing itself waits for pictures; after that it is pending
_RECENT = 40
_CLOCKS_APART = timedelta(minutes=2)
T = TypeVar("T")


class MastodonChannel:
    """One account on one server."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Who the token belongs to, and this server's own limits."""
        limits = await self._ask(link, "/api/v2/instance", _limits)
        return await self._ask(link, _ME, lambda me: _account(me, limits))

    async def publish(self, link: Link, parcel: Parcel) -> Published | Pending:
        """Upload the pictures and post with the parcel's key; pending while the server still works on a picture."""
        ids = [await self._upload(link, item) for item in parcel.media]
        for pause in (*_PAUSES_SECONDS, 0.0):
            if await self._ready(link, ids):
                return await self._post(link, parcel, ids)
            await asyncio.sleep(pause)
        return Pending(json.dumps(ids), 0.5, "The server is still working on the pictures.")

    async def reply(self, link: Link, parcel: Parcel) -> Published | Pending:
        """Answer a post; whom it answers is named in it, because the server tells nobody else."""
        return await self.publish(link, parcel)

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """Look among our own latest posts; a pending one is finished when its pictures are ready."""
        found = await self._find(link, parcel, since)
        if isinstance(found, Published | CannotTell) or not token:
            return found
        ids = [str(i) for i in json.loads(token)]
        if not await self._ready(link, ids):
            return Pending(token, 0.5, "The server is still working on the pictures.")
        return await self._post(link, parcel, ids)

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """Delete the post; no matter if it is gone already."""
        reply = await self._call(link, "DELETE", f"/api/v1/statuses/{_id(remote_id)}")
        if reply.status not in {404, 410}:
            _good(reply)

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """Mentions, answers, favourites, boosts and followers after the notification that `cursor` names."""
        params: dict[str, Any] = {"types[]": list(_KINDS), "limit": _RECENT} | ({"min_id": cursor} if cursor else {})
        reply = await self._call(link, "GET", "/api/v1/notifications", params=params)
        me = await self._ask(link, _ME, lambda body: str(body["id"]))
        return _good(reply).read(lambda rows: _pulled(rows, me, cursor))

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Favourites, boosts and answers of each post that is still there."""
        found = []
        for remote_id in remote_ids:
            reply = await self._call(link, "GET", f"/api/v1/statuses/{_id(remote_id)}")
            if reply.status in {404, 410}:
                continue
            counts = _good(reply).read(lambda body: {ours: int(body[theirs]) for ours, theirs in _COUNTS.items()})
            found.append(Reading(remote_id, counts))
        return tuple(found)

    async def _upload(self, link: Link, item: ParcelMedia) -> str:
        data = await asyncio.to_thread(item.path.read_bytes)
        # A picture that no post uses is deleted by the server, so uploading has no effect of its own.
        reply = await self._call(
            link, "POST", "/api/v2/media", timeout=120,
            files={"file": (item.path.name, data, item.mime)}, data={"description": item.alt_text},
        )  # fmt: skip
        return _good(reply).read(lambda body: str(body["id"]))

    async def _ready(self, link: Link, ids: Sequence[str]) -> bool:
        for media_id in ids:
            reply = _good(await self._call(link, "GET", f"/api/v1/media/{_id(media_id)}"))
            if reply.status == 206:
                return False
        return True

    async def _post(self, link: Link, parcel: Parcel, ids: Sequence[str]) -> Published:
        body: dict[str, Any] = {
            "status": parcel.text,
            "media_ids": list(ids),
            "visibility": link.settings.get("visibility", "public"),
            "language": parcel.language.partition("-")[0],
        }
        if parcel.in_reply_to:
            body |= await self._answering(link, parcel)
        reply = await self._call(
            link, "POST", "/api/v1/statuses", effect=True, json=body, headers={"Idempotency-Key": parcel.key}
        )
        return _good(reply).read(_sent)

    async def _answering(self, link: Link, parcel: Parcel) -> dict[str, Any]:
        path = f"/api/v1/statuses/{_id(parcel.in_reply_to)}"
        acct, visibility = await self._ask(
            link, path, lambda body: (str(body["account"]["acct"]), body.get("visibility"))
        )
        named = f"@{acct}".lower() in parcel.text.lower()
        found = {"in_reply_to_id": parcel.in_reply_to, "status": parcel.text if named else f"@{acct} {parcel.text}"}
        # An answer never reaches further than what it answers.
        return found | ({"visibility": visibility} if visibility in {"private", "direct"} else {})

    async def _find(self, link: Link, parcel: Parcel, since: datetime) -> Published | NotThere | CannotTell:
        me = await self._ask(link, _ME, lambda body: str(body["id"]))
        params = {"limit": _RECENT, "exclude_reblogs": "true"}
        reply = await self._call(link, "GET", f"/api/v1/accounts/{_id(me)}/statuses", params=params)
        return _good(reply).read(lambda rows: _look(rows, parcel, since - _CLOCKS_APART))

    async def _ask(self, link: Link, path: str, read: Callable[[Any], T]) -> T:
        return _good(await self._call(link, "GET", path)).read(read)

    @staticmethod
    async def _call(link: Link, method: str, path: str, **parts: Any) -> Reply:
        headers = {"Authorization": f"Bearer {link.secrets['token']}", **parts.pop("headers", {})}
        return await link.client.request(method, path, headers=headers, **parts)


def _good(reply: Reply) -> Reply:
    """The reply, unless it is a refusal; then the error that it means, with the server's own sentence."""
    told = {} if reply.ok else reply.told()
    return raise_for(reply, _REFUSALS, message=str(told.get("error_description") or told.get("error") or ""))


def _sent(status: Mapping[str, Any]) -> Published:
    return Published(str(status["id"]), status.get("url") or status.get("uri") or "")


def _limits(server: Mapping[str, Any]) -> dict[str, int]:
    """The server's own numbers, under our names; what it does not tell is left out."""
    config = server.get("configuration") or {}
    posts, media = config.get("statuses") or {}, config.get("media_attachments") or {}
    told = {
        "text": posts.get("max_characters"),
        "images": posts.get("max_media_attachments"),
        "image_bytes": media.get("image_size_limit"),
        "image_pixels": media.get("image_matrix_limit"),
        "alt_text": media.get("description_limit"),
    }
    return {name: value for name, value in told.items() if isinstance(value, int) and value >= 0}


def _account(me: Mapping[str, Any], limits: Mapping[str, int]) -> Account:
    notes = () if me.get("bot") else ("Mark this account as automated in its profile: its posts are made with AI.",)
    return Account(str(me["id"]), me["acct"], me.get("display_name") or me["acct"], me.get("url") or "", notes, limits)


def _look(rows: Sequence[Mapping[str, Any]], parcel: Parcel, since: datetime) -> Published | NotThere | CannotTell:
    recent = [row for row in rows if clock.parse_instant(row["created_at"]) >= since]
    for status in recent:
        if _same(status, parcel):
            return _sent(status)
    if len(recent) >= _RECENT:
        return CannotTell("The account has posted so much since then that the post may be further back.")
    return NotThere()


def _pulled(rows: Sequence[Mapping[str, Any]], me: str, cursor: str) -> Pulled:
    # Ids are numbers in a text; the later one is the longer or, at the same length, the greater one.
    ordered = sorted(rows, key=lambda n: (len(str(n["id"])), str(n["id"])))
    items = tuple(_incoming(n, me) for n in ordered if n["type"] in _KINDS)
    return Pulled(items, str(ordered[-1]["id"]) if ordered else cursor)


def _same(status: Mapping[str, Any], parcel: Parcel) -> bool:
    """Whether that post is the parcel: the same words (an answer has a name before them), as many pictures."""
    there, ours = _words(status.get("content", "")), _plain(parcel.text)
    fits = there.endswith(ours) if parcel.in_reply_to else there == ours
    parent = str(status.get("in_reply_to_id") or "")
    return fits and parent == parcel.in_reply_to and len(status.get("media_attachments") or ()) == len(parcel.media)


def _words(content: str) -> str:
    """The words of a post's HTML."""
    spaced = re.sub(r"(?i)<br\s*/?>|</p>", " ", content)
    return _plain(html.unescape(re.sub(r"<[^>]*>", "", spaced)))


def _plain(text: str) -> str:
    # The server shows mentions without their host.
    return " ".join(MENTION.sub(lambda m: f"@{m.group(1)}", text).split()).casefold()


def _id(remote_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", remote_id):
        raise Rejected(MANIFEST.slug, f"“{remote_id[:80]}” is not the id of anything there.")
    return remote_id


def _incoming(note: Mapping[str, Any], me: str) -> Incoming:
    status, author = note.get("status") or {}, note["account"]
    answers_us = note["type"] == "mention" and bool(me) and str(status.get("in_reply_to_account_id")) == me
    is_ours = note["type"] in {"favourite", "reblog"}
    parent = str(status.get("in_reply_to_id") or "")
    return Incoming(
        remote_id=str(status["id"]) if note["type"] == "mention" and status else f"notification:{note['id']}",
        kind="comment" if answers_us else _KINDS[note["type"]],
        author_id=str(author["id"]),
        author=author.get("display_name") or author["acct"],
        text=""
        if is_ours
        else " ".join(html.unescape(re.sub(r"<[^>]*>", "", status.get("content", "").replace("</p>", " "))).split()),
        at=clock.parse_instant(note["created_at"]),
        post_remote_id=str(status.get("id", "")) if is_ours else parent,
        parent_remote_id=str(status.get("id", "")) if is_ours else parent,
        url=status.get("url") or author.get("url", ""),
    )


ADAPTER = MastodonChannel()
