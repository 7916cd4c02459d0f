"""Speaks the Stage's HTTP API; knows nothing of its tables."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ainfluencer.channels.adapters.stage import MANIFEST
from ainfluencer.core.clock import parse_instant
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import Reply, raise_for
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, Pulled, Reading

_BASE = "/stage/api"
_COUNTS = ("likes", "replies", "reposts", "views")


async def _call(link: Link, method: str, path: str, *, effect: bool = False, **parts: Any) -> Reply:
    headers = {"Authorization": f"Bearer {link.secrets['token']}"} | parts.pop("headers", {})
    reply = await link.client.request(method, _BASE + path, headers=headers, effect=effect, **parts)
    return raise_for(reply)


def _sent(made: dict[str, Any]) -> Published:
    return Published(made["id"], made["url"], {"field": f"ai_made={str(made['ai_made']).lower()}"})


def _account(me: dict[str, Any]) -> Account:
    return Account(remote_id=me["id"], handle=me["handle"], title=me["name"], url=me["url"])


def _pulled(page: dict[str, Any]) -> Pulled:
    items = tuple(
        Incoming(
            remote_id=n["id"],
            kind=n["kind"],
            author_id=n["author_id"],
            author=n["author"],
            text=n["text"],
            at=parse_instant(n["at"]),
            post_remote_id=n["post_id"],
            parent_remote_id=n["parent_id"],
            url=n["url"],
        )
        for n in page["items"]
    )
    return Pulled(items, str(page["cursor"]))


def _readings(rows: list[dict[str, Any]]) -> tuple[Reading, ...]:
    return tuple(Reading(r["id"], {name: int(r[name]) for name in _COUNTS}) for r in rows)


class StageChannel:
    """Publishes to, listens to and measures the Stage."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Open the account at the first call; afterwards bring its profile up to date."""
        known = link.settings
        profile = {"handle": known["handle"], "name": known["name"], "bio": known.get("bio", "")[:1000]}
        return (await _call(link, "PUT", "/me", json=profile)).read(_account)

    async def publish(self, link: Link, parcel: Parcel) -> Published:
        """Upload the pictures, then post with the parcel's key; sending it again finds the same post."""
        media_ids = []
        for item in parcel.media:
            file = (item.path.name, await asyncio.to_thread(item.path.read_bytes), item.mime)
            reply = await _call(link, "POST", "/media", files={"file": file}, data={"alt_text": item.alt_text})
            media_ids.append(reply.read(lambda body: str(body["id"])))
        return await self._send(link, parcel, media_ids)

    async def _send(self, link: Link, parcel: Parcel, media_ids: list[str]) -> Published:
        body = {
            "text": parcel.text,
            "media_ids": media_ids,
            "in_reply_to": parcel.in_reply_to,
            "ai_made": parcel.ai_made,
        }
        reply = await _call(link, "POST", "/posts", effect=True, json=body, headers={"Idempotency-Key": parcel.key})
        return reply.read(_sent)

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """Ask for the post with the parcel's key."""
        del token, since  # the key alone decides here
        reply = await _call(link, "GET", "/posts", params={"key": parcel.key})
        return reply.read(lambda found: _sent(found[0]) if found else NotThere())

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """Take it back."""
        await _call(link, "DELETE", f"/posts/{remote_id}")

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """Comments, likes, reposts and follows since the cursor."""
        return (await _call(link, "GET", "/notifications", params={"cursor": cursor})).read(_pulled)

    async def reply(self, link: Link, parcel: Parcel) -> Published:
        """Answer a post or comment."""
        return await self._send(link, parcel, [])

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Likes, replies, reposts and views."""
        if not remote_ids:
            return ()
        return (await _call(link, "GET", "/posts/metrics", params={"ids": list(remote_ids)})).read(_readings)


ADAPTER = StageChannel()
