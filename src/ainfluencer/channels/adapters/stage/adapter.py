"""Speaks the Stage's HTTP API; knows nothing of its tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ainfluencer.channels.adapters.stage import MANIFEST
from ainfluencer.core.clock import parse_instant
from ainfluencer.core.errors import UnexpectedReply
from ainfluencer.integrations.outcomes import NotThere, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import Reply, raise_for
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, Pulled, Reading

SLUG = MANIFEST.slug
_BASE = "/stage/api"


async def _call(link: Link, method: str, path: str, *, effect: bool = False, **parts: Any) -> Reply:
    headers = {"Authorization": f"Bearer {link.secrets['token']}"} | parts.pop("headers", {})
    reply = await link.client.request(method, _BASE + path, headers=headers, effect=effect, **parts)
    return raise_for(reply)


def _dict(reply: Reply) -> dict[str, Any]:
    answer = reply.json()
    if not isinstance(answer, dict):
        raise UnexpectedReply(SLUG, "The Stage answered with something that is not an object.")
    return answer


class StageChannel:
    """Publishes to, listens to and measures the Stage."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Open the account at the first call; afterwards bring its profile up to date."""
        me = _dict(
            await _call(
                link,
                "PUT",
                "/me",
                json={
                    "handle": link.settings["handle"],
                    "name": link.settings["name"],
                    "bio": link.settings.get("bio", "")[:1000],
                },
            )
        )
        return Account(remote_id=me["id"], handle=me["handle"], title=me["name"], url=me["url"])

    async def publish(self, link: Link, parcel: Parcel) -> Published:
        """Upload the pictures, then post with the parcel's key; sending it again finds the same post."""
        media_ids = []
        for item in parcel.media:
            with item.path.open("rb") as file:
                reply = await _call(
                    link,
                    "POST",
                    "/media",
                    files={"file": (item.path.name, file.read(), item.mime)},
                    data={"alt_text": item.alt_text},
                )
            media_ids.append(_dict(reply)["id"])
        return await self._send(link, parcel, media_ids)

    async def _send(self, link: Link, parcel: Parcel, media_ids: list[str]) -> Published:
        body = {
            "text": parcel.text,
            "media_ids": media_ids,
            "in_reply_to": parcel.in_reply_to,
            "ai_made": parcel.ai_made,
        }
        reply = await _call(link, "POST", "/posts", effect=True, json=body, headers={"Idempotency-Key": parcel.key})
        made = _dict(reply)
        return Published(made["id"], made["url"], {"field": f"ai_made={str(parcel.ai_made).lower()}"})

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """Ask for the post with the parcel's key."""
        del token, since  # the key alone decides here
        found = (await _call(link, "GET", "/posts", params={"key": parcel.key})).json()
        if not found:
            return NotThere()
        return Published(found[0]["id"], found[0]["url"], {"field": f"ai_made={str(found[0]['ai_made']).lower()}"})

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """Take it back."""
        await _call(link, "DELETE", f"/posts/{remote_id}")

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """Comments, likes, reposts and follows since the cursor."""
        page = _dict(await _call(link, "GET", "/notifications", params={"cursor": cursor}))
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
        return Pulled(items, page["cursor"])

    async def reply(self, link: Link, parcel: Parcel) -> Published:
        """Answer a post or comment."""
        return await self._send(link, parcel, [])

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """Likes, replies, reposts and views."""
        if not remote_ids:
            return ()
        rows = (await _call(link, "GET", "/posts/metrics", params={"ids": list(remote_ids)})).json()
        return tuple(Reading(r["id"], {k: r[k] for k in ("likes", "replies", "reposts", "views")}) for r in rows)


ADAPTER = StageChannel()
