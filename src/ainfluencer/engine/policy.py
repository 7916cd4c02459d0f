"""What follows from each kind of failure. One table; the job runner and the deliveries both ask it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import OperationalError

from ainfluencer.core import clock, errors
from ainfluencer.core.faults import DISK_FULL, MEANWHILE, READ_ONLY, fault_of


class Action(StrEnum):
    """What is done about a failure."""

    RETRY = "retry"  # nothing happened outside: try again later
    SETTLE = "settle"  # something may have happened: ask before anything else
    PAUSE = "pause"  # the connection needs its owner; nothing else goes out through it
    STOP = "stop"  # the same request would fail again


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `waits` in seconds; the last one repeats until `tries` failures."""

    action: Action
    waits: tuple[int, ...] = ()
    tries: int = 1


_STOP = Rule(Action.STOP)

RULES: dict[type[Exception], Rule] = {
    errors.RateLimited: Rule(Action.RETRY, (60, 120, 300, 900), tries=20),
    errors.Unreachable: Rule(Action.RETRY, (5, 15, 60, 300, 900), tries=8),
    errors.LimitReached: Rule(Action.RETRY, (60, 300, 900), tries=20),
    errors.OutcomeUnknown: Rule(Action.SETTLE, (20, 60, 180), tries=5),
    errors.LoginExpired: Rule(Action.PAUSE),
    errors.NotConnected: Rule(Action.PAUSE),
    errors.PermissionMissing: Rule(Action.PAUSE),
    errors.Rejected: _STOP,
    errors.Unsupported: _STOP,
    errors.UnexpectedReply: _STOP,
    errors.PolicyRefused: _STOP,
    errors.Conflict: _STOP,
    errors.NotFound: _STOP,
    errors.NotAllowed: _STOP,
    errors.NotSignedIn: _STOP,
    errors.InvalidInput: _STOP,
    errors.OutsideError: _STOP,
    errors.ProductError: _STOP,
    OperationalError: Rule(Action.RETRY, (1, 3, 10, 30), tries=6),  # the database was busy or away for a moment
}
_MEANWHILE = Rule(Action.RETRY, (1, 3, 10), tries=4)  # the one that came first is found then
_NO_ROOM = Rule(Action.RETRY, (5, 15, 60, 300, 900), tries=20)  # until somebody has made room, or three hours


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now: the action, and for a retry or a settlement when."""

    action: Action
    at: datetime | None = None


def rule_for(error: BaseException) -> Rule:
    """The row of the nearest class; an unknown exception is a fault of ours and stops."""
    fault = fault_of(error)
    if fault in {DISK_FULL, READ_ONLY}:
        return _NO_ROOM
    if fault is MEANWHILE:
        return _MEANWHILE
    for kind in type(error).__mro__:
        if kind in RULES:
            return RULES[kind]
    return _STOP


def decide(error: BaseException, failures: int) -> Decision:
    """What follows from `error` when `failures` tries (this one included, from 1) have failed.

    A date that the other side named wins over our own waiting times. When the tries are used up, a retry becomes
    a stop; a settlement stays a settlement without a date: a person decides.
    """
    rule = rule_for(error)
    if rule.action in {Action.STOP, Action.PAUSE}:
        return Decision(rule.action)
    if failures >= rule.tries:
        return Decision(Action.STOP if rule.action is Action.RETRY else Action.SETTLE)
    at = clock.now() + timedelta(seconds=rule.waits[min(failures, len(rule.waits)) - 1])
    until: datetime | None = getattr(error, "until", None)
    return Decision(rule.action, max(at, until) if until and until > at else (until or at))


def describe(error: BaseException) -> dict[str, Any]:
    """The error as it is stored with a job: code, detail, next_step. A fault of ours never shows its inside."""
    if isinstance(error, errors.ProductError):
        return {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    if (fault := fault_of(error)) is not None:
        return {"code": fault.code, "detail": fault.detail, "next_step": fault.next_step}
    return {
        "code": "internal_error",
        "detail": f"Something in the product failed ({type(error).__name__}).",
        "next_step": "Retry once; if it fails again, report it with the log of this run.",
    }
