"""PostgreSQL only: carries announcements to the other processes by LISTEN and NOTIFY."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
import structlog

from ainfluencer.core.config import Settings
from ainfluencer.core.ids import new_id
from ainfluencer.engine import events, nudge
from ainfluencer.engine.events import News

CHANNEL = "ainfluencer_news"
PAYLOAD_BYTES = 7500  # PostgreSQL takes at most 8000
WORK = "engine:work"  # a topic of our own: there is new work

log = structlog.get_logger("engine")


class Bus:
    """Two connections of its own, no pooler between: one listens, one speaks."""

    def __init__(self, config: Settings) -> None:
        self._dsn = "postgresql://" + config.database_url.partition("://")[2]
        self._origin = new_id()
        self._outbox: asyncio.Queue[str] = asyncio.Queue(2000)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to carry."""
        events.add_relay(self.send)
        self._tasks = [
            asyncio.create_task(self._forever(self._listen)),
            asyncio.create_task(self._forever(self._speak)),
        ]

    async def stop(self) -> None:
        """Stop and close the connections."""
        events.remove_relay(self.send)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def send(self, news: News) -> None:
        """Queue an announcement; when it is too long its data is left out (the reader looks at the row)."""
        body = {"from": self._origin, "workspace": news.workspace_id, "topic": news.topic, "data": news.data}
        text = json.dumps(body, default=str)
        if len(text.encode()) > PAYLOAD_BYTES:
            text = json.dumps(body | {"data": {"id": str(news.data.get("id", ""))}})
        with suppress(asyncio.QueueFull):  # news may be lost, rows are not: pages read the rows again
            self._outbox.put_nowait(text)

    def send_work(self) -> None:
        """Tell the workers that there is something to do."""
        self.send(News("", WORK, {}))

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except psycopg.Error as error:
                log.warning("news connection lost", error=type(error).__name__)
                await asyncio.sleep(2)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            await connection.execute(f"listen {CHANNEL}")
            async for notice in connection.notifies():
                self._receive(notice.payload)

    async def _speak(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            while True:
                text = await self._outbox.get()
                await connection.execute("select pg_notify(%s, %s)", (CHANNEL, text))

    def _receive(self, payload: str) -> None:
        body = json.loads(payload)
        if body["from"] == self._origin:
            return
        if body["topic"] == WORK:
            nudge.wake()
        else:
            events.deliver(News(body["workspace"], body["topic"], body["data"]))
