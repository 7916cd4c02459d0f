"""Library filters over a million assets, straight through the query."""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from seeding import seed

from ainfluencer.accounts import service as accounts
from ainfluencer.core import config
from ainfluencer.db.session import Database, use_database
from ainfluencer.library import queries
from ainfluencer.library.schemas import Filter

FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "approved": {"state": "approved"},
    "approved and safe": {"state": "approved", "rating": "safe"},
    "one character": {"character_id": "?"},
    "one character, approved": {"character_id": "?", "state": "approved"},
    "score of 0.8 and more": {"min_score": 0.8},
    "best first": {"sort": "score"},
    "words": {"q": "picture 9999"},
}
RUNS = 40


async def _measure(data: Path) -> dict[str, dict[str, float]]:
    config.use(config.load(data=data))
    database = Database()
    use_database(database)
    out = {}
    async with database.reading() as session:
        actor = await accounts.cli_actor(session)
        some = (await queries.list_assets(session, actor, Filter())).items[0].character_id
    for name, wanted in FILTERS.items():
        chosen = Filter.model_validate({k: some if v == "?" else v for k, v in wanted.items()})
        took = []
        for _ in range(RUNS):
            started = time.perf_counter()
            async with database.reading() as session:
                await queries.list_assets(session, actor, chosen)
            took.append((time.perf_counter() - started) * 1000)
        cuts = statistics.quantiles(took, n=100)
        out[name] = {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1)}
    await database.close()
    return out


def main() -> None:
    """Print one line."""
    options = argparse.ArgumentParser()
    options.add_argument("--data", type=Path)
    options.add_argument("--assets", type=int, default=1_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as room:
        data = chosen.data or Path(room) / "data"
        seed(data, assets=chosen.assets, posts=0)
        print(json.dumps({"bench": "library", "assets": chosen.assets, "milliseconds": asyncio.run(_measure(data))}))


if __name__ == "__main__":
    main()
