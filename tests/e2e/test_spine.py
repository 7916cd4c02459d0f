"""The whole path in a process of its own: a card becomes a lived week; a kill in the middle loses and doubles nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

CARD = Path(str(files("ainfluencer.cards"))) / "samples" / "marisol_vaz.json"
pytestmark = pytest.mark.timeout(300)


def run(data: Path, *words: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ainfluencer", "--data", str(data), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == expect, done.stderr[-2000:]
    return done


def make_week(data: Path, *more: str, source: Path = CARD) -> dict[str, Any]:
    done = run(data, "make", "week", str(source), "--days", "2", *more, "--json")
    answer: dict[str, Any] = json.loads(done.stdout)  # nothing but JSON on standard output
    return answer


@contextmanager
def up(data: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "ainfluencer", "--data", str(data), "up", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(url), 90)
        yield url, child
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/health", trust_env=False, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(true: Any, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


def api(data: Path, url: str) -> httpx.Client:
    key = (data / "keys" / "cli.key").read_text("utf-8").strip()
    return httpx.Client(
        base_url=f"{url}/api/v2", headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=60
    )


def stage_posts(data: Path) -> list[str]:
    """Texts of what is public on the Stage, replies left out, straight from the database."""
    with closing(sqlite3.connect(data / "ainfluencer.db")) as connection:
        return [
            row[0]
            for row in connection.execute(
                "select text from stage_posts where parent_id is null and deleted_at is null order by id"
            )
        ]


def test_a_card_lives_a_week_by_one_command(tmp_path: Path) -> None:
    data = tmp_path / "data"
    week = make_week(data, "--approve", "all", "--start", "now")
    assert week["character"]["name"] == "Marisol Vaz"
    assert [p["state"] for p in week["posts"]] == ["published", "published"]
    for post in week["posts"]:
        assert post["caption"]
        assert post["url"].startswith("http://127.0.0.1:8000/stage/posts/")
        for media in post["media"]:
            assert Path(media["path"]).is_file()
            assert media["alt_text"]
            assert media["provenance"]["c2pa"] is True
            assert media["scores"]["total"] > 0.5
    assert len(stage_posts(data)) == 2
    first, second = (p["media"][0]["sha256"] for p in week["posts"])
    assert first != second

    # The same card again is the same character, and a plain week waits for a person.
    again = make_week(data)
    assert again["character"]["id"] == week["character"]["id"]
    assert {p["state"] for p in again["posts"]} == {"in_review"}
    assert len(stage_posts(data)) == 2


def test_a_kill_in_the_middle_loses_and_doubles_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (url, child):
        with api(data, url) as client:
            brought = client.post("/characters/import", files={"file": (CARD.name, CARD.read_bytes())}).json()
            character = brought["character"]["id"]
            channel = client.post("/channels", json={"platform": "stage", "character_id": character}).json()["id"]
            week = client.post(
                "/weeks",
                json={
                    "character_id": character,
                    "days": 3,
                    "channel_ids": [channel],
                    "approve_all": True,
                    "start_now": True,
                },
            ).json()["id"]
            wait_for(lambda: client.get(f"/weeks/{week}").json()["posts"], 120)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    with up(data) as (url, _child), api(data, url) as client:
        wait_for(lambda: client.get(f"/weeks/{week}").json()["state"] == "ready", 150)
        wait_for(lambda: all(p["state"] == "published" for p in client.get(f"/weeks/{week}").json()["posts"]), 60)
        posts = client.get(f"/weeks/{week}").json()["posts"]
    assert len(posts) == 3
    assert len(stage_posts(data)) == 3
    assert len(set(stage_posts(data))) == 3


def test_the_numbers_and_the_talk_come_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (url, _child):
        make_week(data, "--approve", "all", "--start", "now")  # goes through the running instance
        with api(data, url) as client:
            wait_for(
                lambda: client.get("/insights").json()["totals"]["posts"] == 2, 60
            )  # one is measured before the other
            wait_for(lambda: client.get("/reactions").json()["items"], 60)
            totals = client.get("/insights").json()["totals"]
    assert totals["views"] > 0
    assert totals["likes"] <= totals["views"]


def test_a_second_start_on_the_same_folder_points_to_the_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as (url, _child):
        done = run(data, "up", "--port", "1")
        assert url in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("not_a_card.png", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "cut off"),
        ("empty.md", b"", "empty"),
        ("zone.yaml", b"name: Mira\ntimezone: Mars/Olympus\nabout: Writes.\n", "time zone"),
        ("emoji.yaml", "name: {}\nabout: Writes.\n".format("🌊" * 300).encode(), "name"),
    ],
)
def test_bad_sources_are_refused_with_the_next_step(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    done = run(tmp_path / "data", "make", "week", str(source), "--json", expect=1)
    assert done.stdout == ""
    assert words.lower() in done.stderr.lower()
