"""Reads of pages and API with 50 people at once over years of content."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from instances import running
from seeding import seed

PATHS = (
    "/api/v2/health",
    "/api/v2/characters",
    "/api/v2/assets?limit=60",
    "/api/v2/assets?state=approved&rating=safe&limit=60",
    "/api/v2/posts?limit=50",
    "/api/v2/posts?state=in_review&limit=50",
    "/api/v2/jobs",
    "/",
    "/library",
    "/posts",
    "/calendar",
    "/characters",
)
USERS = 50


async def _user(client: httpx.AsyncClient, path: str, until: float, took: list[float], bad: list[int]) -> None:
    while time.perf_counter() < until:
        started = time.perf_counter()
        answer = await client.get(path)
        took.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            bad.append(answer.status_code)
        await asyncio.sleep(0.5)  # a person looks at what they got


async def _measure(url: str, key: str, seconds: float) -> dict[str, dict[str, float]]:
    out = {}
    limits = httpx.Limits(max_connections=USERS, max_keepalive_connections=USERS)
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/html,application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30, trust_env=False) as client:
        for path in PATHS:
            await client.get(path)
            took: list[float] = []
            bad: list[int] = []
            until = time.perf_counter() + seconds
            await asyncio.gather(*(_user(client, path, until, took, bad) for _ in range(USERS)))
            cuts = statistics.quantiles(took, n=100)
            out[path] = {
                "n": len(took), "p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1), "bad": len(bad)
            }  # fmt: skip
    return out


def main() -> None:
    """Print one line."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--assets", type=int, default=100_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as room:
        data = chosen.data or Path(room) / "data"
        seed(data, assets=chosen.assets)
        with running(data) as (url, key, _pid, _took):
            found = asyncio.run(_measure(url, key, chosen.seconds))
    print(json.dumps({"bench": "pages", "users": USERS, "milliseconds": found}))


if __name__ == "__main__":
    main()
