"""The command line has the verbs of the design, and every listing can be read by a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from ainfluencer.cli.app import app
from tests.support.crawl import routes

VERBS = (
    "up", "worker", "web", "doctor", "backup", "restore", "character", "card", "make week", "make image", "make text",
    "post", "channel", "job", "db", "models", "demo",
)  # fmt: skip
"""Of design.md, section 6, as far as the spine goes."""

LATER = ("auto", "make voice", "make video")
"""Named there and not part of the spine; a verb that exists must leave this list."""

LISTINGS = {
    "character list": "/api/v2/characters",
    "post list": "/api/v2/posts",
    "channel list": "/api/v2/channels",
    "channel platforms": "/api/v2/platforms",
    "job list": "/api/v2/jobs",
    "models list": "",
}
"""Listing verbs and the address that answers the same."""

PLACES = {
    "/characters": "/api/v2/characters", "/library": "/api/v2/assets", "/posts": "/api/v2/posts",
    "/channels": "/api/v2/channels", "/inbox": "/api/v2/conversations", "/insights": "/api/v2/insights",
    "/settings/people": "/api/v2/people", "/settings/keys": "/api/v2/keys", "/studio": "/api/v2/runs",
}  # fmt: skip
"""Pages, and where a program reads the same."""


def find(words: str) -> Any:
    """A verb by its words, or None. (Typer carries a Click of its own, so that its classes have no public name.)"""
    found: Any = typer.main.get_command(app)
    for word in words.split():
        found = getattr(found, "commands", {}).get(word)
    return found


def leaves(command: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every verb below a group."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(name, command)]
    return [leaf for word, one in inner.items() for leaf in leaves(one, f"{name} {word}".strip())]


def options(command: Any) -> set[str]:
    return {name for one in command.params for name in one.opts}


@pytest.mark.parametrize("words", VERBS)
def test_the_verb_exists_and_explains_itself(words: str) -> None:
    command = find(words)
    assert command is not None
    assert command.help


@pytest.mark.parametrize("words", sorted(LATER))
def test_what_comes_later_is_not_there_yet(words: str) -> None:
    assert find(words) is None, f"`{words}` exists now: move it to VERBS"


def test_every_listing_verb_can_answer_json() -> None:
    verbs = leaves(typer.main.get_command(app))
    lists = [(name, command) for name, command in verbs if name.split()[-1] in {"list", "platforms", "logs"}]
    assert {name for name, _ in lists} >= set(LISTINGS)
    silent = [name for name, command in lists if "--json" not in options(command)]
    assert not silent


@pytest.mark.parametrize(("words", "address"), sorted(LISTINGS.items()))
def test_a_listing_verb_has_an_address(words: str, address: str) -> None:
    assert find(words) is not None
    assert not address or any(one.path == address and one.method == "GET" for one in routes())


@pytest.mark.parametrize(("page", "address"), sorted(PLACES.items()))
def test_a_place_can_be_read_by_programs(page: str, address: str) -> None:
    there = {(one.method, one.path) for one in routes()}
    assert {("GET", page), ("GET", address)} <= there


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ainfluencer", "--data", str(data), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_an_empty_listing_is_json_and_nothing_else(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "character", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == []


def test_a_refusal_is_1(tmp_path: Path) -> None:
    assert run(tmp_path / "data", "character", "show", "01jb0000000000000000000000").returncode == 1


def test_a_misspelt_verb_is_2(tmp_path: Path) -> None:
    assert run(tmp_path / "data", "no-such-verb").returncode == 2
