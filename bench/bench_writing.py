"""Words of the built-in model: tokens a second through the product's maker, beside llama.cpp itself in this process.

    python bench/bench_writing.py [--data ~/.ainfluencer] [--runs 7] [--tokens 200]

Prints one JSON line. Both sides have the same model, threads, prompt, seed and number of tokens, and take turns; the
first turn of each loads the model and is not counted. The product's side is what a draft goes through: its child
process, HTTP, the client with its limits, and the answer read. Needs the pack: ainfluencer models install smollm2
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.values import Link, TextRequest
from ainfluencer.makers.adapters.embedded import MANIFEST, adapter, process, serve

PROMPT = "Write a long diary of a ceramicist who lives by the harbour. Tell of every day of the year, one by one."


def raw_server(model: Path) -> Any:
    """llama.cpp with what the product gives its child."""
    os.environ.setdefault("GOMP_SPINCOUNT", serve.SPINS)
    import xllamacpp  # noqa: PLC0415 - it reads the line above when it is loaded

    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.n_ctx, params.n_parallel = process.CONTEXT * process.PARALLEL, process.PARALLEL
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = config.settings().text_threads
    params.port, params.ui, params.verbosity = 0, False, 1
    return xllamacpp.Server(params)


async def timed(write: Callable[[], Awaitable[int]]) -> tuple[int, float]:
    """Tokens, and seconds that they took."""
    began = time.perf_counter()
    return await write(), time.perf_counter() - began


async def main(data: Path, runs: int, tokens: int) -> None:
    """Take turns, and report."""
    config.use(replace(Settings(), data=data))
    link = Link(MANIFEST.slug, OutsideClient(MANIFEST.slug, ""), settings={}, secrets={}, folder=data / "models")
    model = adapter.model_file(link)
    server = raw_server(model)
    request = TextRequest(({"role": "user", "content": PROMPT},), max_tokens=tokens, temperature=0.0, seed=7)
    body: dict[str, Any] = {
        "messages": list(request.messages), "max_tokens": tokens, "temperature": 0.0, "top_p": request.top_p, "seed": 7
    }  # fmt: skip

    async def ours() -> int:
        made: Any = await adapter.ADAPTER.make(link, request)
        return int(made.completion_tokens)

    async def raw() -> int:
        answer: Any = await asyncio.to_thread(server.handle_chat_completions, body)
        return int(answer["usage"]["completion_tokens"])

    speeds: dict[str, list[float]] = {"ours": [], "raw": []}
    for number in range(runs + 1):
        for name, write in (("ours", ours), ("raw", raw)):
            made, seconds = await timed(write)
            if number:
                speeds[name].append(made / seconds)
    adapter.PROCESS.stop()
    await close_pools()
    ratios = [a / b for a, b in zip(speeds["ours"], speeds["raw"], strict=True)]
    print(
        json.dumps(
            {
                "bench": "writing",
                "model": model.stem,
                "tokens": tokens,
                "raw_tokens_per_second": round(statistics.median(speeds["raw"]), 1),
                "tokens_per_second": round(statistics.median(speeds["ours"]), 1),
                "share_of_raw": round(statistics.median(ratios), 3),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("~/.ainfluencer").expanduser())
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=200)
    asked = parser.parse_args()
    asyncio.run(main(asked.data, asked.runs, asked.tokens))
