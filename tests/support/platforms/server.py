"""A small HTTP server on a loopback socket for doubles: real bytes, and answers that can be lost, late or odd."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    filename: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body) if self.body else {}

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def parts(self) -> dict[str, Part]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        found = {}
        for part in message.iter_parts():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            name = str(part.get_param("name", header="content-disposition"))
            found[name] = Part(part.get_filename() or "", part.get_content_type(), data)
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `seconds` waits first; `drop` closes the connection instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    drop: bool = False
    cut: bool = False  # promise more bytes than are sent, then close


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; `retry_after="3"` becomes `Retry-After: 3`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


LOST = Answer(drop=True)
Handle = Callable[[Asked], Answer]


class LocalServer:
    """Serves `handle` on 127.0.0.1; `asked` holds every request in the order of arrival."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.asked: list[Asked] = []
        self.url = ""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while (asked := await self._read(reader)) is not None:
                self.asked.append(asked)
                if not await self._write(writer, self.handle(asked)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.close()

    @staticmethod
    async def _read(reader: asyncio.StreamReader) -> Asked | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int((await reader.readline()).strip(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        return Asked(method, unquote(parts.path), parse_qs(parts.query), headers, body)

    @staticmethod
    async def _write(writer: asyncio.StreamWriter, made: Answer) -> bool:
        if made.seconds:
            await asyncio.sleep(made.seconds)
        if made.drop:
            return False
        lines = [f"HTTP/1.1 {made.status} X", f"Content-Length: {len(made.body) + (10 if made.cut else 0)}"]
        lines += [f"{name}: {value}" for name, value in made.headers.items()]
        writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + made.body)
        await writer.drain()
        return not made.cut
