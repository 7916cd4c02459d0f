"""Two platforms that report numbers, a character and a channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ainfluencer.channels.models import Channel
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from tests.support import listeners, posting
from tests.support.listeners import Listener


@dataclass(frozen=True)
class World:
    """What a test of insights needs."""

    bell: Listener
    gong: Listener
    character_id: str
    channel: Channel


@pytest.fixture
def platforms() -> Iterator[dict[str, Listener]]:
    """Both platforms, known while the test runs."""
    jobs.load_all()
    yield listeners.install()
    listeners.uninstall()


@pytest.fixture
async def world(platforms: dict[str, Listener], db: Database, owner: Actor) -> World:
    """Mira on Bell."""
    mira = await posting.add_character(db, owner)
    channel = await listeners.channel(db, owner, character_id=mira)
    return World(platforms["bell"], platforms["gong"], mira, channel)
