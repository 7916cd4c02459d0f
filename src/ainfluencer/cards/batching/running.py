"""Runs a batch in several processes. A file that takes its process down is refused; the rest goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

from ainfluencer.cards.batching import actions
from ainfluencer.cards.batching.actions import Order, Task

AHEAD = 8  # files handed to each process before their turn


def rows(order: Order, tasks: Sequence[Task], workers: int) -> Iterator[dict[str, Any]]:
    """The row of every task, as they are done. One worker means: in this process."""
    if workers <= 1:
        yield from (actions.do(order, task) for task in tasks)
        return
    left = deque(tasks)
    while left:
        suspects = yield from _pooled(order, left, workers)
        for task in suspects:  # one of them ended the processes: each gets one of its own
            yield _alone(order, task)


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn" if os.name == "nt" else "forkserver")
    if os.name != "nt":
        context.set_forkserver_preload([actions.__name__])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts)


def _leave_interrupts() -> None:
    """Ctrl-C is for the process that holds the ledger."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _pooled(order: Order, left: deque[Task], workers: int) -> Generator[dict[str, Any], None, list[Task]]:
    """Work until nothing is left or a process ends by itself; returns the tasks that were under way then."""
    pool = _pool(workers)
    running: dict[Future[dict[str, Any]], Task] = {}
    try:
        while left or running:
            while left and len(running) < workers * AHEAD:
                running[pool.submit(actions.do, order, left[0])] = left[0]
                left.popleft()
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                row = future.result()
                del running[future]
                yield row
    except BrokenProcessPool:
        return list(running.values())
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return []


def _alone(order: Order, task: Task) -> dict[str, Any]:
    with _pool(1) as pool:
        try:
            return pool.submit(actions.do, order, task).result()
        except BrokenProcessPool:
            detail = "The process that worked on it was ended by the system, most likely for its use of memory."
            told = {"code": "crashed", "detail": detail, "next_step": "Look at this file alone."}
            return {"file": task.file, "ok": False, "error": told}


@dataclass(slots=True)
class Summary:
    """The counts of a batch. `skipped` were done by an earlier run and count in the others too."""

    total: int = 0
    ok: int = 0
    refused: int = 0
    skipped: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    losses: Counter[str] = field(default_factory=Counter)
    _scores: list[int] = field(default_factory=list)

    def add(self, row: dict[str, Any], *, is_old: bool = False) -> None:
        """Count one row."""
        self.total += 1
        self.skipped += is_old
        self.ok += row["ok"]
        self.refused += not row["ok"]
        if row["error"]:
            self.codes[row["error"]["code"]] += 1
        self.findings.update({one["code"] for one in row.get("findings", ())})
        self.fixed.update(row.get("fixed", ()))
        self.losses.update({one["field"] for one in row.get("losses", ())})
        if "score" in row:
            self._scores.append(row["score"])

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it; the score is the mean, None where nothing was scored."""
        score = round(sum(self._scores) / len(self._scores), 1) if self._scores else None
        counts = {"total": self.total, "ok": self.ok, "refused": self.refused, "skipped": self.skipped, "score": score}
        most = {"refusals": self.codes, "findings": self.findings, "fixed": self.fixed, "losses": self.losses}
        return counts | {name: dict(counted.most_common(20)) for name, counted in most.items()}
