"""The running product: is one there already, which port is free, start it, watch it, stop it cleanly."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from tools.launcher.progress import say

NAME = "ainfluencer"
GRACE_SECONDS = 15  # for a clean stop; afterwards it is ended
STOPPED_ON_REQUEST = {0, 130, 143, -signal.SIGINT, -signal.SIGTERM}


class CannotStart(Exception):
    """There is no place to run at; the message says what to do."""


def answers(url: str) -> bool:
    """Whether our product answers at that address. No proxy is asked: this is about this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url.rstrip("/") + "/api/v2/health", timeout=2) as reply:
            return bool(json.loads(reply.read(100_000)).get("name") == NAME)
    except (OSError, ValueError, AttributeError):
        return False


def instance(data: Path) -> dict[str, Any]:
    """What the instance on this data folder says about itself, when it really runs; else empty."""
    try:
        said = json.loads((data / "instance.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) and answers(str(said.get("url", ""))) else {}


def address(host: str, port: int) -> str:
    """Where a browser on this machine reaches it."""
    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound
    return f"http://{near}:{port}"


def is_free(host: str, port: int) -> bool:
    """Whether we could listen there; `CannotStart` when no port at all would do on that host."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as caller:
            caller.settimeout(0.5)
            # macOS lets one bind beside a program that listens on every address, so a call is tried as well
            if caller.connect_ex(place) == 0:
                return False
        with socket.socket(family, kind, protocol) as listener:
            if os.name != "nt":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
    except PermissionError:
        raise CannotStart(
            f"Port {port} may only be used by an administrator. Choose another one:  python launch.py --port 8000"
        ) from None
    except OSError as e:
        if isinstance(e, socket.gaierror) or e.errno == errno.EADDRNOTAVAIL:
            raise CannotStart(
                f"This machine has no address {host}. Leave --host out, or use 127.0.0.1 or 0.0.0.0."
            ) from None
        return False
    return True


def choose_port(host: str, wanted: int, *, is_fixed: bool) -> int:
    """The wanted port, or the next free one; `CannotStart` when that was asked for by number."""
    if is_free(host, wanted):
        return wanted
    free = next((port for port in range(wanted + 1, min(wanted + 21, 65536)) if is_free(host, port)), 0)
    if not free:
        raise CannotStart(f"The ports {wanted} to {wanted + 20} are all in use. Choose one with --port.")
    if is_fixed:
        raise CannotStart(
            f"Port {wanted} is in use by another program. Choose another one:  python launch.py --port {free}"
        )
    say(f"Port {wanted} is in use by another program; using {free}.")
    return free


def has_screen() -> bool:
    """Whether a browser could open (on a bare terminal, a text browser would take the terminal over)."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return named or os.name == "nt" or sys.platform == "darwin"


def show(url: str) -> None:
    """Open a browser, where there is a screen to open one on."""
    if has_screen():
        with suppress(webbrowser.Error, OSError):
            webbrowser.open(url)


class Child:
    """A program that runs in front of us: it has our terminal, gets our signals, and its exit code becomes ours."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path | None = None) -> None:
        self.asked_to_stop = 0
        self._stop_by = 0.0
        self.process = subprocess.Popen(command, env=env, cwd=folder)
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = self.asked_to_stop or number
        self._stop_by = self._stop_by or time.monotonic() + GRACE_SECONDS
        if number == signal.SIGTERM and self.is_alive:
            self.process.terminate()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def wait(self) -> int:
        """Its exit code. Once asked to stop it has its time of grace; then it is ended."""
        nudged = False
        while True:
            with suppress(subprocess.TimeoutExpired):
                return self.process.wait(0.2)
            left = self._stop_by - time.monotonic()
            if self.asked_to_stop == signal.SIGINT and not nudged and left < GRACE_SECONDS - 2:
                # A terminal tells the child as well; `kill -INT` tells only us. SIGTERM never harms one that is stopping.
                nudged = True
                self.process.terminate()
            if self.asked_to_stop and left < 0:
                self.process.kill()


def serve(command: list[str], env: dict[str, str], url: str) -> tuple[int, bool]:
    """Run the product until it ends: its exit code, and whether it was ever ready. It greets and opens the browser itself."""
    child = Child(command, env)
    began = time.monotonic()
    is_ready, told = False, began + 10
    while child.is_alive and not child.asked_to_stop and not is_ready:
        is_ready = answers(url)
        if not is_ready and time.monotonic() > told:
            told += 10
            say(f"Still starting ({time.monotonic() - began:.0f} s)")
        time.sleep(0.1)
    code = child.wait()
    if child.asked_to_stop:
        say("Stopped.")
        return (0 if code in STOPPED_ON_REQUEST else code), True
    return code, is_ready


def perform(command: list[str], env: dict[str, str], folder: Path | None = None) -> int:
    """Run one command, in the present folder unless another is named; its exit code, as a shell would say it."""
    code = Child(command, env, folder).wait()
    return 128 - code if code < 0 else code
