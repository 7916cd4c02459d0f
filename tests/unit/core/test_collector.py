"""The collector rests during a start and looks at nothing of it later."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ainfluencer.core import collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_what_was_loaded_in_the_meantime_is_set_aside() -> None:
    collector.rest()
    assert not gc.isenabled()
    collector.wake()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_without_a_rest_nothing_is_set_aside() -> None:
    before = gc.get_freeze_count()
    collector.wake()
    assert gc.get_freeze_count() == before
