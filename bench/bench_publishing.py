"""Lateness of deliveries: 10,000 wait, 20 fall due each second for 30 seconds, on 200 channels over real HTTP.

    python bench/bench_publishing.py [--pending 10000] [--rate 20] [--seconds 30] [--database-url postgresql://…]

Prints one JSON line: seconds from due to the begin of the call and to the recorded publication, p50, p99 and worst.
The platform is a double in this same process, so its work is part of what is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from sqlalchemy import func, insert, select

from ainfluencer.accounts.models import Workspace
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.core.ids import new_id
from ainfluencer.db.base import Base
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database
from ainfluencer.engine.models import Job
from ainfluencer.engine.run import pack_actor
from ainfluencer.engine.runtime import Engine
from ainfluencer.publishing import content
from ainfluencer.publishing.models import Approval, Attempt, Delivery, Post, Variant
from tests.support import doubles, posting
from tests.support.doubles import Platform

CHANNELS = 200
WARM_UP = 8


async def main(pending: int, rate: int, seconds: int, url: str) -> None:
    """Seed, run the engine, report."""
    load_all()
    doubles.install()
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), data=Path(folder), database_url=url, allow_private_urls=True)
        db = Database(config.use(settings))
        use_database(db)
        async with db.engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        platform = Platform()
        async with platform.server:
            actor, channels, mira = await world(db, platform)
            begun = time.perf_counter()
            start = clock.now() + timedelta(seconds=WARM_UP + pending / 2500)
            await seed(db, actor, mira, channels, start, pending, rate * seconds, rate)
            seeded = time.perf_counter() - begun
            engine = Engine()
            await engine.start()
            end = start + timedelta(seconds=seconds)
            cpu = psutil.Process().cpu_times()
            await asyncio.sleep((end - clock.now()).total_seconds() + 5)
            used = psutil.Process().cpu_times()
            await report(db, platform, rate * seconds, seeded, used.user + used.system - cpu.user - cpu.system)
            await engine.stop()
        await db.close()


async def world(db: Database, platform: Platform) -> tuple[Actor, list[str], str]:
    """A workspace with its channels and a character."""
    async with db.writing() as session:
        workspace = Workspace(name="Bench")
        session.add(workspace)
    actor = Actor(workspace_id=workspace.id, role=Role.OWNER, name="Bench")
    mira = await posting.add_character(db, actor)
    channels = [
        await posting.add_channel(db, actor, "pier", platform.url, account_key=f"c{n}") for n in range(CHANNELS)
    ]
    return actor, channels, mira


async def seed(db, actor, mira, channels, start, pending, due, rate) -> None:  # noqa: ANN001 - a script
    """Rows as the service writes them; 10,000 calls of it would be the bench of something else."""
    dice = random.Random(7)
    sample = await posting.add_post(db, actor, mira, [channels[0]])
    async with db.reading() as session:
        whole = await content.load(session, await session.get_one(Post, sample.id))
    rows: dict[type[Base], list[dict[str, object]]] = {m: [] for m in (Post, Variant, Approval, Delivery, Job)}
    owned = {"workspace_id": actor.workspace_id}
    for number in range(pending):
        at = start + timedelta(seconds=number / rate) if number < due else start + timedelta(days=1, seconds=number)
        channel, post, variant, made, job = dice.choice(channels), new_id(), new_id(), new_id(), new_id()
        caption = f"Post {number}"
        whole.post.caption = caption
        whole.variants[0][0].channel_id = channel
        hashed = whole.hash()
        rows[Post].append(
            {
                **owned,
                "id": post,
                "character_id": mira,
                "caption": caption,
                "state": "scheduled",
                "due_at": at,
                "content_hash": hashed,
            }
        )
        rows[Variant].append({**owned, "id": variant, "post_id": post, "channel_id": channel})
        rows[Approval].append({**owned, "post_id": post, "decision": "approved", "content_hash": hashed})
        rows[Delivery].append(
            {
                **owned,
                "id": made,
                "post_id": post,
                "variant_id": variant,
                "channel_id": channel,
                "platform": "pier",
                "due_at": at,
                "job_id": job,
            }
        )
        rows[Job].append(
            {
                **owned,
                "id": job,
                "kind": "publishing.deliver",
                "queue": "publish",
                "partition": channel,
                "payload": {"delivery_id": made, "rev": 1},
                "actor": pack_actor(actor),
                "run_at": at,
                "key": f"deliver:{made}:1",
            }
        )
    async with db.writing() as session:
        for model, values in rows.items():
            for begin in range(0, len(values), 1000):
                await session.execute(insert(model), values[begin : begin + 1000])


async def report(db: Database, platform: Platform, due: int, seeded: float, cpu: float) -> None:
    """One JSON line."""
    async with db.reading() as session:
        rows = (
            await session.execute(
                select(Delivery.due_at, Attempt.at, Delivery.published_at).join(
                    Attempt, Attempt.delivery_id == Delivery.id
                )
            )
        ).all()
        waiting = await session.scalar(select(func.count()).where(Delivery.state == "scheduled"))
    begun = sorted((row.at - row.due_at).total_seconds() for row in rows)
    done = sorted((row.published_at - row.due_at).total_seconds() for row in rows if row.published_at)
    texts = platform.texts()
    print(
        json.dumps(
            {
                "bench": "publishing",
                "due": due,
                "published": len(done),
                "twice": sum(1 for count in texts.values() if count > 1),
                "waiting": waiting,
                "early": sum(1 for value in begun if value < 0),
                "begin_p50": _at(begun, 0.5),
                "begin_p99": _at(begun, 0.99),
                "begin_worst": _at(begun, 1),
                "published_p50": _at(done, 0.5),
                "published_p99": _at(done, 0.99),
                "seed_seconds": round(seeded, 1),
                "cpu_seconds": round(cpu, 1),
                "rss_mb": psutil.Process().memory_info().rss // 1_000_000,
            }
        )
    )


def _at(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(len(values) * share))], 3) if values else None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pending", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args()
    asyncio.run(main(given.pending, given.rate, given.seconds, given.database_url))
