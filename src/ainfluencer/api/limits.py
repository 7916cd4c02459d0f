"""How often: a sliding window per group of routes and caller, in the memory of each process (N processes allow N times).

That stops guessed passwords and runaway scripts; what costs a platform's patience is limited where it happens.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request
from starlette.types import Scope

from ainfluencer.core.clock import from_now
from ainfluencer.core.errors import LimitReached

PERIOD_SECONDS = 60

PER_MINUTE: dict[str, int] = {
    "general": 6000,
    "register": 5,
    "login": 10,
    "refresh": 30,
    "mail": 3,
    "image": 10,
    "text": 20,
    "video": 5,
    "face": 30,
    "posting": 5,
    "engagement": 20,
}
"""Limits per minute by group, general ones for everything under /api (per address)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a caller stands with one group. Both times are whole seconds from now."""

    group: str
    limit: int
    remaining: int
    reset_seconds: int
    refused: bool = False

    def headers(self) -> dict[str, str]:
        """What every limited answer carries."""
        said = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_seconds),
        }
        return said | {"Retry-After": str(self.reset_seconds)} if self.refused else said


@dataclass(slots=True)
class Limits:
    """The counters of one process. `ticks` is a monotonic clock in seconds (tests bring their own)."""

    per_minute: dict[str, int] = field(default_factory=lambda: dict(PER_MINUTE))
    ticks: Callable[[], float] = time.monotonic
    _seen: dict[tuple[str, str], deque[list[int]]] = field(default_factory=dict)

    def hit(self, group: str, caller: str) -> Standing:
        """Count one call. A refused call is not counted, so that waiting always helps."""
        limit = self.per_minute[group]
        second = math.floor(self.ticks())
        calls = self._seen.setdefault((group, caller), deque())
        self._forget(calls, second)
        used = sum(count for _, count in calls)
        refused = used >= limit
        if not refused:
            self._count(calls, second)
        oldest = calls[0][0] if calls else second
        standing = Standing(group, limit, max(0, limit - used - 1), max(1, oldest + PERIOD_SECONDS - second), refused)
        if len(self._seen) > 10_000:
            self._sweep(second)
        return standing

    def clear(self, group: str, caller: str) -> None:
        """Forget what was counted, for example after a good password."""
        self._seen.pop((group, caller), None)

    @staticmethod
    def _count(calls: deque[list[int]], second: int) -> None:
        if calls and calls[-1][0] == second:
            calls[-1][1] += 1
        else:
            calls.append([second, 1])

    @staticmethod
    def _forget(calls: deque[list[int]], second: int) -> None:
        while calls and calls[0][0] <= second - PERIOD_SECONDS:
            calls.popleft()

    def _sweep(self, second: int) -> None:
        for key, calls in list(self._seen.items()):
            self._forget(calls, second)
            if not calls:
                del self._seen[key]


def address(scope: Scope) -> str:
    """The caller's address. Behind a proxy the server must be told which proxies to believe (uvicorn's option)."""
    client = scope.get("client")
    return str(client[0]) if client else "local"


def limits_of(request: Request) -> Limits:
    """The counters of this app; made on first use, replaceable through `app.state.limits`."""
    state = request.app.state
    if not hasattr(state, "limits"):
        state.limits = Limits()
    found: Limits = state.limits
    return found


def refuse(standing: Standing) -> LimitReached:
    """The refusal for a caller who asks too often."""
    return LimitReached(
        f"Too many requests: {standing.limit} a minute are allowed here.",
        f"Wait {standing.reset_seconds} seconds and try again.",
        code="too_many_requests",
        until=from_now(seconds=standing.reset_seconds),
    )


def hit(request: Request, group: str, caller: str = "") -> None:
    """Count a call of this request against `group`; `LimitReached` when it is one too many.

    `caller` is what is counted: the address when left out.
    """
    standing = limits_of(request).hit(group, caller or address(request.scope))
    request.state.rate_limit = standing
    if standing.refused:
        raise refuse(standing)


def limited(group: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency: `@router.post(..., dependencies=[Depends(limited("image"))])`.

    Counts per credential (session or key) where one is sent, else per address.
    """
    if group not in PER_MINUTE:
        msg = f"no such group of limits: {group}"
        raise ValueError(msg)

    async def count(request: Request) -> None:
        resolve = getattr(request.app.state, "resolve_actor", None)
        sent = "authorization" in request.headers or "cookie" in request.headers
        actor = await resolve(request) if resolve and sent else None
        hit(request, group, f"{actor.workspace_id}:{actor.user_id}" if actor else "")

    return count
