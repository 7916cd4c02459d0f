"""Starts the real servers once, and writes the receipt behind the grade “proven” when everything of a platform passed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

import pytest

from ainfluencer.channels import registry
from ainfluencer.integrations import grades
from ainfluencer.integrations.guard import close_pools
from tests.live import servers
from tests.live.servers import Running

_PASSED: dict[str, set[str]] = defaultdict(set)
_FAILED: set[str] = set()
_SERVERS: dict[str, str] = {}
_COVERED: dict[str, list[str]] = {}


@pytest.fixture(scope="session")
def at_protocol(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Personal Data Server."""
    with servers.at_protocol(tmp_path_factory.mktemp("pds")) as running:
        yield running


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Matrix homeserver."""
    with servers.homeserver(tmp_path_factory.mktemp("synapse")) as running:
        yield running


@pytest.fixture(autouse=True)
async def pools() -> AsyncIterator[None]:
    """Close our pooled connections after each test."""
    yield
    await close_pools()


@pytest.fixture(autouse=True)
def remember_server(request: pytest.FixtureRequest) -> None:
    """What the receipt will say about how it was obtained."""
    platform = getattr(request.module, "PLATFORM", "")
    if platform:
        made: Running = request.getfixturevalue(request.module.SERVER)
        _SERVERS[platform] = made.name
        _COVERED[platform] = sorted(request.module.COVERED)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Note which platform's tests passed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined] # pluggy hands the result over here
    platform = getattr(getattr(item, "module", None), "PLATFORM", "")
    if platform and report.when == "call" and report.passed:
        _PASSED[platform].add(item.nodeid)
    elif platform and not report.passed:
        _FAILED.add(platform)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write a receipt for each platform of which every collected test passed, unless only some were chosen."""
    chosen = session.config.getoption("keyword") or any("::" in arg for arg in session.config.args)
    for platform, passed in _PASSED.items():
        if platform not in _FAILED and not chosen:
            grades.record(
                registry.folder(platform), grades.LIVE,
                server=_SERVERS[platform], covered=_COVERED[platform], checks=len(passed),
            )  # fmt: skip
