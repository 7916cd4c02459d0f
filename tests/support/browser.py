"""A real instance in its own process, and a real browser in front of it that notes everything it complains about."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
EXPECTED = re.compile(r"status of (401|403|404|409|410|422)\b")
"""A refused form is a refusal that the browser also writes down."""
FADES = re.compile(r"Transition was (?:aborted|skipped)")
"""Chromium's word for a page that was left before it could fade in, or for a file, which cannot: nobody sees it."""


@dataclass(slots=True)
class Instance:
    """A running `ainfluencer up`."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]

    def api(self) -> httpx.Client:
        """Speaks to it as its owner."""
        key = (self.data / "keys" / "cli.key").read_text("utf-8").strip()
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=f"{self.url}/api/v2", headers=headers, trust_env=False, timeout=60)

    def way_in(self) -> str:
        """A link that signs its owner in once."""
        with self.api() as client:
            return self.url + str(client.post("/auth/way-in").raise_for_status().json()["path"])

    def until(self, true: Callable[[httpx.Client], Any], seconds: float = 120) -> Any:
        """Ask the API until it answers something true."""
        end = time.monotonic() + seconds
        with self.api() as client:
            while time.monotonic() < end:
                if found := true(client):
                    return found
                time.sleep(0.2)
        raise AssertionError("it did not happen in time")


@contextmanager
def running(data: Path) -> Iterator[Instance]:
    """Start one on a free port; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "ainfluencer", "--data", str(data), "up", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = Instance(f"http://127.0.0.1:{port}", data, child)
    try:
        _wait(made)
        yield made
    finally:
        child.terminate()
        child.wait(30)


def _wait(made: Instance) -> None:
    for _ in range(900):
        try:
            if httpx.get(f"{made.url}/api/v2/health", trust_env=False, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
        if made.process.poll() is not None:
            raise AssertionError(f"the instance ended with {made.process.returncode}")
    raise AssertionError("the instance did not answer in time")


def bring_content(made: Instance, card: Path, days: int = 3) -> dict[str, Any]:
    """A character on the Stage with a week of posts that wait for a person; answers character, channel and week."""
    with made.api() as client:
        files = {"file": (card.name, card.read_bytes())}
        who = client.post("/characters/import", files=files).raise_for_status().json()["character"]
        asked = {"platform": "stage", "character_id": who["id"]}
        channel = client.post("/channels", json=asked).raise_for_status().json()
        asked = {"character_id": who["id"], "days": days, "channel_ids": [channel["id"]]}
        week = client.post("/weeks", json=asked).raise_for_status().json()
    made.until(lambda api: api.get(f"/weeks/{week['id']}").json()["state"] == "ready")
    return {"character": who, "channel": channel, "week": week}


WAYS: dict[str, dict[str, Any]] = {
    "": {},
    "visible": {"headless": False, "slow_mo": 250},
    "inspector": {"headless": False},
}
"""How AINFLUENCER_TEST_BROWSER wants the browser: nobody sees it, somebody watches, or Playwright's Inspector steps."""


def way() -> str:
    """The wanted way; a word that is none is told at once."""
    wanted = os.environ.get("AINFLUENCER_TEST_BROWSER", "").replace("headless", "")
    if wanted not in WAYS:
        raise pytest.UsageError(f"AINFLUENCER_TEST_BROWSER={wanted}: use headless, visible or inspector.")
    return wanted


@contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """The browser program."""
    if way() == "inspector":
        os.environ["PWDEBUG"] = "1"  # Playwright reads it when it starts
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES, **WAYS[way()])
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A window whose complaints are kept: errors of scripts, broken policies, requests that failed."""

    def __init__(self, browser: Browser, base_url: str, **options: Any) -> None:
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "base_url": base_url, **options}
        )
        self.context.set_default_timeout(0 if way() == "inspector" else 20_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", self._note_error)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _note_error(self, error: Error) -> None:
        if not FADES.search(str(error)):
            self.complaints.append(f"{self.page.url}: {error}")

    def close(self) -> None:
        """Close the window; complain about every complaint."""
        self.context.close()
        assert not self.complaints, "\n".join(self.complaints)


AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']"


def barriers(page: Page, *, only_colours: bool = False) -> list[str]:
    """What axe finds on a page, a line each. A second theme changes colours only."""
    page.evaluate(AXE.read_text("utf-8"))
    rules = "{type: 'rule', values: ['color-contrast']}" if only_colours else _RULES
    answer = page.evaluate(f"axe.run(document, {{runOnly: {rules}}})")
    return [
        f"{one['id']} ({one['impact']}): "
        + ", ".join(f"{node['target']} {node['html'][:120]}" for node in one["nodes"][:3])
        for one in answer["violations"]
    ]
