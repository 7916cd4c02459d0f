"""Speaks XRPC with an AT Protocol server. Sources: docs.bsky.app and the lexicons of the server 0.5.35."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from ainfluencer.channels.adapters.bluesky import MANIFEST
from ainfluencer.channels.adapters.bluesky.records import COLLECTION, handles, post_record, record_key
from ainfluencer.core import clock
from ainfluencer.core.errors import LoginExpired, PermissionMissing, Rejected
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import Refusal, Reply, raise_for
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, Pulled, Reading

_SIGN_IN_STEP = "Make a new app password on the platform and enter it on the channel's page."
_ENDED = Refusal(LoginExpired, "The sign-in has ended: {said}", _SIGN_IN_STEP)
_REFUSALS: dict[str | int, Refusal] = {
    "ExpiredToken": _ENDED,
    "InvalidToken": _ENDED,
    "AuthenticationRequired": Refusal(LoginExpired, "The handle or the app password is not accepted.", _SIGN_IN_STEP),
    "AuthFactorTokenRequired": Refusal(LoginExpired, "The account's own password was used.", _SIGN_IN_STEP),
    "AccountTakedown": Refusal(
        PermissionMissing, "The platform has taken this account down.", "Write to its moderators."
    ),
    "AccountDeactivated": Refusal(PermissionMissing, "This account is deactivated.", "Activate it on the platform."),
    "BlobTooLarge": Refusal(Rejected, "A picture is too large: {said}", "Make it smaller than 2 MB."),
}
_GONE = {"RecordNotFound", "RepoNotFound"}
_KINDS = {
    "reply": "comment", "mention": "mention", "quote": "mention", "like": "like", "repost": "repost", "follow": "follow",
}  # fmt: skip
_PAGES = 10  # of 100 notifications each, per pull


_COUNTS = {"likes": "likeCount", "replies": "replyCount", "reposts": "repostCount", "quotes": "quoteCount"}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Note:
    indexed: str
    uri: str
    item: Incoming | None


@dataclass(frozen=True, slots=True)
class _Session:
    did: str
    access: str
    refresh: str
    until: datetime


class BlueskyChannel:
    """One account on one AT Protocol server."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Sign in with the app password and read the profile."""
        made = await self._sign_in(link)
        profile = await self._record(link, made, made.did, "app.bsky.actor.profile", "self") or {}
        labels = {label.get("val") for label in (profile.get("labels") or {}).get("values", [])}
        notes = (
            () if "bot" in labels else ("Mark this account as automated in its settings: its posts are made with AI.",)
        )
        handle = link.settings["handle"].lstrip("@")
        title = profile.get("displayName") or handle
        return Account(made.did, handle, title, f"https://bsky.app/profile/{handle}", notes)

    async def refresh(self, link: Link) -> Mapping[str, str]:
        """A session that lasts about two hours, from the refresh token or, when that is dead, the app password."""
        made = None
        if token := link.secrets.get("refresh_jwt"):
            reply = await self._call(link, "com.atproto.server.refreshSession", token, post=True)
            if reply.ok:
                made = reply.read(_session)
            elif reply.status not in {400, 401}:
                _good(reply)
        made = made or await self._sign_in(link)
        return {"access_jwt": made.access, "refresh_jwt": made.refresh, "fresh_until": made.until.isoformat()}

    async def publish(self, link: Link, parcel: Parcel) -> Published:
        """Upload the pictures, then write the record under the parcel's own key: again means the same post."""
        made = await self._session(link)
        blobs = [
            await self._upload(link, made, item.mime, await asyncio.to_thread(item.path.read_bytes))
            for item in parcel.media
        ]
        people = {handle: did for handle in handles(parcel.text) if (did := await self._resolve(link, handle))}
        record = post_record(parcel, blobs, people)
        if parcel.in_reply_to:
            record["reply"] = await self._thread(link, made, parcel.in_reply_to)
        body = {"repo": made.did, "collection": COLLECTION, "rkey": record_key(parcel), "record": record}
        reply = await self._call(link, "com.atproto.repo.putRecord", made.access, post=True, effect=True, json=body)
        return self._published(link, _good(reply).read(lambda body: str(body["uri"])), parcel)

    async def reply(self, link: Link, parcel: Parcel) -> Published:
        """A post that answers another; the same key rule."""
        return await self.publish(link, parcel)

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """Ask for the record under the parcel's key: it is there or it is not."""
        del token, since  # the key alone decides here
        made = await self._session(link)
        key = record_key(parcel)
        if await self._record(link, made, made.did, COLLECTION, key) is None:
            return NotThere()
        return self._published(link, f"at://{made.did}/{COLLECTION}/{key}", parcel)

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """Delete the record; the server makes no difference between deleted now and gone before."""
        made = await self._session(link)
        did, collection, key = _address(link.slug, remote_id)
        body = {"repo": did, "collection": collection, "rkey": key}
        reply = await self._call(link, "com.atproto.repo.deleteRecord", made.access, post=True, json=body)
        _good(reply)

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """Notifications that are newer than the cursor: the instant of the last one, and which had that instant."""
        made = await self._session(link)
        last, _, rest = cursor.partition(" ")
        seen, page = set(rest.split()), ""
        rows: list[_Note] = []
        for _ in range(_PAGES if cursor else 1):
            params = {"limit": 100} | ({"cursor": page} if page else {})
            news, page = await self._ask(link, "app.bsky.notification.listNotifications", made.access, params, _notes)
            fresh = [n for n in news if n.indexed >= last and n.uri not in seen]
            rows += fresh
            if len(fresh) < len(news) or not page:
                break
        rows.sort(key=lambda n: n.indexed)
        if rows:
            newest = rows[-1].indexed
            same = {n.uri for n in rows if n.indexed == newest} | (seen if newest == last else set())
            cursor = " ".join([newest, *sorted(same)])
        return Pulled(tuple(n.item for n in rows if n.item), cursor)

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Counters of posts, 25 to a request; the AppView leaves out what is gone."""
        made = await self._session(link)
        found: list[Reading] = []
        for start in range(0, len(remote_ids), 25):
            params = {"uris": list(remote_ids[start : start + 25])}
            found += await self._ask(link, "app.bsky.feed.getPosts", made.access, params, _readings)
        return tuple(found)

    async def _sign_in(self, link: Link) -> _Session:
        body = {"identifier": link.settings["handle"].lstrip("@"), "password": link.secrets["password"]}
        reply = await self._call(link, "com.atproto.server.createSession", "", post=True, json=body)
        return _good(reply).read(_session)

    async def _session(self, link: Link) -> _Session:
        """The stored session while it lasts, else a new one."""
        if stored := link.secrets.get("access_jwt"):
            claims = _claims(stored)
            until = datetime.fromtimestamp(claims.get("exp", 0), UTC)
            if claims.get("sub") and until > clock.from_now(seconds=30):
                return _Session(claims["sub"], stored, link.secrets.get("refresh_jwt", ""), until)
        return await self._sign_in(link)

    async def _upload(self, link: Link, made: _Session, mime: str, data: bytes) -> Mapping[str, Any]:
        # A picture that no record points to is forgotten by the server, so uploading has no effect of its own.
        reply = await link.client.request(
            "POST", "/xrpc/com.atproto.repo.uploadBlob", content=data, timeout=120,
            headers={"Authorization": f"Bearer {made.access}", "Content-Type": mime},
        )  # fmt: skip
        return _good(reply).read(lambda body: dict(body["blob"]))

    async def _resolve(self, link: Link, handle: str) -> str:
        reply = await self._call(link, "com.atproto.identity.resolveHandle", "", params={"handle": handle})
        return reply.read(lambda body: str(body["did"])) if reply.ok else ""  # a name that nobody has stays plain text

    async def _thread(self, link: Link, made: _Session, uri: str) -> dict[str, Any]:
        did, collection, key = _address(link.slug, uri)
        params = {"repo": did, "collection": collection, "rkey": key}
        return await self._ask(link, "com.atproto.repo.getRecord", made.access, params, _place)

    async def _record(self, link: Link, made: _Session, did: str, collection: str, key: str) -> dict[str, Any] | None:
        params = {"repo": did, "collection": collection, "rkey": key}
        reply = await self._call(link, "com.atproto.repo.getRecord", made.access, params=params)
        if not reply.ok and reply.told().get("error") in _GONE:
            return None
        return _good(reply).read(lambda body: dict(body["value"]))

    async def _ask(self, link: Link, method: str, token: str, params: Mapping[str, Any], read: Callable[[Any], T]) -> T:
        return _good(await self._call(link, method, token, params=params)).read(read)

    @staticmethod
    async def _call(link: Link, method: str, token: str, *, post: bool = False, **parts: Any) -> Reply:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await link.client.request("POST" if post else "GET", f"/xrpc/{method}", headers=headers, **parts)

    @staticmethod
    def _published(link: Link, uri: str, parcel: Parcel) -> Published:
        handle = link.settings["handle"].lstrip("@")
        declared = {"self_label": "ai-generated"} if parcel.ai_made else {}
        return Published(uri, f"https://bsky.app/profile/{handle}/post/{uri.rpartition('/')[2]}", declared)


def _good(reply: Reply) -> Reply:
    """The reply, unless it is a refusal; then the error that its own code means."""
    told = {} if reply.ok else reply.told()
    return raise_for(reply, _REFUSALS, code=str(told.get("error", "")), message=str(told.get("message", "")))


def _session(body: dict[str, str]) -> _Session:
    expires = _claims(body["accessJwt"]).get("exp")
    until = datetime.fromtimestamp(expires, UTC) if isinstance(expires, int) else clock.from_now(minutes=30)
    return _Session(body["did"], body["accessJwt"], body["refreshJwt"], until)


def _claims(token: str) -> dict[str, Any]:
    """What a session token says of itself; it is not verified, only read for its end."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (ValueError, IndexError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _address(slug: str, uri: str) -> tuple[str, str, str]:
    parts = uri.removeprefix("at://").split("/")
    if not uri.startswith("at://") or len(parts) != 3:
        raise Rejected(slug, f"“{uri[:80]}” is not the address of a post there.")
    return parts[0], parts[1], parts[2]


def _place(parent: dict[str, Any]) -> dict[str, Any]:
    """Where an answer hangs: under the parent, in the thread of the parent's root."""
    here = {"uri": parent["uri"], "cid": parent["cid"]}
    return {"root": (parent["value"].get("reply") or {}).get("root") or here, "parent": here}


def _notes(body: dict[str, Any]) -> tuple[list[_Note], str]:
    return [_Note(n["indexedAt"], n["uri"], _incoming(n)) for n in body["notifications"]], body.get("cursor", "")


def _readings(body: dict[str, Any]) -> list[Reading]:
    return [
        Reading(post["uri"], {ours: post.get(theirs, 0) for ours, theirs in _COUNTS.items()}) for post in body["posts"]
    ]


def _incoming(note: Mapping[str, Any]) -> Incoming | None:
    kind = _KINDS.get(note["reason"])
    if kind is None:
        return None
    record, author, subject = note.get("record") or {}, note["author"], note.get("reasonSubject") or ""
    thread = record.get("reply") or {}
    profile = f"https://bsky.app/profile/{author['handle']}"
    key = note["uri"].rpartition("/")[2]
    return Incoming(
        remote_id=note["uri"],
        kind=kind,
        author_id=author["did"],
        author=author.get("displayName") or author["handle"],
        text=str(record.get("text", "")),
        at=clock.parse_instant(note["indexedAt"]),
        post_remote_id=(thread.get("root") or {}).get("uri", "") or subject,
        parent_remote_id=(thread.get("parent") or {}).get("uri", "") or subject,
        url=f"{profile}/post/{key}" if COLLECTION in note["uri"] else profile,
    )


ADAPTER = BlueskyChannel()
