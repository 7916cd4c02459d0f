"""What every journey needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """The first pages of a fresh instance take longer than the usual five seconds on a busy machine."""
    expect.set_options(timeout=15_000)
    yield
    expect.set_options(timeout=5_000)
