"""Wakes the engine of this process, if one runs: there is new work, or some work is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable

_WORK: list[Callable[[], None]] = []
_STOP: list[Callable[[str], None]] = []


def listen(work: Callable[[], None], stop: Callable[[str], None]) -> None:
    """The executing engine says whom to wake."""
    _WORK[:] = [work]
    _STOP[:] = [stop]


def also(work: Callable[[], None]) -> None:
    """Wake somebody else too (the workers in other processes)."""
    _WORK.append(work)


def forget() -> None:
    """The engine has stopped."""
    _WORK.clear()
    _STOP.clear()


def work() -> None:
    """A job was added or moved; without an engine here, the sweeper of another process finds it."""
    for call in _WORK:
        call()


def wake() -> None:
    """Another process says so: wake only the engine here."""
    for call in _WORK[:1] if _STOP else ():
        call()


def stop(job_id: str) -> None:
    """A job was cancelled; its handler, if it runs here, is stopped at once."""
    for call in _STOP:
        call(job_id)
