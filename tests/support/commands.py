"""Commands of the terminal against the real API in this process: its answers, exit codes and output."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from ainfluencer.cli import instance as instances
from ainfluencer.cli.instance import Instance
from ainfluencer.core.errors import ProductError


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code, both its outputs, and the refusal that ended it."""

    code: int
    out: bytes
    said: str
    refusal: ProductError | None

    @property
    def json(self) -> Any:
        """The one JSON value on standard output; before it stands the log of the app, which runs in this process too."""
        return json.loads(self.out[max(0, self.out.find(b"{\n")) :])


class Bridged(Instance):
    """The command line's connection, led to a client of the app on another thread's loop."""

    def __init__(
        self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop, before: Callable[[str], Any]
    ) -> None:
        self.url, self.started_here = "http://testserver", False
        self._client, self._loop, self._before = client, loop, before

    def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            await self._before(path)
            return await self._client.request(method, f"/api/v2{path}", **parts)

        answer = asyncio.run_coroutine_threadsafe(ask(), self._loop).result(60)
        if answer.status_code >= 400:
            raise instances._refusal(answer)
        return answer


async def _nothing(_: str) -> None:
    """Before a request nothing needs to happen."""


def commands(
    app: Any,
    group: Any,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[str], Awaitable[None]] = _nothing,
) -> Callable[..., Awaitable[Done]]:
    """A function that runs one command of `app`. `group` are the modules that call `connect`; `before` runs ahead of each
    request with its path, for instance to do the job that is asked after.
    """
    loop = asyncio.get_running_loop()

    @contextmanager
    def connect() -> Iterator[Instance]:
        yield Bridged(client, loop, before)

    for module in group:
        monkeypatch.setattr(module, "connect", connect)

    async def run(*words: str) -> Done:
        result = await asyncio.to_thread(CliRunner().invoke, app, list(words))
        refusal = result.exception if isinstance(result.exception, ProductError) else None
        if result.exception and not refusal and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Done(result.exit_code, result.stdout_bytes, result.stderr, refusal)

    return run
