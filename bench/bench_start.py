"""From nothing in memory to the first page, on an empty data folder and on a used one; and what a short command costs.

    python bench/bench_start.py [--runs 5]

Prints one JSON line. Seconds are of the clock; `cpu` is what the processor worked for it, which a busy machine changes
least. The memory is that of the whole product before a model is used. Run it where the set-up was run: without the
bytecode that it leaves behind, Python translates every file anew at each start.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import psutil
from instances import running


def start(data: Path) -> dict[str, float]:
    """One start: until it answers, until its first page is there, and what it took."""
    with running(data) as (url, _key, pid, answered):
        began = time.perf_counter()
        httpx.get(url, follow_redirects=True, trust_env=False).raise_for_status()
        page = answered + time.perf_counter() - began
        process = psutil.Process(pid)
        spent = process.cpu_times()
        return {
            "answered": answered,
            "page": page,
            "cpu": spent.user + spent.system,
            "mb": process.memory_info().rss / 1e6,
        }


def command(*words: str) -> float:
    """Seconds of the processor for one command."""
    process = psutil.Popen([sys.executable, "-m", "ainfluencer", *words], stdout=subprocess.DEVNULL)
    before = psutil.Process().cpu_times()
    process.wait()
    after = psutil.Process().cpu_times()
    return float(after.children_user + after.children_system - before.children_user - before.children_system)


def main(runs: int) -> None:
    """Print one line."""
    with tempfile.TemporaryDirectory() as room:
        data = Path(room) / "data"
        first = start(data)
        starts = [start(data) for _ in range(runs)]
        figures: dict[str, Any] = {name: [one[name] for one in starts] for name in first}
        commands = {
            "version": min(command("--version") for _ in range(runs)),
            "job_list": min(command("--data", str(data), "job", "list") for _ in range(runs)),
        }
    print(
        json.dumps(
            {
                "bench": "start",
                "first_start_seconds": round(first["page"], 2),
                "first_page_seconds": {"min": round(min(figures["page"]), 2), "median": _median(figures["page"])},
                "answer_seconds": {"min": round(min(figures["answered"]), 2), "median": _median(figures["answered"])},
                "cpu_seconds": {"min": round(min(figures["cpu"]), 2), "median": _median(figures["cpu"])},
                "resident_mb": round(statistics.median(figures["mb"])),
                "command_cpu_seconds": {name: round(seconds, 2) for name, seconds in commands.items()},
            }
        )
    )


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    main(parser.parse_args().runs)
