"""A small world for tests of publishing: a character, channels on the doubles, posts, and running a delivery by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun, Later
from ainfluencer.engine.models import Job
from ainfluencer.media import service as media
from ainfluencer.publishing import delivery, queries, service
from ainfluencer.publishing.models import Delivery, Post
from ainfluencer.publishing.schemas import NewPost
from ainfluencer.studio.models import Asset
from tests.support.doubles import MANIFESTS


async def add_character(db: Database, actor: Actor, name: str = "Mira") -> str:
    """A character; its id."""
    async with db.writing() as session:
        return (await characters.create(session, actor, CharacterDraft(name=name, age=27))).id


async def add_channel(db: Database, actor: Actor, platform: str, url: str = "http://127.0.0.1:9", **values: Any) -> str:
    """A connected channel on one of the doubles; its id."""
    async with db.writing() as session:
        channel = Channel(
            workspace_id=actor.workspace_id,
            platform=platform,
            account_key=values.pop("account_key", f"ada@{platform}"),
            title=f"{MANIFESTS[platform].title} of Ada",
            state=values.pop("state", ChannelState.CONNECTED),
            settings={"url": url},
            **values,
        )
        session.add(channel)
    return channel.id


async def add_asset(
    db: Database, actor: Actor, character_id: str, *, size: tuple[int, int] = (40, 50), **values: Any
) -> str:
    """A picture in the library; its id."""
    import io  # noqa: PLC0415

    out = io.BytesIO()
    Image.new("RGB", size, (size[0] % 255, 90, 120)).save(out, values.pop("format", "PNG"))
    async with db.writing() as session:
        file = await media.store(session, actor, out.getvalue(), filename="harbour.png")
        await session.flush()
        asset = Asset(
            workspace_id=actor.workspace_id,
            character_id=character_id,
            file_id=file.id,
            kind="image",
            alt_text=values.pop("alt_text", "A harbour at dusk"),
            **values,
        )
        session.add(asset)
    return asset.id


async def add_post(db: Database, actor: Actor, character_id: str, channels: Sequence[str], **values: Any) -> Post:
    """A post in review."""
    values.setdefault("caption", "Good morning, harbour.")
    async with db.writing() as session:
        new = NewPost(character_id=character_id, channel_ids=tuple(channels), **values)
        return await service.create_post(session, actor, new)


async def approved(db: Database, actor: Actor, post_id: str, *, now: bool = False) -> Post:
    """The post, approved, and on its way if `now`."""
    async with db.writing() as session:
        post = await service.approve(session, actor, post_id)
        return await service.publish_now(session, actor, post_id) if now else post


async def deliver(db: Database, delivery_id: str, *, times: int = 10) -> Delivery:
    """Run the delivery's job as the engine would, without waiting between its tries."""
    for _ in range(times):
        async with db.reading() as session:
            row = await session.get_one(Delivery, delivery_id)
            run = JobRun(await session.get_one(Job, row.job_id))
        try:
            await delivery.deliver(run)
        except Later:
            continue
        break
    return await fresh(db, delivery_id)


async def fresh(db: Database, delivery_id: str) -> Delivery:
    """The delivery as it is now."""
    async with db.reading() as session:
        return await session.get_one(Delivery, delivery_id)


async def deliveries(db: Database, actor: Actor, post_id: str) -> Sequence[Delivery]:
    """The deliveries of a post."""
    async with db.reading() as session:
        return await queries.deliveries_of(session, actor, post_id)


async def post_now(db: Database, actor: Actor, post_id: str) -> Post:
    """The post as it is now."""
    async with db.reading() as session:
        return await queries.get(session, actor, post_id)
