"""Finds the running instance of a data folder, or starts one for the length of a command."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from ainfluencer.core import config, log
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutsideError,
    ProductError,
)

START_SECONDS = 90
_BY_STATUS: dict[int, type[ProductError]] = {403: NotAllowed, 404: NotFound, 409: Conflict, 422: InvalidInput}


class Instance:
    """A connection to the API of one instance, signed in with the data folder's own key."""

    def __init__(self, url: str, key: str, *, started_here: bool) -> None:
        self.url = url
        self.started_here = started_here
        self._http = httpx.Client(
            base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {key}"}, timeout=120, trust_env=False
        )

    def call(self, method: str, path: str, **parts: Any) -> Any:
        """One call; the decoded answer, or the refusal that the instance gave as one of our errors."""
        answer = self._http.request(method, path, **parts)
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer.json() if answer.content else None

    def fetch(self, path: str, **parts: Any) -> bytes:
        """The raw bytes of an answer."""
        answer = self._http.get(path, **parts)
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer.content

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


def _refusal(answer: httpx.Response) -> ProductError:
    try:
        problem = answer.json()
        detail, next_step, code = problem["detail"], problem.get("next_step", ""), problem.get("code", "")
    except (ValueError, KeyError, TypeError):
        return ProductError(f"The instance answered with status {answer.status_code}.")
    if answer.status_code in {502, 503, 504}:
        return OutsideError("instance", detail, next_step, code=code)
    return _BY_STATUS.get(answer.status_code, ProductError)(detail, next_step, code=code)


def find(settings: Settings) -> str:
    """The address of the instance that runs on this data folder, or ''."""
    try:
        url = str(json.loads((settings.data / "instance.json").read_text("utf-8"))["url"])
        answer = httpx.get(f"{url}/api/v2/health", timeout=3, trust_env=False).json()
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
        return ""
    return url if isinstance(answer, dict) and answer.get("name") == "ainfluencer" else ""


def _key(settings: Settings) -> str:
    path = settings.data / "keys" / "cli.key"
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        raise NotAllowed(
            f"The key file {path} cannot be read.", "Run the command as the user that runs the instance."
        ) from None


@contextmanager
def connect() -> Iterator[Instance]:
    """The running instance of the data folder; when none runs, one without pages' address for others, ended afterwards."""
    settings = config.settings()
    url = find(settings)
    if url:
        instance = Instance(url, _key(settings), started_here=False)
        try:
            yield instance
        finally:
            instance.close()
        return
    with _own(settings) as started:
        instance = Instance(started.url, _key(started), started_here=True)
        try:
            yield instance
        finally:
            instance.close()


@contextmanager
def _own(settings: Settings) -> Iterator[Settings]:
    """A whole instance in a thread of this process, on a free loopback port."""
    from ainfluencer.main import Server  # noqa: PLC0415 - loading the application takes a second that --help need not spend

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Addresses that outlive this command name the place where `up` will serve, not today's passing port.
    lasting = settings.public_url or settings.url
    mine = config.use(replace(settings, host="127.0.0.1", port=port, public_url=lasting))
    mine.data.mkdir(parents=True, exist_ok=True)
    log.start_run(mine, "cli")
    ready, failure = threading.Event(), list[BaseException]()
    server = Server(mine, on_ready=ready.set)

    def run() -> None:
        try:
            server.run()
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="instance", daemon=True)
    thread.start()
    try:
        if not ready.wait(START_SECONDS) or server.failure or failure or not server.started:
            if server.failure:
                raise server.failure
            raise failure[0] if failure else ProductError("The instance did not start.", f"Look into {_latest(mine)}.")
        yield mine
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        config.use(settings)


def _latest(settings: Settings) -> Path:
    return settings.data / "runs" / "latest.txt"
