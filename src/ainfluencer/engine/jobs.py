"""How a module declares durable work: kinds of jobs, subscriptions to events, periodic rounds, download formats."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import ainfluencer
from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput
from ainfluencer.engine.run import JobRun

__all__ = ["Format", "JobKind", "JobRun", "Later", "Round", "every", "format_of", "job", "kind_of", "on"]

QUEUES = ("make", "write", "publish", "light")

Work = Callable[[JobRun], Awaitable[dict[str, Any] | None]]
E_ = TypeVar("E_")


class Later(Exception):
    """Raised by a handler: put this job back and run it again, from its start, at `run_at` (aware UTC)."""

    def __init__(self, run_at: datetime, message: str = "") -> None:
        super().__init__(message)
        self.run_at = run_at
        self.message = message

    @classmethod
    def in_(cls, seconds: float, message: str = "") -> Later:
        """Run again in that many seconds."""
        return cls(clock.from_now(seconds=seconds), message)


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered kind of work. `owned` jobs are moved and cancelled only through what they belong to.

    `background` work happens by itself and often; lists of jobs show it only when it is asked for.
    """

    name: str
    queue: str
    title: str
    work: Work
    owned: str = ""  # such as "post": the thing whose page offers cancel and retry
    background: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """Something that every executing instance does every so often; it must be safe to do twice."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Format:
    """One download format of a kind's result: makes the bytes from the job's result."""

    name: str
    mime: str
    suffix: str | Callable[[Any], str]  # or what the job's result makes of it
    make: Callable[..., Awaitable[bytes]]  # (session, actor, job) -> bytes


KINDS: dict[str, JobKind] = {}
SUBSCRIBERS: dict[type[Any], list[str]] = {}
ROUNDS: dict[str, Round] = {}
FORMATS: dict[str, dict[str, Format]] = {}


def job(
    name: str, *, queue: str = "light", title: str = "", owned: str = "", background: bool = False
) -> Callable[[Work], Work]:
    """Register `async def handler(run: JobRun) -> dict | None` as a kind of job.

    A handler is run again FROM ITS START after a crash: it reads its own rows and skips what is done.
    Queues: "make" (CPU models, one at a time), "write" (long texts, three at a time), "publish" (one at a time per partition), "light" (several).
    """
    assert_known_queue(queue)

    def register(work: Work) -> Work:
        KINDS[name] = JobKind(name, queue, title or name, work, owned, background)
        return work

    return register


def on(
    event: type[E_], *, queue: str = "light", background: bool = False
) -> Callable[[Callable[[JobRun, E_], Awaitable[Any]]], Any]:
    """Subscribe `async def handler(run, event)`: it becomes a job in the same transaction that records the event."""

    def register(handler: Callable[[JobRun, E_], Awaitable[Any]]) -> Any:
        name = f"{handler.__module__.removeprefix('ainfluencer.').removesuffix('.jobs')}.{handler.__name__}"

        async def work(run: JobRun) -> dict[str, Any] | None:
            answer: dict[str, Any] | None = await handler(run, event(**run.payload))
            return answer

        title = handler.__name__.replace("_", " ").capitalize()
        KINDS[name] = JobKind(name, queue, title, work, background=background)
        known = SUBSCRIBERS.setdefault(event, [])
        if name not in known:
            known.append(name)
        return handler

    return register


def every(name: str, *, seconds: float) -> Callable[[Callable[[], Awaitable[None]]], Callable[[], Awaitable[None]]]:
    """Register `async def round()` to be run at start and then every so many seconds, by one executing process.

    It enqueues jobs with keys (for instance one per channel and time bucket), so that doing it twice changes nothing.
    """

    def register(work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        ROUNDS[name] = Round(name, seconds, work)
        return work

    return register


def format_of(
    kind: str, name: str, *, mime: str, suffix: str | Callable[[Any], str]
) -> Callable[[Callable[..., Awaitable[bytes]]], Any]:
    """Register `async def make(session, actor, job) -> bytes` as a download format of that kind of job."""

    def register(make: Callable[..., Awaitable[bytes]]) -> Any:
        FORMATS.setdefault(kind, {})[name] = Format(name, mime, suffix, make)
        return make

    return register


def kind_of(name: str) -> JobKind:
    """The registered kind, or `InvalidInput`. A process that only enqueues loads the module when it is asked for."""
    if name not in KINDS:
        _load(name.partition(".")[0])
    try:
        return KINDS[name]
    except KeyError:
        raise InvalidInput(
            f"There is no kind of job called “{name[:80]}”.", "This is ours to mend: report it."
        ) from None


def formats_of(kind: str) -> dict[str, Format]:
    """The download formats of a kind by their names. A process that only serves pages loads the module for it."""
    if kind not in KINDS:
        _load(kind.partition(".")[0])
    return FORMATS.get(kind, {})


def assert_known_queue(queue: str) -> None:
    """`InvalidInput` unless the queue exists."""
    if queue not in QUEUES:
        raise InvalidInput(f"There is no queue called “{queue}”.", f"Use one of {', '.join(QUEUES)}.")


@cache
def load_all() -> None:
    """Import `ainfluencer.<module>.jobs` of every module that has one, so that its kinds and subscriptions are known."""
    for info in pkgutil.iter_modules(ainfluencer.__path__):
        if info.ispkg and info.name != "engine":
            _load(info.name)


def _load(module: str) -> None:
    # By its file: asking the import system whether the module exists would import its package first.
    if module.isidentifier() and any((Path(home) / module / "jobs.py").is_file() for home in ainfluencer.__path__):
        importlib.import_module(f"ainfluencer.{module}.jobs")
