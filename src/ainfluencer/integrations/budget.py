"""How often one connection may be used: a token bucket per connection, kept in this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ainfluencer.core import clock

_KEEP = 4096  # connections whose state is remembered at once; the oldest idle ones are forgotten first


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `requests` in `seconds`, refilled evenly. `key` names the connection, such as a channel's id."""

    key: str
    requests: int
    seconds: float


@dataclass(slots=True)
class _State:
    tokens: float
    at: datetime
    blocked_until: datetime | None = None


_STATES: dict[str, _State] = {}


def take(budget: Budget) -> datetime | None:
    """Take one request out of the budget. Returns None, or the instant when there is one again."""
    now = clock.now()
    state = _state(budget, now)
    if state.blocked_until and state.blocked_until > now:
        return state.blocked_until
    rate = budget.requests / budget.seconds
    # A clock that was set back must not take tokens away.
    passed = max(0.0, (now - state.at).total_seconds())
    state.tokens, state.at = min(float(budget.requests), state.tokens + passed * rate), now
    if state.tokens < 1:
        return now + timedelta(seconds=(1 - state.tokens) / rate)
    state.tokens -= 1
    return None


def block(budget: Budget, until: datetime) -> None:
    """The service itself said when to come back: nothing goes out on this connection before."""
    _state(budget, clock.now()).blocked_until = until


def forget(key: str) -> None:
    """Start that connection's budget afresh (it was reconnected or removed)."""
    _STATES.pop(key, None)


def _state(budget: Budget, now: datetime) -> _State:
    if budget.key not in _STATES:
        if len(_STATES) >= _KEEP:
            del _STATES[next(iter(_STATES))]
        _STATES[budget.key] = _State(tokens=float(budget.requests), at=now)
    return _STATES[budget.key]
