"""A library of 10,000 cards: files brought in a second, and how long every search and filter takes."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import statistics
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_cards import WORDS, prose
from sqlalchemy import func, insert, select

from ainfluencer.accounts import service as accounts
from ainfluencer.cards import service
from ainfluencer.cards.library import kinship, listing
from ainfluencer.cards.library.schemas import Filter
from ainfluencer.cards.models import CardRow, CardTag, CardText
from ainfluencer.core import config
from ainfluencer.core.ids import new_id
from ainfluencer.db import revisions
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database

NAMES = [
    f"{first}{last}" for first in ("Mi", "Jo", "Ke", "Al", "Is", "To") for last in ("ra", "no", "stan", "ola", "wen")
]
TAGS = ("fantasy", "mystery", "romance", "original", "drama", "comedy", "sea", "school", "horror", "female", "male")
FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "by name": {"sort": "name"},
    "best first": {"sort": "score"},
    "fewest tokens": {"sort": "tokens"},
    "one word": {"q": "lighthousekeeper"},
    "a common word": {"q": "harbour"},
    "two letters": {"q": "la"},
    "three words": {"q": "copper rain window"},
    "one tag": {"tag": ("sea",)},
    "two tags and words": {"tag": ("sea", "drama"), "q": "garden"},
    "one creator": {"creator": "maker 7"},
    "with lore, score 90, safe": {"has_lorebook": True, "min_score": 90, "rating": "safe"},
    "nothing matches": {"q": "zebra"},
}
RUNS = 30


def files(number: int) -> Iterator[tuple[str, bytes]]:
    """Cards as they come: two thirds pictures (small ones, for pixels are not what is measured), one third JSON."""
    dice = random.Random(7)
    for place in range(number):
        entries = [
            {"keys": [dice.choice(WORDS)], "content": prose(dice, 40), "extensions": {}, "enabled": True}
            | {"insertion_order": order}
            for order in range(dice.choice((0, 0, 3, 12)))
        ]
        data: dict[str, Any] = {
            "name": f"{dice.choice(NAMES)} {dice.choice(NAMES)}",
            "description": prose(dice, dice.choice((80, 200, 500))) + (" lighthousekeeper" if place % 97 == 0 else ""),
            "personality": prose(dice, 20),
            "scenario": prose(dice, 30),
            "first_mes": prose(dice, 90),
            "mes_example": "",
            "tags": dice.sample(TAGS, 4),
            "creator": f"maker {dice.randrange(40)}",
            "extensions": {},
        }
        if entries:
            data["character_book"] = {"extensions": {}, "entries": entries}
        text = json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}).encode()
        yield (f"{place}.json", text) if place % 3 == 0 else (f"{place}.png", picture(dice, text))


def picture(dice: random.Random, text: bytes) -> bytes:
    """A PNG of 48×64 random pixels with a card in it."""
    rows = b"".join(b"\0" + dice.randbytes(48 * 3) for _ in range(64))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 48, 64, 8, 2, 0, 0, 0)), (b"tEXt", b"chara\0" + base64.b64encode(text))]
    chunks += [(b"IDAT", zlib.compress(rows, 1)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


async def _bring(database: Database, number: int) -> dict[str, float]:
    """Bring them in as an import does, in transactions of sixteen; files a second, and a second of processor time."""
    async with database.reading() as session:
        actor = await accounts.cli_actor(session)
    made, started, used = list(files(number)), time.perf_counter(), time.process_time()
    for at in range(0, number, 16):
        examined = [service.examine(data, name) for name, data in made[at : at + 16]]
        async with database.writing() as session:
            await service.keep_many(session, actor, examined, on_same=service.OnSame.SKIP)
    return {
        "files_per_second": round(number / (time.perf_counter() - started), 1),
        "files_per_cpu_second": round(number / (time.process_time() - used), 1),
    }


async def _multiply(database: Database, number: int) -> int:
    """Copy what was brought in until there are so many cards: rows, tags and words, each under an id of its own."""
    async with database.writing() as session:
        cards, tags, texts = [
            [dict(row) for row in (await session.execute(select(table.__table__))).mappings()]
            for table in (CardRow, CardTag, CardText)
        ]
        for at in range(len(cards), number, len(cards)):
            some = cards[: number - at]
            ids = {card["id"]: new_id() for card in some}
            await session.execute(insert(CardRow), [card | {"id": ids[card["id"]]} for card in some])
            for table, rows in ((CardTag, tags), (CardText, texts)):
                mine = [row for row in rows if row["card_id"] in ids]
                copies = [row | {"id": new_id(), "card_id": ids[row["card_id"]]} for row in mine]
                await session.execute(insert(table), copies)
        return int(await session.scalar(select(func.count(CardRow.id))) or 0)


async def _ask(database: Database) -> dict[str, dict[str, float]]:
    async with database.reading() as session:
        actor = await accounts.cli_actor(session)
    out = {}
    for name, wanted in FILTERS.items():
        took, found, used = [], 0, time.process_time()
        for _ in range(RUNS):
            started = time.perf_counter()
            async with database.reading() as session:
                found = len((await listing.list_cards(session, actor, Filter.model_validate(wanted))).items)
            took.append((time.perf_counter() - started) * 1000)
        took.sort()
        out[name] = {
            "cpu": round((time.process_time() - used) * 1000 / RUNS, 1),
            "p50": round(statistics.median(took), 1),
            "p95": round(took[int(len(took) * 0.95)], 1),
            "cards": found,
        }
    for name, question in (("tags", listing.tags), ("creators", listing.creators), ("duplicates", kinship.groups)):
        started = time.perf_counter()
        async with database.reading() as session:
            await question(session, actor)  # type: ignore[operator] # three questions of one shape
        out[name] = {"once": round((time.perf_counter() - started) * 1000, 1)}
    return out


async def _run(number: int, brought: int, data: Path) -> dict[str, Any]:
    load_all()
    settings = config.use(config.load(data=data))
    await asyncio.to_thread(revisions.ensure_newest, settings)
    database = Database()
    use_database(database)
    async with database.writing() as session:
        await accounts.ensure_first_workspace(session)
    speed = await _bring(database, brought)
    there = await _multiply(database, number)
    asked = await _ask(database)
    await database.close()
    return {"bench": "card_library", "brought": brought, **speed, "cards": there, "milliseconds": asked}


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--brought", type=int, default=1000, help="read from files; the rest are copies of their rows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asyncio.run(_run(asked.cards, asked.brought, Path(folder)))))


if __name__ == "__main__":
    main()
