"""News: a hub for pages and clients that watch (server-sent events). Facts that must not be lost: `service.record`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.db.session import after_commit

EVERYWHERE = "*"  # a subscription of the process itself, never of a person
QUEUE_SIZE = 500  # news that a slow reader may fall behind before the oldest is dropped


class Closed(Exception):
    """The server stops: end the stream."""


@dataclass(frozen=True, slots=True)
class News:
    """One announcement."""

    workspace_id: str
    topic: str
    data: dict[str, Any]


@dataclass(eq=False, slots=True)
class Subscription:
    """What one reader hears: its workspace's news on the topics it asked for (all, when it named none)."""

    workspace_id: str
    topics: frozenset[str]
    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_SIZE))
    dropped: int = 0

    def wants(self, news: News) -> bool:
        """Whether this reader asked for it; the topic "job:*" stands for every job."""
        if self.workspace_id not in {news.workspace_id, EVERYWHERE}:
            return False
        return not self.topics or news.topic in self.topics or f"{news.topic.split(':')[0]}:*" in self.topics

    def put(self, news: News | None) -> None:
        """Hand it over; a full queue loses its oldest entry."""
        while True:
            try:
                self.queue.put_nowait(news)
            except asyncio.QueueFull:
                self.queue.get_nowait()
                self.dropped += 1
            else:
                return

    async def next(self, wait_seconds: float) -> News | None:
        """The next news, or None when nothing came in time. Raises `Closed` when the hub was closed."""
        try:
            async with asyncio.timeout(wait_seconds):
                news = await self.queue.get()
        except TimeoutError:
            return None
        if news is None:
            raise Closed
        return news


_SUBSCRIPTIONS: set[Subscription] = set()
_RELAYS: list[Callable[[News], None]] = []
_CLOSED: list[bool] = []


def announce(workspace_id: str, topic: str, data: dict[str, Any]) -> None:
    """Tell everybody who watches this workspace, here and (on PostgreSQL) in the other processes. Call after commit."""
    news = News(workspace_id, topic, data)
    deliver(news)
    for relay in _RELAYS:
        relay(news)


def deliver(news: News) -> None:
    """Hand news to the readers of this process only."""
    for subscription in _SUBSCRIPTIONS:
        if subscription.wants(news):
            subscription.put(news)


def tell(session: AsyncSession, workspace_id: str, topic: str, data: dict[str, Any]) -> None:
    """`announce` once this session's transaction has been committed."""
    after_commit(session, lambda: announce(workspace_id, topic, data))


@asynccontextmanager
async def subscribe(workspace_id: str, topics: frozenset[str] = frozenset()) -> AsyncIterator[Subscription]:
    """Listen for as long as the block lasts."""
    subscription = Subscription(workspace_id, topics)
    _SUBSCRIPTIONS.add(subscription)
    if _CLOSED:
        subscription.put(None)
    try:
        yield subscription
    finally:
        _SUBSCRIPTIONS.discard(subscription)


def close() -> None:
    """End every open stream (at shutdown, before the server waits for its connections)."""
    _CLOSED[:] = [True]
    for subscription in _SUBSCRIPTIONS:
        subscription.put(None)


def reopen() -> None:
    """Let readers in again (a new start in the same process)."""
    _CLOSED.clear()


def add_relay(relay: Callable[[News], None]) -> None:
    """Also hand every announcement to `relay` (it carries news to other processes)."""
    _RELAYS.append(relay)


def remove_relay(relay: Callable[[News], None]) -> None:
    """Stop doing so."""
    if relay in _RELAYS:
        _RELAYS.remove(relay)
