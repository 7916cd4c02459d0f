"""What every journey needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Instance, chromium, running, way


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Somebody who steps through a test takes as long as it takes."""
    if way() == "inspector":
        for item in items:
            item.add_marker(pytest.mark.timeout(0), append=False)


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The browser of a file; asked for here, so that a machine without one still collects it."""
    with chromium(request.getfixturevalue("chromium")) as made:
        yield made


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An empty instance that the tests of a file share."""
    with running(tmp_path_factory.mktemp("studio") / "data") as made:
        yield made


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """The first pages of a fresh instance take longer than the usual five seconds on a busy machine."""
    expect.set_options(timeout=0 if way() == "inspector" else 15_000)
    yield
    expect.set_options(timeout=5_000)
