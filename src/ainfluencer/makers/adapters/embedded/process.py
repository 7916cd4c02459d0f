"""The supervisor of the child process: starts on demand, one model at a time, leaves when idle, starts anew after a crash."""

from __future__ import annotations

import asyncio
import atexit
import json
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotConnected

PARALLEL = 4
CONTEXT = 2048  # tokens for one conversation
START_SECONDS = 120.0
_LIBGOMP = "Install it: `apt install libgomp1` (Debian, Ubuntu) or `dnf install libgomp` (Fedora), then try again."


@dataclass(frozen=True, slots=True)
class Address:
    """Where the running model is spoken to."""

    url: str
    key: str


class TextProcess:
    """One child at most. Every method may be called from any thread; they wait, so call them off the event loop."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._changed = threading.Condition()
        self._child: subprocess.Popen[str] | None = None
        self._model: Path | None = None
        self._address = Address("", "")
        self._users = 0
        self._timer: threading.Timer | None = None
        atexit.register(self.stop)

    @property
    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The child's process id, 0 when there is none."""
        return self._child.pid if self._child is not None and self.is_running else 0

    def enter(self, model: Path) -> Address:
        """Start the model if it does not run, and count one more user. Waits until users of another model are done."""
        with self._changed:
            self._changed.wait_for(lambda: self._users == 0 or (self._model == model and self.is_running))
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._model != model or not self.is_running:
                self._end()
                self._begin(model)
            self._users += 1
            return self._address

    def leave(self) -> None:
        """One user less; the last one starts the idle clock."""
        with self._changed:
            self._users -= 1
            if self._users == 0:
                self._timer = threading.Timer(settings().text_idle_seconds, self._leave_if_idle)
                self._timer.daemon = True
                self._timer.start()
            self._changed.notify_all()

    @asynccontextmanager
    async def using(self, model: Path) -> AsyncIterator[Address]:
        """`enter` and `leave` around a block of asynchronous work."""
        entering = asyncio.ensure_future(asyncio.to_thread(self.enter, model))
        try:
            address = await asyncio.shield(entering)
        except asyncio.CancelledError:
            # The thread goes on and will count us in: count us out again when it has.
            entering.add_done_callback(lambda done: None if done.cancelled() or done.exception() else self.leave())
            raise
        try:
            yield address
        finally:
            self.leave()

    def stop(self) -> None:
        """End the child now."""
        with self._changed:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._end()
            self._changed.notify_all()

    def _leave_if_idle(self) -> None:
        with self._changed:
            if self._users == 0:
                self._end()

    def _begin(self, model: Path) -> None:
        key = secrets.token_urlsafe(24)
        order = {
            "model": str(model),
            "name": model.stem,
            "key": key,
            "threads": max(1, settings().text_threads),
            "parallel": PARALLEL,
            "context": CONTEXT,
        }
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", f"{__package__}.serve"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
                encoding="utf-8",
            )
            url = self._greeting(child, json.dumps(order))
            if not url:
                self._close(child)
                said.seek(0)
                raise self._refusal(model, child.returncode, said.read())
        self._child, self._model, self._address = child, model, Address(f"{url}/v1", key)

    @staticmethod
    def _greeting(child: subprocess.Popen[str], order: str) -> str:
        # A child that hangs while loading is ended, which ends the wait for its first line.
        guard = threading.Timer(START_SECONDS, child.kill)
        guard.daemon = True
        guard.start()
        try:
            line = _ask(child, order)
        except OSError:
            line = ""
        finally:
            guard.cancel()
        try:
            return str(json.loads(line)["address"])
        except (ValueError, KeyError, TypeError):
            return ""

    def _refusal(self, model: Path, code: int | None, said: str) -> NotConnected:
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "no reason given").strip()[:300]
        if code == 3 and "libgomp" in said:
            return NotConnected(
                self.slug, "The built-in model needs the system library libgomp, which is absent.", _LIBGOMP
            )
        if code == 3:
            return NotConnected(
                self.slug, f"The text engine cannot be loaded on this system: {last}", "Connect Ollama instead."
            )
        if code == 4:
            return NotConnected(
                self.slug,
                f"The model file {model.name} cannot be loaded: {last}",
                "Run `ainfluencer models verify`, then `ainfluencer models install` for what is damaged.",
            )
        return NotConnected(
            self.slug, f"The built-in model did not start (exit {code}): {last}", "Free some memory and try again."
        )

    def _end(self) -> None:
        child, self._child, self._model = self._child, None, None
        if child is not None:
            self._close(child)

    @staticmethod
    def _close(child: subprocess.Popen[str]) -> None:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()  # the end of its standard input tells the child to go
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ask(child: subprocess.Popen[str], order: str) -> str:
    if child.stdin is None or child.stdout is None:
        return ""
    child.stdin.write(order + "\n")
    child.stdin.flush()
    return child.stdout.readline()
