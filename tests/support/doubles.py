"""Three small platforms for tests, reached over real HTTP, whose answers can be lost, late, refused or pending.

pier  can be asked what it has (settle), keeps no key       quay  keeps the key, cannot be asked
mole  neither: after a lost answer only a person can tell   hand  takes posts from a person only
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any
from urllib.parse import quote

from ainfluencer.channels import registry as channels_registry
from ainfluencer.integrations import registry
from ainfluencer.integrations.manifest import Access, Capability, Counting, Family, Label, Limits, Login, Manifest
from ainfluencer.integrations.outcomes import NotThere, Pending, Published
from ainfluencer.integrations.protocols import Settled
from ainfluencer.integrations.replies import raise_for
from ainfluencer.integrations.values import Account, Link, Parcel
from tests.support.platforms.server import LOST, Answer, Asked, LocalServer, answer

_BASE = frozenset({Capability.PUBLISH, Capability.WITHDRAW})


def _manifest(slug: str, title: str, capabilities: frozenset[Capability], **facts: Any) -> Manifest:
    limits = Limits(
        text=300,
        counting=Counting.GRAPHEMES,
        text_bytes=3000,
        hashtags=5,
        links=2,
        alt_text=100,
        images=4,
        image_bytes=1_000_000,
        image_pixels=4_000_000,
    )
    return Manifest(
        slug=slug,
        title=title,
        family=Family.CHANNEL,
        login=Login.NONE,
        summary="A platform for tests.",
        capabilities=capabilities,
        limits=facts.pop("limits", limits),
        access=facts.pop("access", Access.LOCAL),
        checked=date(2026, 11, 21),
        **facts,
    )


MANIFESTS = {
    "pier": _manifest("pier", "Pier", _BASE | {Capability.SETTLE}, label=Label.CAPTION),
    "quay": _manifest("quay", "Quay", _BASE, idempotent=True, label=Label.FIELD),
    "mole": _manifest("mole", "Mole", frozenset({Capability.PUBLISH}), label=Label.ACCOUNT),
    "hand": _manifest("hand", "Hand", frozenset({Capability.PUBLISH}), access=Access.HAND_OFF),
}


class Double:
    """The adapter of every platform here; what differs is in the manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    async def check(self, link: Link) -> Account:
        return Account(remote_id="1", handle=f"ada@{self.manifest.slug}")

    async def publish(self, link: Link, parcel: Parcel) -> Published | Pending:
        body = {"key": parcel.key, "text": parcel.text, "media": [item.sha256 for item in parcel.media]}
        path = f"/{self.manifest.slug}/posts"
        made = raise_for(await link.client.request("POST", path, json=body, effect=True)).json()
        if "token" in made:
            return Pending(made["token"])
        return Published(
            made["id"], made["url"], declared={"field": "ai"} if self.manifest.label is Label.FIELD else {}
        )

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        path = f"/{self.manifest.slug}/pending/{token}" if token else f"/{self.manifest.slug}/posts"
        found = raise_for(await link.client.request("GET", path, params={"text": parcel.text})).json()
        if token and found.get("working"):
            return Pending(token)
        mine = [post for post in found["items"] if post["at"] >= since.timestamp() - 120]
        return Published(mine[0]["id"], mine[0]["url"]) if mine else NotThere()

    async def withdraw(self, link: Link, remote_id: str) -> None:
        reply = await link.client.request("DELETE", f"/{self.manifest.slug}/posts/{quote(remote_id)}", effect=True)
        if reply.status != 404:
            raise_for(reply)


def install() -> None:
    """Make the platforms known, as if they lay in the folder of adapters."""
    known = registry.manifests(channels_registry.PACKAGE)
    for slug, manifest in MANIFESTS.items():
        known[slug] = manifest
        module = ModuleType(f"{channels_registry.PACKAGE}.{slug}.adapter")
        module.ADAPTER = Double(manifest)  # type: ignore[attr-defined]
        sys.modules.setdefault(f"{channels_registry.PACKAGE}.{slug}", ModuleType(f"{channels_registry.PACKAGE}.{slug}"))
        sys.modules[module.__name__] = module


def uninstall() -> None:
    """Forget them again."""
    known = registry.manifests(channels_registry.PACKAGE)
    for slug in MANIFESTS:
        known.pop(slug, None)
        sys.modules.pop(f"{channels_registry.PACKAGE}.{slug}.adapter", None)
        sys.modules.pop(f"{channels_registry.PACKAGE}.{slug}", None)
    registry.adapter.cache_clear()


@dataclass
class Platform:
    """The server side. Each fault counts down: `lose_after=1` loses the next answer after the post was kept."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    lose_after: int = 0
    lose_before: int = 0
    lose_asking: int = 0
    throttle: int = 0
    pending: int = 0
    expired: bool = False
    refuse: bool = False
    seconds: float = 0.0  # every answer to a new post takes this long
    server: LocalServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = LocalServer(self.handle)

    @property
    def url(self) -> str:
        return self.server.url

    def texts(self, slug: str = "") -> Counter[str]:
        return Counter(post["text"] for post in self.posts if not slug or post["slug"] == slug)

    def _spend(self, name: str) -> bool:
        left = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return bool(left)

    def handle(self, asked: Asked) -> Answer:
        slug, kind, *rest = asked.path.strip("/").split("/")
        if self.expired:
            return answer({"error": "token expired"}, 401)
        if asked.method == "POST":
            return self._post(slug, asked.json())
        if asked.method == "DELETE":
            left = [post for post in self.posts if post["id"] != rest[0]]
            gone, self.posts = len(left) < len(self.posts), left
            return answer({}, 200 if gone else 404)
        if self._spend("lose_asking"):
            return LOST
        if kind == "pending" and self._spend("pending"):
            return answer({"working": True})
        mine = [post for post in self.posts if post["slug"] == slug and post["text"] == asked.one("text")]
        return answer({"items": mine})

    def _post(self, slug: str, body: dict[str, Any]) -> Answer:
        if self.refuse:
            return answer({"error": "not like this"}, 422)
        if self._spend("throttle"):
            return answer({"error": "slow down"}, 429, retry_after="1")
        if self._spend("lose_before"):
            return LOST
        known = [p for p in self.posts if MANIFESTS[slug].idempotent and p["key"] == body["key"]]
        if not known:
            number = f"{slug}-{len(self.posts) + 1}"
            kept = {**body, "slug": slug, "id": number, "url": f"{self.url}/{slug}/{number}"}
            self.posts.append({**kept, "at": datetime.now(UTC).timestamp()})
            known = self.posts[-1:]
        if self._spend("lose_after"):
            return LOST
        made = {"token": "t1"} if self.pending else {"id": known[0]["id"], "url": known[0]["url"]}
        done = answer(made, 201)
        return Answer(done.status, done.body, done.headers, seconds=self.seconds)


def wait_for(seconds: float) -> float:
    """A deadline for polling loops."""
    return time.monotonic() + seconds
