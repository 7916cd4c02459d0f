"""Fills a data folder with as much as an agency would have after years. Rows only; the files behind them are one."""

from __future__ import annotations

import asyncio
import io
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import insert

from ainfluencer.accounts import service as accounts
from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft, Look, Persona
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor
from ainfluencer.core.ids import new_id
from ainfluencer.db import migrate
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database
from ainfluencer.media import service as media
from ainfluencer.media.models import MediaFile
from ainfluencer.publishing.models import Post, PostAsset
from ainfluencer.studio.models import Asset

CHUNK = 5000


def seed(data: Path, *, people: int = 100, assets: int = 100_000, posts: int = 10_000) -> None:
    """Make the rows, once per folder."""
    if (data / "seeded").exists():
        return
    settings = config.use(config.load(data=data))
    data.mkdir(parents=True, exist_ok=True)
    load_all()
    migrate.upgrade(settings)
    asyncio.run(_seed(data, people, assets, posts))
    (data / "seeded").write_text(f"{people} {assets} {posts}\n", "utf-8")


async def _seed(data: Path, people: int, assets: int, posts: int) -> None:
    database = Database()
    use_database(database)
    dice = random.Random(7)
    async with database.writing() as session:
        await accounts.ensure_first_workspace(session)
        await accounts.ensure_cli_key(session, data)
        actor = await accounts.cli_actor(session)
        ids = [(await characters.create(session, actor, _draft(n))).id for n in range(people)]
        file = await media.store(session, actor, _picture(), name="seed")
    asset_ids = await _assets(database, actor, ids, file, assets, dice)
    await _posts(database, actor, ids, asset_ids, posts, dice)
    await database.close()
    use_database(None)


def _draft(number: int) -> CharacterDraft:
    return CharacterDraft(
        name=f"Character {number:03d}",
        bio="Made for measuring.",
        interests=("sea", "bread", "books"),
        persona=Persona(topics=("sea", "bread")),
        look=Look(colours=("teal", "sand")),
    )


def _picture() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((1080, 1350)).convert("RGB").save(out, "PNG")
    return out.getvalue()


async def _assets(
    database: Database, actor: Actor, people: list[str], file: MediaFile, count: int, dice: random.Random
) -> list[str]:
    now, made = clock.now(), []
    for start in range(0, count, CHUNK):
        rows: list[dict[str, Any]] = [
            {
                "id": new_id(),
                "workspace_id": actor.workspace_id,
                "created_at": now - timedelta(minutes=n),
                "updated_at": now,
                "character_id": dice.choice(people),
                "file_id": file.id,
                "kind": "image",
                "title": f"Picture {n}",
                "state": dice.choice(("draft", "approved", "approved", "rejected")),
                "rating": dice.choice(("safe", "safe", "safe", "suggestive")),
                "score": dice.random(),
            }
            for n in range(start, min(start + CHUNK, count))
        ]
        async with database.writing() as session:
            await session.execute(insert(Asset), rows)
        made += [r["id"] for r in rows]
    return made


async def _posts(
    database: Database, actor: Actor, people: list[str], assets: list[str], count: int, dice: random.Random
) -> None:
    now = clock.now()
    for start in range(0, count, CHUNK):
        rows = [
            {
                "id": new_id(),
                "workspace_id": actor.workspace_id,
                "created_at": now - timedelta(minutes=n * 7),
                "updated_at": now,
                "character_id": dice.choice(people),
                "caption": f"Post {n}: a morning by the sea.",
                "hashtags": ["sea"],
                "state": dice.choice(("in_review", "published", "published", "rejected", "draft")),
                "due_at": now - timedelta(minutes=n * 7) + timedelta(days=3),
            }
            for n in range(start, min(start + CHUNK, count))
        ]
        async with database.writing() as session:
            await session.execute(insert(Post), rows)
            await session.execute(
                insert(PostAsset), [{"post_id": r["id"], "position": 0, "asset_id": dice.choice(assets)} for r in rows]
            )
