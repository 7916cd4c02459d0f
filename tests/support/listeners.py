"""Two small platforms that can be listened to, answered and measured; what they have is put there by the test.

bell  keeps the key of an answer: a second one is the same      gong  does not
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import ModuleType
from typing import Any

from sqlalchemy import select

from ainfluencer.channels import registry as channels_registry
from ainfluencer.channels.models import Channel
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations import registry
from ainfluencer.integrations.manifest import Access, Capability, Family, Login, Manifest
from ainfluencer.integrations.outcomes import Published
from ainfluencer.integrations.values import Account, Incoming, Link, Parcel, Pulled, Reading
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Delivery, Post, Variant
from ainfluencer.publishing.post_states import PostState
from tests.support import posting

_ALL = frozenset({Capability.PUBLISH, Capability.PULL, Capability.REPLY, Capability.MEASURE})


def _manifest(slug: str, *, idempotent: bool) -> Manifest:
    return Manifest(
        slug=slug,
        title=slug.capitalize(),
        family=Family.CHANNEL,
        access=Access.LOCAL,
        login=Login.NONE,
        summary="A platform for tests.",
        capabilities=_ALL,
        checked=date(2026, 11, 21),
        idempotent=idempotent,
    )


MANIFESTS = {"bell": _manifest("bell", idempotent=True), "gong": _manifest("gong", idempotent=False)}


@dataclass
class Listener:
    """The adapter, and what the platform has. `troubles` are raised by the next answers, first one first."""

    manifest: Manifest
    waiting: list[Incoming] = field(default_factory=list)
    answers: dict[str, Parcel] = field(default_factory=dict)
    calls: int = 0
    counters: dict[str, dict[str, int]] = field(default_factory=dict)
    troubles: list[Exception] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)

    async def check(self, link: Link) -> Account:
        return Account(remote_id="1", handle=f"ada@{link.slug}")

    async def publish(self, link: Link, parcel: Parcel) -> Published:
        return Published(f"{link.slug}-{parcel.key}", "")

    async def pull(self, link: Link, cursor: str) -> Pulled:
        assert link.slug == self.manifest.slug
        self.cursors.append(cursor)
        return Pulled(tuple(self.waiting), str(len(self.waiting)))

    async def reply(self, link: Link, parcel: Parcel) -> Published:
        assert link.slug == self.manifest.slug
        self.calls += 1
        if self.troubles:
            raise self.troubles.pop(0)
        key = parcel.key if self.manifest.idempotent else f"{parcel.key}:{self.calls}"
        self.answers[key] = parcel
        return Published(f"r-{key}", f"https://example.org/r-{key}")

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        assert link.slug == self.manifest.slug
        return tuple(Reading(i, self.counters[i]) for i in remote_ids if i in self.counters)


def install() -> dict[str, Listener]:
    """Make both known, as if they lay in the folder of adapters; answers them by slug."""
    known = registry.manifests(channels_registry.PACKAGE)
    made = {slug: Listener(manifest) for slug, manifest in MANIFESTS.items()}
    for slug, listener in made.items():
        known[slug] = listener.manifest
        name = f"{channels_registry.PACKAGE}.{slug}"
        module = ModuleType(f"{name}.adapter")
        module.ADAPTER = listener  # type: ignore[attr-defined]
        sys.modules[name], sys.modules[module.__name__] = ModuleType(name), module
    return made


def uninstall() -> None:
    """Forget them again."""
    known = registry.manifests(channels_registry.PACKAGE)
    for slug in MANIFESTS:
        known.pop(slug, None)
        sys.modules.pop(f"{channels_registry.PACKAGE}.{slug}.adapter", None)
        sys.modules.pop(f"{channels_registry.PACKAGE}.{slug}", None)
    registry.adapter.cache_clear()


async def channel(db: Database, actor: Actor, platform: str = "bell", character_id: str | None = None) -> Channel:
    """A connected channel there."""
    async with db.writing() as session:
        made = Channel(
            workspace_id=actor.workspace_id,
            platform=platform,
            account_key=f"{character_id}@{platform}",
            character_id=character_id,
            title=f"Mira on {platform.capitalize()}",
            settings={"url": "http://127.0.0.1:9"},
        )
        session.add(made)
    return made


async def published(
    db: Database, actor: Actor, character_id: str, channel_id: str, *, at: datetime | None = None, **values: Any
) -> Delivery:
    """A post that went out on that channel; its remote id is `remote_id` or the post's id."""
    remote_id = values.pop("remote_id", "")
    post = await posting.add_post(db, actor, character_id, [channel_id], **values)
    when = at or clock.now()
    async with db.writing() as session:
        row = await session.get_one(Post, post.id)
        row.state, row.published_at = PostState.PUBLISHED, when
        variant = (await session.scalars(select(Variant).where(Variant.post_id == post.id))).one()
        made = Delivery(
            workspace_id=actor.workspace_id,
            post_id=post.id,
            variant_id=variant.id,
            channel_id=channel_id,
            platform="bell",
            state=DeliveryState.PUBLISHED,
            due_at=when,
            published_at=when,
            remote_id=remote_id or post.id,
        )
        session.add(made)
    return made


def said(number: int, text: str, post_remote_id: str = "", **values: Any) -> Incoming:
    """A comment, or with `kind` something else; `number` makes its id."""
    facts: dict[str, Any] = {"kind": "comment", "author_id": "noor", "author": "Noor"} | values
    return Incoming(
        remote_id=f"in-{number}",
        text=text,
        at=facts.pop("at", clock.now()),
        post_remote_id=post_remote_id,
        url=f"https://example.org/in-{number}",
        **facts,
    )
