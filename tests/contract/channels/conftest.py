"""Every channel adapter that there is, and the evidence behind the grade “rehearsed”.

`AINFLUENCER_RECORD_GRADES=1` writes `conformance.json` into each folder of which everything passed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ainfluencer.channels import registry
from ainfluencer.channels.service import make_link
from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.integrations import grades
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.manifest import Access, Manifest
from ainfluencer.integrations.protocols import Channel
from ainfluencer.integrations.values import Link
from tests.support.platforms.double import Double, double_of, has_double

SLUGS = sorted(registry.manifests())
RECORD = os.environ.get("AINFLUENCER_RECORD_GRADES") == "1"
_PASSED: Counter[str] = Counter()
_NOT_PASSED: set[str] = set()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `slug` runs once for every folder."""
    if "slug" in metafunc.fixturenames:
        metafunc.parametrize("slug", SLUGS)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what passed, by folder."""
    if "contract/channels" in report.nodeid and "[" in report.nodeid:
        slug = report.nodeid.rpartition("[")[2].rstrip("]").partition("-")[0]
        if report.failed or report.skipped:
            _NOT_PASSED.add(slug)
        elif report.when == "call":
            _PASSED[slug] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the evidence, when asked to and when the whole suite ran."""
    partial = session.config.getoption("keyword") or any("::" in arg for arg in session.config.args)
    if RECORD and not partial and not hasattr(session.config, "workerinput"):
        for slug in _PASSED.keys() - _NOT_PASSED:
            grades.record(registry.folder(slug), grades.CONFORMANCE, checks=_PASSED[slug])


def link_to(manifest: Manifest, url: str, settings: dict[str, str], secrets: dict[str, str]) -> Link:
    """A connection to a server on this machine, made the way the product makes it."""
    own = url if manifest.access == Access.BUILT_IN else ""
    config.use(replace(config.settings(), allow_private_urls=True, stage_url=own))
    return make_link(manifest, {**settings, "url": url}, secrets)


@dataclass(frozen=True, slots=True)
class World:
    """An adapter, and a double of its platform that runs."""

    adapter: Channel
    manifest: Manifest
    double: Double
    link: Link
    folder: Path


@pytest.fixture
async def world(slug: str, settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    """The adapter of that folder with its platform's double."""
    if not has_double(slug):
        pytest.skip(f"there is no double of this platform: tests/support/platforms/{slug}.py")
    manifest = registry.manifest(slug)
    async with double_of(slug) as double:
        link = link_to(manifest, double.url, double.settings, double.secrets)
        yield World(registry.adapter(slug), manifest, double, link, tmp_path)
        await close_pools()
