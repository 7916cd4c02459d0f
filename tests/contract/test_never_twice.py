"""A worker is killed with SIGKILL at every step of a delivery; afterwards every post is on its platform exactly once.

Where the platform can neither be asked nor keeps our key, a person is asked, and nothing is ever sent twice.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database
from ainfluencer.publishing.models import Delivery
from tests.support import doubles, posting
from tests.support.doubles import Platform

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def platform(db: Database) -> AsyncIterator[Platform]:
    doubles.install()
    made = Platform()
    async with made.server:
        yield made
    doubles.uninstall()


async def _posts(db: Database, owner: Actor, platform: Platform, slug: str, count: int) -> list[str]:
    mira = await posting.add_character(db, owner)
    channel = await posting.add_channel(db, owner, slug, platform.url)
    posts = [await posting.add_post(db, owner, mira, [channel], caption=f"Post {n}") for n in range(count)]
    for post in posts:
        await posting.approved(db, owner, post.id, now=True)
    return [post.id for post in posts]


async def _kill_at(settings: Settings, *points: str) -> dict[str, int]:
    """Run workers that die at these points, one after another, then one to the end; how each ended."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.killing",
        str(settings.data),
        *points,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    ends = dict(line.split() for line in out.decode().splitlines() if line.count(" ") == 1)
    return {point: int(end) for point, end in ends.items()}


async def _deliveries(db: Database, owner: Actor, posts: list[str]) -> list[Delivery]:
    return [(await posting.deliveries(db, owner, post))[0] for post in posts]


async def test_killed_at_every_step_and_asked(
    db: Database, settings: Settings, owner: Actor, platform: Platform
) -> None:
    posts = await _posts(db, owner, platform, "pier", 5)
    platform.seconds = 0.3  # the answer comes after the middle of the call
    points = [
        "look.after",
        "begin.before",
        "begin.after",  # marked as sending, and nothing went out
        "ask.before",
        "call.middle@2",  # the first is sent again and done; the second is there and its answer was never read
        "ask.after",
        "record.before",
        "record.after",  # recorded; the job did not end
        "call.after",  # answered, and not recorded
    ]
    ends = await _kill_at(settings, *points)
    assert ends == {**dict.fromkeys(points, -9), "end": 0}
    assert platform.texts() == Counter(f"Post {n}\n\nMade with AI." for n in range(5))
    assert {row.state for row in await _deliveries(db, owner, posts)} == {"published"}


async def test_killed_and_answers_lost(db: Database, settings: Settings, owner: Actor, platform: Platform) -> None:
    posts = await _posts(db, owner, platform, "pier", 3)
    platform.lose_after, platform.lose_asking = 1, 0
    points = ["call.after@2", "ask.after", "begin.after"]
    ends = await _kill_at(settings, *points)
    assert ends == {**dict.fromkeys(points, -9), "end": 0}
    assert platform.texts() == Counter(f"Post {n}\n\nMade with AI." for n in range(3))
    assert {row.state for row in await _deliveries(db, owner, posts)} == {"published"}


async def test_killed_where_the_platform_keeps_our_key(
    db: Database, settings: Settings, owner: Actor, platform: Platform
) -> None:
    posts = await _posts(db, owner, platform, "quay", 2)
    platform.seconds = 0.3
    points = ["begin.after", "call.middle", "call.after", "record.before", "record.after@2"]
    ends = await _kill_at(settings, *points)
    assert ends == {**dict.fromkeys(points, -9), "end": 0}
    assert platform.texts() == Counter(["Post 0", "Post 1"])
    assert {row.state for row in await _deliveries(db, owner, posts)} == {"published"}


async def test_killed_where_nobody_can_tell(db: Database, settings: Settings, owner: Actor, platform: Platform) -> None:
    posts = await _posts(db, owner, platform, "mole", 4)
    platform.seconds = 0.3
    points = ["begin.after", "call.middle", "record.before", "record.after"]
    ends = await _kill_at(settings, *points)
    assert ends == {**dict.fromkeys(points, -9), "end": 0}
    assert max(platform.texts().values()) == 1
    states = sorted((row.state, row.is_unknown) for row in await _deliveries(db, owner, posts))
    assert states == [("needs_person", True)] * 3 + [("published", False)]
