"""What the engine does after each kind of error."""

from __future__ import annotations

import errno

import pytest

from ainfluencer.core import clock, errors
from ainfluencer.engine import policy
from ainfluencer.engine.policy import Action


def _every_error() -> list[type[errors.ProductError]]:
    found, todo = [], [errors.ProductError]
    while todo:
        kind = todo.pop()
        if kind.__module__ == errors.__name__:
            found.append(kind)
            todo += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", _every_error(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_row(kind: type[errors.ProductError]) -> None:
    assert kind in policy.RULES


@pytest.mark.parametrize(
    ("error", "failures", "action"),
    [
        (errors.Unreachable("x", "away"), 1, Action.RETRY),
        (errors.Unreachable("x", "away"), 8, Action.STOP),
        (errors.OutcomeUnknown("x", "lost"), 1, Action.SETTLE),
        (errors.LoginExpired("x", "old"), 1, Action.PAUSE),
        (errors.Rejected("x", "no"), 1, Action.STOP),
        (KeyError("bug"), 1, Action.STOP),
    ],
)
def test_what_follows(error: Exception, failures: int, action: Action) -> None:
    assert policy.decide(error, failures).action is action


def test_unknown_outcome_never_becomes_a_retry() -> None:
    decision = policy.decide(errors.OutcomeUnknown("x", "lost"), 99)
    assert (decision.action, decision.at) == (Action.SETTLE, None)


def test_a_named_date_wins() -> None:
    soon, late = clock.from_now(seconds=2), clock.from_now(hours=3)
    for until in (soon, late):
        assert policy.decide(errors.RateLimited("x", "wait", until=until), 1).at == until


def test_waiting_grows() -> None:
    waits = [policy.decide(errors.Unreachable("x", "away"), n).at for n in (1, 2, 3)]
    assert waits == sorted(at for at in waits if at)


def test_a_fault_of_ours_keeps_its_inside() -> None:
    assert "token=abc" not in str(policy.describe(ValueError("token=abc")))
    assert policy.describe(OSError(errno.ENOSPC, "full"))["code"] == "disk_full"


def test_a_full_disk_is_waited_for_longer_than_a_coffee_break() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert all(policy.decide(full, failures).action is Action.RETRY for failures in range(1, 20))
    assert policy.decide(full, 20).action is Action.STOP
