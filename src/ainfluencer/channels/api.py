"""JSON routes of channels and platforms under /api/v2."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import PlainTextResponse, Response

from ainfluencer.api.schemas import Page, Paged
from ainfluencer.channels import queries, registry, service
from ainfluencer.channels.models import ChannelState
from ainfluencer.channels.schemas import (
    ChannelChanges,
    ChannelOut,
    JobStarted,
    NewChannel,
    PlatformOut,
    channel_out,
    platform_out,
)
from ainfluencer.core.actor import Right
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.integrations.manifest import Access
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["channels"])


@router.get("/platforms")
async def list_platforms(actor: Who) -> Page[PlatformOut]:
    """Every platform with what it can do, its limits, its rules and its computed grade."""
    actor.require(Right.READ)
    return Page(items=[platform_out(m, registry.grade(m.slug)) for m in registry.manifests().values()])


@router.get("/platforms/{slug}")
async def get_platform(actor: Who, slug: str) -> PlatformOut:
    """One platform."""
    actor.require(Right.READ)
    return platform_out(registry.manifest(slug), registry.grade(slug))


@router.get("/platforms/{slug}/icon", response_class=Response)
async def get_icon(actor: Who, slug: str) -> Response:
    """The platform's glyph as SVG."""
    actor.require(Right.READ)
    headers = {
        "Cache-Control": "private, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return Response(registry.icon(slug), media_type="image/svg+xml", headers=headers)


@router.get("/platforms/{slug}/setup", response_class=PlainTextResponse)
async def get_setup(actor: Who, slug: str) -> PlainTextResponse:
    """How a person obtains access, as Markdown."""
    actor.require(Right.READ)
    return PlainTextResponse(registry.setup_text(slug), media_type="text/markdown; charset=utf-8")


@router.get("/channels")
async def list_channels(
    session: Read,
    actor: Who,
    paging: Paged,
    character_id: Annotated[str | None, Query(max_length=26)] = None,
    platform: Annotated[str, Query(max_length=40)] = "",
    state: ChannelState | None = None,
) -> Page[ChannelOut]:
    """Connected accounts, newest first; disconnected ones only when asked for."""
    page = await queries.list_channels(
        session,
        actor,
        character_id=character_id,
        platform=platform,
        state=state or "",
        limit=paging.limit,
        cursor=paging.cursor,
    )
    return Page(items=[channel_out(channel) for channel in page.items], next_cursor=page.next_cursor)


@router.post("/channels", status_code=201)
async def connect(actor: Who, body: NewChannel) -> ChannelOut:
    """Connect an account: tested live first, saved only when it works. The same account again is the same channel."""
    # The test calls outside, so the transaction begins only after it.
    built_in = registry.manifest(body.platform).access == Access.BUILT_IN
    account = None if built_in else await service.probe(actor, body.platform, body.settings, body.secrets)
    async with database().writing() as session:
        return channel_out(await service.connect(session, actor, body, account))


@router.get("/channels/{channel_id}")
async def get_channel(session: Read, actor: Who, channel_id: str) -> ChannelOut:
    """One channel."""
    return channel_out(await queries.get(session, actor, channel_id))


@router.patch("/channels/{channel_id}")
async def update(actor: Who, channel_id: str, body: ChannelChanges) -> ChannelOut:
    """Change a channel; new settings or secrets are tested live first."""
    account = None
    if body.settings is not None or body.secrets is not None:
        async with database().reading() as session:
            channel = await queries.get(session, actor, channel_id)
        account = await service.probe(actor, channel.platform, *service.merged(channel, body))
    async with database().writing() as session:
        return channel_out(await service.update(session, actor, channel_id, body, account))


@router.delete("/channels/{channel_id}")
async def disconnect(session: Write, actor: Who, channel_id: str) -> ChannelOut:
    """Forget the secrets; what was published stays on record."""
    return channel_out(await service.disconnect(session, actor, channel_id))


@router.put("/channels/{channel_id}/pause")
async def pause(session: Write, actor: Who, channel_id: str) -> ChannelOut:
    """Stop using the channel for now."""
    return channel_out(await service.pause(session, actor, channel_id))


@router.delete("/channels/{channel_id}/pause")
async def resume(session: Write, actor: Who, channel_id: str) -> ChannelOut:
    """Use the channel again."""
    return channel_out(await service.resume(session, actor, channel_id))


@router.post("/channels/{channel_id}/check", status_code=202)
async def check(session: Write, actor: Who, channel_id: str) -> JobStarted:
    """Test the channel against its platform, as a job; its result says what was found and what to do."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    job = await engine.enqueue(
        session,
        actor,
        "channels.check",
        {"channel_id": channel.id},
        title=f"Check {channel.title}"[:200],
        subject=("channel", channel.id),
    )
    return JobStarted(job_id=job.id)
