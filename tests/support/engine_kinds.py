"""Kinds of jobs for tests of the engine. What they did is written to a file, one word a line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ainfluencer.core import clock
from ainfluencer.core.errors import Rejected, Unreachable
from ainfluencer.engine import jobs
from ainfluencer.engine.jobs import JobRun, Later


def note(run: JobRun, word: str) -> None:
    with Path(run.payload["file"]).open("a", encoding="utf-8") as out:
        out.write(word + "\n")


@jobs.job("test.echo", title="Echo")
async def echo(run: JobRun) -> dict[str, Any]:
    late = (clock.now() - run.run_at).total_seconds()
    await run.log("info", "heard", late=late)
    await run.usage(prompt_tokens=3)
    return {"word": run.payload.get("word", ""), "late": late}


@jobs.job("test.quiet", background=True)
async def quiet(run: JobRun) -> dict[str, Any]:
    """Happens by itself and often."""
    return {"attempt": run.attempt}


@jobs.job("test.parcel", queue="publish")
async def parcel(run: JobRun) -> dict[str, Any]:
    """One after the other within a partition."""
    return {"attempt": run.attempt}


@jobs.job("test.slow", queue="make")
async def slow(run: JobRun) -> None:
    """Long work that a crash begins anew; it skips what its file says is done."""
    note(run, f"begun {run.attempt}")
    for step in range(run.payload.get("steps", 100)):
        await run.progress(step / 100, f"Step {step}")
        await asyncio.sleep(0.05)
    note(run, f"done {run.attempt}")


_TOGETHER: dict[str, tuple[list[str], asyncio.Event]] = {}  # by file: who has begun, and whether enough have


@jobs.job("test.together", queue="write")
async def together(run: JobRun) -> None:
    """Ends when as many have begun as are wanted; alone it would wait in vain."""
    note(run, "begun")
    begun, are_all = _TOGETHER.setdefault(run.payload["file"], ([], asyncio.Event()))
    begun.append(run.id)
    if len(begun) >= run.payload["wanted"]:
        are_all.set()
    await are_all.wait()
    await asyncio.sleep(0.3)  # another one that is let in too would be seen
    note(run, "done")


@jobs.job("test.stubborn")
async def stubborn(run: JobRun) -> None:
    """Never looks whether it is wanted."""
    note(run, "begun")
    try:
        await asyncio.sleep(30)
    except asyncio.CancelledError:
        note(run, "stopped")
        raise


@jobs.job("test.fails")
async def fails(run: JobRun) -> None:
    match run.payload["how"]:
        case "bug":
            raise KeyError("secret-inside")
        case "refused":
            raise Rejected("pier", "Not like this.")
        case "away" if run.failures == 0:
            raise Unreachable("pier", "Nobody there.")
        case "later" if run.attempt == 1:
            raise Later.in_(0.2, "In a moment")


@jobs.job("test.owned", owned="post")
async def owned(run: JobRun) -> None:
    await asyncio.sleep(0)


@jobs.format_of("test.echo", "txt", mime="text/plain", suffix=".txt")
async def as_text(session: object, actor: object, job: Any) -> bytes:
    return str(job.result["word"]).encode()
