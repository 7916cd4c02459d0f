"""A key in the card editor with a lorebook of 500 entries: until the frame after it, and what it costs the page's thread."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from bisect import bisect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page  # noqa: E402

from tests.conftest import CHROMIUM  # noqa: E402
from tests.support.browser import Instance, chromium, running  # noqa: E402
from tests.support.cards import cards  # noqa: E402

WORDS = "the harbour smells of tar and honey, and {{user}} waits "
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel"]


def main() -> None:
    """Type and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--keys", type=int, default=200)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data") as studio,
        chromium(CHROMIUM) as browser,
    ):
        page = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=studio.url).new_page()
        page.goto(studio.way_in())
        page.get_by_label("Your name").fill("Ada")
        page.locator("form button.btn-primary").first.click()
        page.wait_for_load_state()
        page.goto(f"/cards/{_card(studio, asked.entries)}/edit")
        page.wait_for_selector("[data-state=saved]")
        told = {
            "bench": "card_editor",
            "entries": asked.entries,
            "description": _typed(browser, page, "description", asked.keys),
        }
        page.locator("[data-section=lore]").click()
        page.locator("tr[data-at='7'] .ce-keys").click()
        told["entry"] = _typed(browser, page, "book.entries[7].content", asked.keys)
    print(json.dumps(told))


def _card(studio: Instance, number: int) -> str:
    content = "The harbour lies north of the old town and smells of tar. " * 6
    entries = [cards.entry(n, content=f"{n}. {content}") for n in range(number)]
    text = json.dumps(cards.v2(name="Mira", character_book={"extensions": {}, "entries": entries})).encode()
    with studio.api() as client:
        return str(client.post("/cards", files={"file": ("mira.json", text)}).raise_for_status().json()["card"]["id"])


def _typed(browser: Browser, page: Page, field: str, keys: int) -> dict[str, Any]:
    """Keys at the pace of a person who pauses at times: that is when texts are counted, kept and saved."""
    page.locator(f"[data-field='{field}']").focus()
    page.keyboard.press("End")
    browser.start_tracing(page=page, categories=CATEGORIES)
    for n in range(keys):
        page.keyboard.type(WORDS[n % len(WORDS)])
        page.wait_for_timeout(70 if n % 25 else 400 + n * 7 % 1600)
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    thread = next((one["pid"], one["tid"]) for one in events if one["name"] == "UpdateLayoutTree")
    ours = [one for one in events if one.get("ph") == "X" and (one["pid"], one["tid"]) == thread]
    return _told(ours)


def _told(ours: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """From the key to the commit of the next frame, in milliseconds: by the clock, and of the thread's own work."""
    tasks = [one for one in ours if one["name"] == "RunTask"]
    frames = sorted(one["ts"] + one["dur"] for one in ours if one["name"] == "Commit")
    heard = {"keydown": list[float](), "input": list[float]()}
    for one in ours:
        kind = one["args"]["data"]["type"] if one["name"] == "EventDispatch" else ""
        if kind in heard:
            heard[kind].append(one["ts"])
    clock, work = list[float](), list[float]()
    for began, typed in zip(sorted(heard["keydown"]), sorted(heard["input"]), strict=False):
        at = bisect(frames, typed)
        if at < len(frames):
            clock.append((frames[at] - began) / 1000)
            inside = [one for one in tasks if one["ts"] + one["dur"] > began and one["ts"] < frames[at]]
            work.append(sum(one.get("tdur", 0) for one in inside) / 1000)
    return {"keys": len(clock), "clock_ms": _spread(clock), "work_ms": _spread(work)}


def _spread(found: list[float]) -> dict[str, float]:
    found.sort()
    return {
        "p50": round(found[len(found) // 2], 1),
        "p95": round(found[int(len(found) * 0.95)], 1),
        "max": round(found[-1], 1),
    }


if __name__ == "__main__":
    main()
