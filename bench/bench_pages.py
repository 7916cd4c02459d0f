"""Reads of pages and API with 50 people at once over years of content."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import httpx
from instances import running
from seeding import seed

PATHS = (
    "/api/v2/health",
    "/api/v2/auth/me",
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
    "/studio",
    "/channels",
    "/stage",
    "/inbox",
    "/insights",
)
USERS = 50
LOOKS_SECONDS = (2.0, 6.0)  # a person looks at a page before the next one


class Times:
    """Milliseconds of every answer by path, and how many were no answer."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = defaultdict(list)
        self.bad = 0

    async def get(self, client: httpx.AsyncClient, path: str) -> None:
        """Ask once."""
        started = time.perf_counter()
        answer = await client.get(path)
        self.took[path].append((time.perf_counter() - started) * 1000)
        self.bad += answer.status_code != 200

    def summary(self) -> dict[str, object]:
        """Over all, and p95 by path."""
        every = [one for took in self.took.values() for one in took]
        return {
            **_cuts(every), "n": len(every), "bad": self.bad, "p95_by_path": {p: _cuts(self.took[p])["p95"] for p in PATHS}
        }  # fmt: skip


def _cuts(took: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


async def _person(client: httpx.AsyncClient, dice: random.Random, until: float, times: Times) -> None:
    await asyncio.sleep(dice.uniform(0, LOOKS_SECONDS[1]))
    while time.perf_counter() < until:
        await times.get(client, dice.choice(PATHS))
        await asyncio.sleep(dice.uniform(*LOOKS_SECONDS))


async def _measure(url: str, key: str, seconds: float) -> dict[str, object]:
    limits = httpx.Limits(max_connections=USERS, max_keepalive_connections=USERS)
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/html,application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=30, trust_env=False) as client:
        for path in PATHS:
            await client.get(path)
        alone, people, crowd = Times(), Times(), Times()
        for path in PATHS:
            for _ in range(20):
                await alone.get(client, path)
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_person(client, random.Random(n), until, people) for n in range(USERS)))
        for path in PATHS:
            await asyncio.gather(*(crowd.get(client, path) for _ in range(USERS)))
        started = time.perf_counter()
        await asyncio.gather(*(crowd.get(client, random.Random(n).choice(PATHS)) for n in range(USERS * 4)))
        per_second = USERS * 4 / (time.perf_counter() - started)
    return {
        "one_person": alone.summary(),
        "people": people.summary(),
        "all_in_the_same_instant": crowd.summary(),
        "answers_per_second": round(per_second, 1),
    }


def main() -> None:
    """Print one line."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--seconds", type=float, default=60)
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
