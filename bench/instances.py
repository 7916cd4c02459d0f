"""Starts a real instance in a process of its own and speaks to it as its command line would."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


def free_port() -> int:
    """A port that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(data: Path) -> Iterator[tuple[str, str, int, float]]:
    """Address, key, process id and seconds until the first answer."""
    port = free_port()
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "ainfluencer", "--data", str(data), "up", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if httpx.get(f"{url}/api/v2/health", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                if child.poll() is not None or time.perf_counter() - started > 120:
                    raise
                time.sleep(0.02)
        seconds = time.perf_counter() - started
        yield url, (data / "keys" / "cli.key").read_text("utf-8").strip(), child.pid, seconds
    finally:
        child.terminate()
        child.wait(20)
