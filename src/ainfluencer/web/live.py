"""Live updates: one stream per page (`?topics=a,b`), scoped by workspace. A slow reader loses its oldest update, never the stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from starlette.responses import StreamingResponse

_QUEUE_SIZE = 64
_KEEP_ALIVE_SECONDS = 15.0


def event(data: str, name: str = "") -> bytes:
    """One server-sent event. Unnamed ones are swapped in by htmx, named ones become DOM events on the element."""
    lines = [f"event: {name}".encode()] if name else []
    lines += [b"data: " + line.encode() for line in data.splitlines() or [""]]
    return b"\n".join(lines) + b"\n\n"


def partial(target_id: str, html: str, swap: str = "innerMorph") -> str:
    """HTML that htmx puts into the element of that id, wherever the stream hangs."""
    return f'<hx-partial hx-target="#{target_id}" hx-swap="{swap}">{html}</hx-partial>'


@dataclass(eq=False)
class _Reader:
    workspace_id: str
    topics: frozenset[str]
    queue: asyncio.Queue[bytes | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE_SIZE))

    def wants(self, workspace_id: str, topic: str) -> bool:
        return self.workspace_id == workspace_id and topic in self.topics

    def put(self, message: bytes | None) -> None:
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(message)


class Hub:
    """Every open stream of this process. Call it from the event loop's thread."""

    def __init__(self) -> None:
        self._readers: set[_Reader] = set()
        self._closed = False

    def publish(self, workspace_id: str, topic: str, content: str | dict[str, object]) -> int:
        """Send HTML (swapped in) or a dict (a DOM event named after the topic); answers how many streams got it.

        HTML is best wrapped with `partial`, so that it lands in the right place.
        """
        message = event(content) if isinstance(content, str) else event(json.dumps(content), topic)
        takers = [r for r in self._readers if r.wants(workspace_id, topic)]
        for reader in takers:
            reader.put(message)
        return len(takers)

    def is_wanted(self, workspace_id: str, topic: str) -> bool:
        """Whether anybody listens: ask before rendering something expensive."""
        return any(r.wants(workspace_id, topic) for r in self._readers)

    async def stream(self, workspace_id: str, topics: frozenset[str]) -> AsyncIterator[bytes]:
        """The bytes of one stream, until the reader leaves or the hub closes."""
        reader = _Reader(workspace_id, topics)
        self._readers.add(reader)
        try:
            yield b"retry: 1000\n\n: connected\n\n"
            while not self._closed:
                try:
                    message = await asyncio.wait_for(reader.queue.get(), _KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    message = b": keep-alive\n\n"
                if message is None:
                    return
                yield message
        finally:
            self._readers.discard(reader)

    def answer(self, workspace_id: str, topics: str) -> StreamingResponse:
        """The response of the `/live` route: `topics` as they stand in the query, separated by commas."""
        wanted = frozenset(t.strip() for t in topics.split(",") if t.strip())
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self.stream(workspace_id, wanted), media_type="text/event-stream", headers=headers)

    def close(self) -> None:
        """End every stream (at shutdown, before the server waits for them) and answer later ones at once."""
        self._closed = True
        for reader in self._readers:
            reader.put(None)

    def open(self) -> None:
        """Take streams again: an app that is started twice in one process, as tests do."""
        self._closed = False


HUB = Hub()
"""The hub of this process."""
