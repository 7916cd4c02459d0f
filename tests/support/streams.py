"""Reads an endless answer of an application in this process, as a client that stays does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI

PATIENCE_SECONDS = 30


class Stream:
    """What has come so far. `status` and `text` are there once the answer has begun."""

    def __init__(self) -> None:
        self.status = 0
        self.text = ""
        self.has_ended = False
        self._came = asyncio.Condition()

    async def take(self, message: Mapping[str, Any]) -> None:
        """One message of the application."""
        async with self._came:
            self.status = message.get("status", self.status)
            self.text += message.get("body", b"").decode()
            self.has_ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            self._came.notify_all()

    async def until(self, words: str) -> None:
        """Wait until these words have come."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._came:
            await self._came.wait_for(lambda: words in self.text)

    async def end(self) -> None:
        """Wait until the application has ended the answer."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._came:
            await self._came.wait_for(lambda: self.has_ended)

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and data of every event so far."""
        found = []
        for block in self.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != ":")
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found


@asynccontextmanager
async def opened(app: FastAPI, url: str, headers: Mapping[str, str]) -> AsyncIterator[Stream]:
    """Open it, and hang up at the end of the block. It stands when its first bytes are there."""
    parts = urlsplit(url)
    stream, leave = Stream(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await leave.wait()
        return {"type": "http.disconnect"}

    sent = [(name.lower().encode(), value.encode()) for name, value in {"host": "testserver", **headers}.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
        "headers": sent, "client": ("127.0.0.1", 50000), "server": ("testserver", 80), "state": {},
    }  # fmt: skip
    running = asyncio.create_task(app(scope, receive, stream.take))
    try:
        await stream.until("\n")
        yield stream
    finally:
        leave.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
