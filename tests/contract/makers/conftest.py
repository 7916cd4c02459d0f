"""Every maker that there is; tests that take `slug` run once for each folder."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import ainfluencer.makers.adapters as home
from ainfluencer.core.config import Settings
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.manifest import Access
from ainfluencer.integrations.values import Link
from ainfluencer.makers import registry

SLUGS = sorted(registry.manifests())
OUTSIDE = [slug for slug in SLUGS if registry.manifest(slug).access is not Access.BUILT_IN]


def folder(slug: str) -> Path:
    """The adapter's folder."""
    return Path(home.__path__[0]) / slug


def link_to(slug: str, url: str) -> Link:
    """A connection to a server of ours, with the settings of the samples."""
    raw = json.loads((folder(slug) / "samples" / "link.json").read_text("utf-8"))
    settings = {name: value.replace("{url}", url) for name, value in raw["settings"].items()}
    client = OutsideClient(slug, settings["base_url"], allow_private=True, secrets=raw["secrets"].values())
    return Link(slug, client, settings, raw["secrets"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`slug`: every maker; `outside`: those that are reached over a network."""
    for name, slugs in (("slug", SLUGS), ("outside", OUTSIDE)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, slugs)


@pytest.fixture(autouse=True)
async def _closed(settings: Settings) -> AsyncIterator[None]:
    """Fresh settings, and no connection left open."""
    yield
    await close_pools()
