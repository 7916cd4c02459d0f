"""Answers that cost more than they are worth fresh: counts over a great many rows, a few seconds old."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

SECONDS = 10.0
_MOST = 2000


class Kept(Generic[K, V]):
    """Remembers an answer in this process for `SECONDS` if `is_large(answer)`; a small one is asked again every time.

    The key must hold everything that the answer depends on, the workspace first of all.
    """

    def __init__(self, is_large: Callable[[V], bool]) -> None:
        self._is_large = is_large
        self._known: dict[K, tuple[float, V]] = {}

    async def get(self, key: K, ask: Callable[[], Awaitable[V]]) -> V:
        """The answer for a key, asked for when none is known that is young enough."""
        until, value = self._known.get(key, (0.0, None))
        if value is not None and monotonic() < until:
            return value
        found = await ask()
        if self._is_large(found):
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (monotonic() + SECONDS, found)
        return found
