"""A platform over HTTP, a character and the settings that let a test wait for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from ainfluencer.core import config
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.publishing import jobs as publishing_jobs
from tests.support import doubles, posting
from tests.support.doubles import Platform

assert publishing_jobs.MOST_RESCUES  # importing it registers the jobs


@pytest.fixture
async def platform(db: Database) -> AsyncIterator[Platform]:
    """The doubles, reachable; a lost answer may be asked about at once."""
    config.use(replace(config.settings(), allow_private_urls=True, settle_seconds=0))
    doubles.install()
    made = Platform()
    async with made.server:
        yield made
        await close_pools()
    doubles.uninstall()


@pytest.fixture
async def mira(db: Database, owner: Actor) -> str:
    """A character's id."""
    return await posting.add_character(db, owner)
