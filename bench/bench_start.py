"""From nothing in memory to the first answer, on an empty data folder and on a used one; and the memory it takes."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import psutil
from instances import running

RUNS = 5


def main() -> None:
    """Print one line."""
    seconds, resident, first = [], [], 0.0
    with tempfile.TemporaryDirectory() as room:
        for number in range(RUNS + 1):
            with running(Path(room) / "data") as (_url, _key, pid, took):
                if number == 0:
                    first = took
                    continue
                seconds.append(took)
                resident.append(psutil.Process(pid).memory_info().rss / 1e6)
    print(
        json.dumps(
            {
                "bench": "start",
                "first_start_seconds": round(first, 2),
                "start_seconds": [round(s, 2) for s in sorted(seconds)],
                "median_seconds": round(statistics.median(seconds), 2),
                "resident_mb": round(statistics.median(resident)),
            }
        )
    )


if __name__ == "__main__":
    main()
