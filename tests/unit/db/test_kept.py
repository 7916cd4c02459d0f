"""Costly answers: a large one is remembered for some seconds, a small one never."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from unittest.mock import patch

import pytest

from ainfluencer.db import kept
from ainfluencer.db.kept import Kept


def counting(number: int, asked: list[int]) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        asked.append(number)
        return number + len(asked)

    return ask


@pytest.mark.parametrize(("number", "times"), [(10, 3), (1000, 1)])
async def test_only_large_answers_are_kept(number: int, times: int) -> None:
    store: Kept[str, int] = Kept(lambda found: found >= 1000)
    asked: list[int] = []
    for _ in range(3):
        await store.get("one", counting(number, asked))
    assert len(asked) == times


async def test_keys_do_not_share() -> None:
    store: Kept[str, int] = Kept(lambda _: True)
    assert await store.get("one", counting(1, [])) == await store.get("one", counting(50, []))
    assert await store.get("two", counting(50, [])) == 51


async def test_it_grows_old() -> None:
    store: Kept[str, int] = Kept(lambda _: True)
    first = await store.get("one", counting(1, []))
    later = monotonic() + kept.SECONDS + 1
    with patch("ainfluencer.db.kept.monotonic", return_value=later):
        assert await store.get("one", counting(50, [])) != first
